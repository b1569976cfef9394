"""Signals to rows of the catalogue's sheet. Pure: what is doubtful is said in the column `note`."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from bridge.onboard.running import rule
from bridge.onboard.signal import Signal
from catalogue.columns import HEADER
from catalogue.grammar import number, write_run_state
from catalogue.sheet import NOTE
from catalogue.units import KNOWN, SPELLINGS, UNITS, spelled
from processors.quantity import infer

COLUMNS: Final = (*HEADER, NOTE)
UNKNOWN: Final = "general"  # what infer() answers for a name that tells nothing
READINGS_MIN: Final = 10  # fewer tell nothing about the way of reporting
REGULAR_SHARE: Final = 0.8  # of the intervals of a periodic signal lie near their median
REGULAR_BAND: Final = 0.2
CLASSES: Final = ("pump", "fan", "motor", "gearbox", "compressor", "conveyor")
WORD: Final = re.compile(r"[a-z]+")


def rows(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    """A row per asset, then one per sensor, ordered by name; cells that nothing is known of are left out."""
    found = sorted(signals, key=lambda signal: (signal.asset_id, signal.sensor_id))
    sensors = [(signal, _sensor(signal)) for signal in found]
    names = dict.fromkeys(signal.asset_id for signal in found)
    assets = [_asset(name, [(signal, row["quantity"]) for signal, row in sensors if signal.asset_id == name]) for name in names]
    return [*assets, *(row for _, row in sensors)]


def write(path: Path, proposed: Sequence[Mapping[str, Any]]) -> None:
    """The sheet as CSV with all columns of the catalogue, to be corrected and given to `maint catalogue import`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(proposed)


def unit(text: str) -> tuple[str, str]:
    """The catalogue's spelling of a unit, and a doubt, empty if there is none.

    >>> unit("°C"), unit("U/min"), unit("furlong")
    (('degC', ''), ('r/min', ''), ('furlong', 'unit furlong is unknown: correct its spelling, or keep it'))
    """
    plain = spelled(text)
    if not plain:
        return "", "no unit stated: write it"
    return plain, "" if plain in KNOWN else f"unit {plain} is unknown: correct its spelling, or keep it"


def reporting(signal: Signal) -> tuple[str, float | None, str]:
    """How a signal reports, its period or longest interval in seconds, and a doubt.

    >>> reporting(Signal("pump-7", "pump-7.temp", intervals=[1_000_000] * 20, longest=1_000_000, forth=20))
    ('periodic', 1.0, '')
    """
    times = signal.back + signal.forth + 1 if signal.count or signal.intervals else 0
    if times < READINGS_MIN:
        return "unknown", None, f"only {times} readings seen: the way of reporting is unknown"
    gaps = [interval / 1e6 for interval in signal.intervals]
    middle = median(gaps)
    near = sum(abs(gap - middle) <= REGULAR_BAND * middle for gap in gaps)
    if near >= REGULAR_SHARE * len(gaps):
        return "periodic", _rounded(middle), ""
    return "by_exception", _rounded(signal.longest / 1e6), "period_s is the longest interval seen: state the longest one there can be"


def quantity(name: str, unit: str) -> tuple[str, str]:
    """The quantity from name and unit, and a doubt."""
    named = infer(name)
    fitting = [name for name, units in UNITS.items() if unit in {SPELLINGS.get(entry, entry) for entry in units}]
    if named != UNKNOWN and (named in fitting or not fitting):
        return named, ""
    if not fitting:
        return "", "neither the name nor the unit tells the quantity: write it"
    if named != UNKNOWN:
        return "", f"the name sounds like {named}, the unit {unit} does not: write quantity and unit"
    if len(fitting) == 1:
        return fitting[0], ""
    return "", f"the unit {unit} fits {', '.join(fitting)}: write the quantity"


def _asset(name: str, measured: Sequence[tuple[Signal, str]]) -> dict[str, Any]:
    words = WORD.findall(name.lower())
    machine = next((known for known in CLASSES if known in words), "")
    proposed = rule(measured)
    run, doubt = "", "no run rule: without one stops look like faults; write run_state if a sensor shows when it runs"
    if proposed is not None:
        run, sensor = write_run_state(proposed[0]), proposed[0]["sensor_id"]
        doubt = f"run_state is a proposal: {sensor} rests near 0 and runs near {number(float(f'{proposed[1]:.3g}'))}; check it"
    notes = ["" if machine else "class: write it, or leave it empty", doubt]
    return {"kind": "asset", "asset_id": name, "class": machine, "run_state": run, "note": "; ".join(filter(None, notes))}


def _sensor(signal: Signal) -> dict[str, Any]:
    written, unit_doubt = unit(signal.unit)
    named, quantity_doubt = quantity(signal.sensor_id.removeprefix(signal.asset_id), written)
    mode, period, mode_doubt = reporting(signal)
    doubts = [*signal.doubts, unit_doubt, quantity_doubt, mode_doubt, *_doubts(signal)]
    return {
        "kind": "sensor",
        "asset_id": signal.asset_id,
        "sensor_id": signal.sensor_id,
        "quantity": named,
        "unit": written,
        "range_low": "" if signal.low is None else signal.low,
        "range_high": "" if signal.high is None else signal.high,
        "reporting": mode,
        "period_s": "" if period is None else period,
        "note": "; ".join(filter(None, doubts)),
    }


def _doubts(signal: Signal) -> list[str]:
    if signal.lowest > signal.highest:
        return ["no value seen"]
    low, high = signal.lowest, signal.highest
    told = []
    if low == high and signal.count >= READINGS_MIN:
        told.append(f"never moved from {low:g}")
    if signal.low is not None and signal.high is not None and (low < signal.low or high > signal.high):
        told.append(f"values from {low:g} to {high:g} leave the stated span: is its unit another one?")
    if signal.low is None:
        told.append(f"no span stated; seen {low:g} to {high:g}")
    if signal.back and signal.forth:
        told.append(f"the times are not in order: {min(signal.back, signal.forth)} of {signal.count} readings")
    return told


def _rounded(seconds: float) -> float:
    return float(f"{seconds:.3g}")
