"""Changes of vibration: a point that left its accepted reference by more than 25 % of the limit B/C, up or down, in any zone.

Criterion II of ISO 20816-1. It is a condition after HOLD steady windows on end, and over after as many that are 5 % of that distance
inside. Each sensor of a point is judged by itself, against what a person accepted of it in the mode of the window.
"""

from collections.abc import Iterator, Mapping
from math import copysign, nan
from typing import Final

from processors import zones
from processors.machine import Machine, Reference
from processors.pattern.row import cells
from processors.place import BAND, HOLD, LAPSE_US, WINDOW_S, Place, Record, State, evidence, judged, point

DETECTOR: Final = "vibration/change"
KIND: Final = "drift"
SEVERITY: Final = 3  # below zone C: it matters in A and B, too


def seen(held: State, place: Place, machine: Machine, measured: Mapping[str, float], record: Record) -> Iterator[Record]:
    """Count the values of a window; what they begin or end.

    Args:
        held: of the asset, by sensor: those that are or may become conditions; changed in place.
        place: the point.
        machine: whose point it is.
        measured: by criterion.
        record: the window, with all the asset sent.

    """
    for criterion, value in measured.items():
        sensor = place.sensors[criterion]
        found = zones.zone(point({criterion: value}), judged(place, machine))
        reference = accepted(machine, sensor, record["mode"])
        if reference is not None and isinstance(found, zones.Zone):
            means = _means(record, reference)
            if reference.driven(means):
                yield from _counted(held, sensor, value, reference.expected(means), found, record)


def lapsed(held: State, record: Record) -> Iterator[Record]:
    """What nobody could judge for a day is over."""
    for sensor in [sensor for sensor, case in held.items() if record["start"] - case["last"] >= LAPSE_US]:
        case = held.pop(sensor)
        if case["as"]:
            yield evidence(case["as"], record, "off", nan, case["end"])


def accepted(machine: Machine, sensor: str, mode: str) -> Reference | None:
    """What a person accepted of a sensor in a mode.

    A machine that has modes is not judged while nobody knows which: at rest it vibrates less.
    """
    if machine.moded and not mode:
        return None
    found = machine.sensors[sensor].references.get(mode)
    return found if found and found.accepted else None


def _means(record: Record, reference: Reference) -> dict[str, float]:
    found = {driver.sensor: cells(record, (f"{driver.sensor}.mean",)) for driver in reference.drivers}
    return {sensor: cell[0] for sensor, cell in found.items() if cell}


def _counted(held: State, sensor: str, value: float, expected: float, found: zones.Zone, record: Record) -> Iterator[Record]:
    start, room = record["start"], zones.CHANGE * found.limits[1]
    away = zones.changed(value, expected, found.limits[1])
    if sensor not in held and not away:
        return  # nearly always
    case = held.setdefault(sensor, {"run": 0, "since": start, "end": 0, "last": -1, "as": None})
    if start <= case["last"]:
        return  # late
    case["last"] = start
    if away or (case["as"] and abs(value - expected) > (1.0 - BAND) * room):
        case["end"] = start + WINDOW_S * 1_000_000
        case["run"] = 0 if case["as"] else case["run"] + 1
        if case["run"] >= HOLD:
            about = {"sensor_id": sensor, "detector": DETECTOR, "kind": KIND, "severity": SEVERITY, "model": found.standard}
            bound = expected + copysign(room, value - expected)
            case["as"] = {**about, "since": case["since"], "expected": expected, "threshold": bound}
            case["run"] = 0
            yield evidence(case["as"], record, "on", value, case["end"])
        return
    case["run"] += 1
    if case["as"] and case["run"] < HOLD:
        return
    del held[sensor]
    if case["as"]:
        yield evidence(case["as"], record, "off", value, case["end"])
