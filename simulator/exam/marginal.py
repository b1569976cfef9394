"""How much a simulated plant looks like recorded machines: figures of single series, the same for both."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulator.batch import Batch
from simulator.life.duty import IDLE_LOAD, Site
from simulator.life.machine import HIGH_MODE, MODES, Floats, Longs, Variant
from simulator.life.plant import Unit, stream
from simulator.replay import cmapss, hydraulic, nab
from simulator.replay.files import ReplayError
from simulator.replay.recording import Recording

STEPS: Final = (1, 6, 144)  # lags, in spans of a series
READINGS_MIN: Final = 50
GAP: Final = 2.5  # median intervals
SETS: Final = (
    ("nab", nab.read, "machine_temperature"),
    ("hydraulic_uci447_subset", hydraulic.read, ""),
    ("cmapss", cmapss.read, "train_FD001"),
)


def describe(ts: Longs, value: Floats) -> dict[str, float]:
    """Autocorrelation, share of gaps, excess kurtosis of values and of their steps.

    >>> describe(np.arange(400), np.random.default_rng(1).normal(size=400))["gaps"]
    0.0
    """
    between = np.diff(ts)
    found = {f"lag {lag}": _correlation(value, lag) for lag in STEPS}
    gaps = float(np.mean(between > GAP * np.median(between)))
    return {**found, "gaps": gaps, "kurtosis": _kurtosis(value), "kurtosis of steps": _kurtosis(np.diff(value))}


def recorded(folder: Path) -> Iterator[dict[str, Any]]:
    """A row for each recorded set under a folder: medians over its series."""
    for name, read, part in SETS:
        try:
            recording = read(folder / name)
        except ReplayError:
            continue
        rows = [describe(ts, value) for ts, value in _series(recording, part)]
        if rows:
            yield row(name if not part else f"{name}: {part}", rows)


def simulated(variant: Variant, place: Site, units: Sequence[Unit], period_s: int) -> dict[str, Any]:
    """The row of a simulated plant: medians over the channels of some machines."""
    rows = []
    for what in units:
        sent = stream(variant, place, what, begin_us=0, period_s=period_s)
        for channel in range(len(what.sensors)):
            here = np.flatnonzero(sent.channel == channel)
            order = here[np.argsort(sent.ts[here], kind="stable")]
            rows.append(describe(sent.ts[order], sent.value[order]))
    return row(f"variant {variant.name}", rows)


def mix(units: Sequence[Unit]) -> dict[str, float]:
    """Share of the hours in each mode, repairs included."""
    running = np.concatenate([what.asked.running for what in units])
    load = np.concatenate([100.0 * np.where(what.asked.idle, IDLE_LOAD, what.asked.load) for what in units])
    cleaning = running & np.concatenate([what.asked.cleaning for what in units])
    found = {"off": float(np.mean(~running)), "cleaning": float(np.mean(cleaning))}
    for name, _, low, high in (*MODES[1:], HIGH_MODE):
        found[name] = float(np.mean(running & ~cleaning & (load >= low) & (load < high)))
    return found


def row(name: str, rows: list[dict[str, float]]) -> dict[str, Any]:
    """Medians over series."""
    middles = {key: float(np.nanmedian([each[key] for each in rows])) for key in rows[0]}
    return {"set": name, "series": len(rows), **middles}


def _series(recording: Recording, part_name: str) -> Iterator[tuple[Longs, Floats]]:
    for part in recording.parts:
        if part_name not in part.name:
            continue
        batches = list(part.batches())
        whole = Batch(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in ("sensor", "ts", "value")))
        for sensor in range(len(part.tags)):
            here = whole.sensor == sensor
            if np.count_nonzero(here) >= READINGS_MIN and np.std(whole.value[here]) > 0:
                order = np.argsort(whole.ts[here], kind="stable")
                yield whole.ts[here][order], whole.value[here][order]


def _correlation(value: Floats, lag: int) -> float:
    if len(value) <= 2 * lag or not np.std(value[:-lag]) * np.std(value[lag:]):
        return float("nan")
    return float(np.corrcoef(value[:-lag], value[lag:])[0, 1])


def _kurtosis(value: Floats) -> float:
    centred = value - value.mean()
    return float(np.mean(centred**4) / max(np.mean(centred**2) ** 2, 1e-300) - 3.0)
