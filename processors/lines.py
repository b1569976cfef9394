"""Lines of damaged bearings as they come: a part that stands out of stored envelope spectra is a condition of the machine.

A pure step over the spectra of one partition. A part is a condition when HOLD envelopes on end name it, and over when QUIET on end
do not, each by the rule of `processors/diagnosis.py`. The speed is that of the shaft's own lines in the velocity spectrum of the same
frame, near the rated one: by the rated speed alone, or from joined lines, nothing is judged. Rest counts for neither side.
"""

from collections.abc import Callable, Iterator
from math import nan
from typing import Any, Final

import numpy as np

from processors.daily import UNSTEADY
from processors.diagnosis import SURPRISE_MIN, Finding, diagnose
from processors.envelope import Band, Envelope
from processors.machine import Machine
from processors.naming import SHORT
from processors.spectrum import Spectrum
from processors.speed import turning_hz

Record = dict[str, Any]
State = dict[str, Any]
About = Callable[[str], "Machine | str"]  # asset -> what is known of it, or why nothing is

DETECTOR: Final = "vibration/envelope"
KIND: Final = "pattern"
SEVERITY: Final = 2  # damage that no limit shows yet
HOLD: Final = 3  # envelopes on end
QUIET: Final = 3
LAPSE_US: Final = 7 * 86_400_000_000  # without an envelope that could be judged


def empty() -> State:
    """State of one partition before its first record: by sensor of frames."""
    return {}


def step(state: State, record: Record, *, schema: str, known_at_us: int, origin: Record, about: About) -> list[Record]:  # noqa: ARG001  the signature of every step
    """Evidence that one Spectrum record causes; changes `state` in place."""
    machine, name = about(record["asset_id"]), record["sensor_id"]
    if isinstance(machine, str) or not machine.plate.bearings or not machine.plate.speed_rpm:
        return []
    held = state.setdefault(name, {"hz": [-1, None], "last": -1, "parts": {}})
    if record["kind"] == "velocity":
        held["hz"] = [record["ts"], turning_hz(_loaded(record), machine.plate.speed_rpm / 60.0)]
        return []
    if record["kind"] != "envelope" or record["ts"] <= held["last"]:
        return []  # late
    made = list(_lapsed(held, record))
    ts, hz = held["hz"]
    if hz is not None and ts == record["ts"] and record["mode"] not in UNSTEADY and not record["first_hz"]:
        held["last"] = record["ts"]
        made += _counted(held["parts"], _found(machine, record, hz), record)
    return [{**each, "known_at": known_at_us, "origin": {**origin, "nth": nth}} for nth, each in enumerate(made)]


def _found(machine: Machine, record: Record, shaft_hz: float) -> dict[str, Finding]:
    """Damaged parts by the name of their line; with the bearing's point where the sensor may mean several."""
    point = machine.sensors[record["sensor_id"]].point if record["sensor_id"] in machine.sensors else ""
    bearings = [each for each in machine.plate.bearings if not point or each[0] == point]
    envelope = Envelope(_loaded(record), Band(record["band_low_hz"] or 0.0, record["band_high_hz"] or 0.0, 0.0))
    found = {}
    for where, bearing in bearings:
        for each in diagnose(envelope, bearing, shaft_hz * 60.0).findings:
            found[SHORT[each.part] if len(bearings) == 1 else f"{SHORT[each.part]} {where}"] = each
    return found


def _loaded(record: Record) -> Spectrum:
    amplitude = np.frombuffer(record["amplitude_f4"], "<f4").astype(np.float64)
    return Spectrum(record["kind"], record["unit"], record["first_hz"], record["df_hz"], amplitude, record["enbw_lines"])


def _counted(parts: State, found: dict[str, Finding], record: Record) -> Iterator[Record]:
    """Count the parts of one envelope; what it begins or ends."""
    for line in sorted(found.keys() | parts.keys()):
        part = parts.setdefault(line, {"run": 0, "clear": 0, "since": 0, "end": 0, "told": False})
        if line in found:
            part.update(since=part["since"] if part["run"] else record["ts"], run=part["run"] + 1, clear=0, end=record["ts"])
            if not part["told"] and part["run"] >= HOLD:
                part.update(told=True, begun=part["since"])
                yield _evidence(line, part, record, "on", found[line])
            continue
        part.update(run=0, clear=part["clear"] + 1)
        if part["told"] and part["clear"] < QUIET:
            continue
        del parts[line]
        if part["told"]:
            yield _evidence(line, part, record, "off", None)


def _lapsed(held: State, record: Record) -> Iterator[Record]:
    """What nobody could judge for a week is over."""
    if held["last"] < 0 or record["ts"] - held["last"] < LAPSE_US:
        return
    for line, part in sorted(held["parts"].items()):
        if part["told"]:
            yield _evidence(line, part, record, "off", None)
    held["parts"] = {}


def _evidence(line: str, part: State, record: Record, phase: str, found: Finding | None) -> Record:
    """The sensor is named with the line, as its other derived sensors are: `P1.vib:BPFO`."""
    return {
        "asset_id": record["asset_id"],
        "sensor_id": f"{record['sensor_id']}:{line}",
        "gateway": "",
        "detector": DETECTOR,
        "kind": KIND,
        "subject": "machine",
        "phase": phase,
        "ts": record["ts"] if found else part["end"],
        "since": part["begun"],
        "value": found.strength if found else nan,
        "expected": nan,
        "surprise": found.surprise if found else nan,
        "threshold": SURPRISE_MIN,
        "severity": SEVERITY,
        "historical": record["historical"],
        "mode": record["mode"],
        "model": "",
        "contributions": {},
    }
