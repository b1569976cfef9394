"""Zones as they change: a measuring point that enters zone C or D is a condition of the machine, a pure step over windows.

A zone is worse, or better again, after HOLD steady windows of ten minutes on end, and better only by 5 % below the limit. The
root mean square of a window counts, as in `maint zones`. Which standard judges a point is looked up elsewhere and handed in.
All goes by the event time of windows: rest and changes of mode count for neither side, and a day of them ends the condition.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, Final

from processors import zones
from processors.daily import UNSTEADY
from processors.machine import Machine
from processors.pattern.row import cells

Record = dict[str, Any]
State = dict[str, Any]
About = Callable[[str], "Machine | str"]  # asset -> what is known of it, or why nothing is

DETECTOR: Final = "vibration/zone"
WINDOW_S: Final = 600
HOLD: Final = 3  # windows on end
BAND: Final = 0.05  # of the limit: a zone is left only so far below it
GOOD_MIN: Final = 0.9  # share of Good readings of a window
LAPSE_US: Final = 86_400_000_000
VIBRATION: Final = "vibration"
VELOCITY, DISPLACEMENT = ":velocity_rms", ":displacement_rms"
UNITS: Final = {"mm/s": "velocity", "um": "displacement", "µm": "displacement", "μm": "displacement"}
RANGE_HZ: Final = (10.0, 1000.0)  # of transmitters (ISO 2954) and of frames; a narrower one shows less, so what is beyond stays beyond
RANKS: Final = {"A": 0, "B": 0, "C": 1, "D": 2}
KINDS: Final = ("", "limit_high", "limit_hh")
SEVERITIES: Final = (0, 4, 5)


@dataclass(frozen=True, slots=True)
class Place:
    """A measuring point: its sensors by criterion (velocity, displacement), and how it is mounted."""

    name: str
    sensors: Mapping[str, str]
    support: str = ""


def empty() -> State:
    """State of one partition before its first record: by asset and point, of those that are or may become conditions."""
    return {}


def places(machine: Machine) -> list[Place]:
    """Points of a machine that a standard may judge, by name: a sensor of frames, or a transmitter of rms values.

    >>> from processors.machine import Sensor
    >>> known = [Sensor("M.v", VIBRATION, unit="mm/s", statistic="rms"), Sensor("M.f:velocity_rms", VIBRATION), Sensor("M.g", VIBRATION)]
    >>> [(place.name, dict(place.sensors)) for place in places(Machine("M", sensors={each.name: each for each in known}))]
    [('M.f', {'velocity': 'M.f:velocity_rms'}), ('M.v', {'velocity': 'M.v'})]
    """
    found = []
    for name, sensor in machine.sensors.items():
        source = name.removesuffix(VELOCITY)
        if source != name:
            beside = {"displacement": source + DISPLACEMENT} if source + DISPLACEMENT in machine.sensors else {}
            found.append(Place(source, {"velocity": name} | beside, machine.sensors.get(source, sensor).support))
        elif sensor.quantity == VIBRATION and sensor.unit in UNITS and sensor.statistic == "rms" and not sensor.by_exception:
            found.append(Place(name, {UNITS[sensor.unit]: name}, sensor.support))
    return sorted(found, key=lambda place: place.name)


def step(state: State, record: Record, *, schema: str, known_at_us: int, origin: Record, about: About) -> list[Record]:  # noqa: ARG001  the signature of every step
    """Evidence that one Features record causes; changes `state` in place."""
    if record["window_s"] != WINDOW_S:
        return []
    asset, machine = record["asset_id"], about(record["asset_id"])
    held: State = state.get(asset, {})
    made = list(_lapsed(held, record))
    if isinstance(machine, Machine) and record["mode"] not in UNSTEADY:
        for place in places(machine):
            if zone := _zone(place, machine, record):
                made += _seen(held, place, zone, record)
    if held:
        state[asset] = held
    else:
        state.pop(asset, None)
    return [{**each, "known_at": known_at_us, "origin": {**origin, "nth": nth}} for nth, each in enumerate(made)]


def _zone(place: Place, machine: Machine, record: Record) -> tuple[zones.Zone, int] | None:
    """The zone of a window and the rank it would have with values 5 % higher; None where there is no zone."""
    values = {}
    for criterion, sensor in place.sensors.items():
        found = cells(record, (f"{sensor}.rms", f"{sensor}.good"))
        if found and found[0] == found[0] and found[1] >= GOOD_MIN:
            values[criterion] = found[0]
    plate = machine.plate
    support = place.support or plate.support
    judged = zones.Machine(machine.kind, plate.power_kw, plate.shaft_height_mm, plate.speed_rpm, support, plate.group)
    zone, raised = (zones.zone(_point(values, factor), judged) for factor in (1.0, 1.0 / (1.0 - BAND)))
    return None if isinstance(zone, zones.NoZone) or isinstance(raised, zones.NoZone) else (zone, RANKS[raised.letter])


def _point(values: Mapping[str, float], factor: float) -> zones.Point:
    velocity, displacement = (values[name] * factor if name in values else None for name in ("velocity", "displacement"))
    return zones.Point(velocity, displacement, *RANGE_HZ)


def _seen(held: State, place: Place, found: tuple[zones.Zone, int], record: Record) -> Iterator[Record]:
    """Count a judged window; what it begins or ends."""
    zone, raised = found
    rank, start = RANKS[zone.letter], record["start"]
    point = held.get(place.name)
    if point is None:
        if rank == 0:
            return  # nearly always: nothing is kept of a healthy point
        point = held[place.name] = {"told": 0, "run": 0, "to": 0, "since": 0, "end": 0, "last": -1, "as": None}
    if start <= point["last"]:
        return  # late
    point["last"], told = start, point["told"]
    wish = rank if rank > told else min(told, raised)
    if wish >= told:
        point["end"] = start + WINDOW_S * 1_000_000
    if wish != told:
        if not point["run"] or (wish > told) != (point["to"] > told):
            point.update(run=0, to=wish, since=start)
        point["run"] += 1
        point["to"] = min(point["to"], wish) if wish > told else max(point["to"], wish)
        if point["run"] >= HOLD:
            yield from _change(point, place, zone, record)
    else:
        point["run"] = 0
    if not point["told"] and not point["run"]:
        del held[place.name]


def _change(point: State, place: Place, zone: zones.Zone, record: Record) -> Iterator[Record]:
    """The new zone begins before the old one ends, so that no episode ends in between."""
    before, rank = point["as"], point["to"]
    point.update(told=rank, run=0, **{"as": None})
    if rank:
        limit = zone.limits[rank]
        point["as"] = {
            "sensor_id": place.sensors[zone.criterion],
            "kind": KINDS[rank],
            "since": point["since"],
            "severity": SEVERITIES[rank],
            "threshold": limit,
            "model": zone.standard,
        }
        yield _evidence(point["as"], record, "on", zone.value, record["start"] + WINDOW_S * 1_000_000)
    if before:
        yield _evidence(before, record, "off", zone.value, point["end"])


def _lapsed(held: State, record: Record) -> Iterator[Record]:
    """What nobody could judge for a day is over."""
    for name in [name for name, point in held.items() if record["start"] - point["last"] >= LAPSE_US]:
        point = held.pop(name)
        if point["as"]:
            yield _evidence(point["as"], record, "off", nan, point["end"])


def _evidence(told: State, record: Record, phase: str, value: float, ts: int) -> Record:
    return {
        **told,
        "asset_id": record["asset_id"],
        "gateway": "",
        "detector": DETECTOR,
        "subject": "machine",
        "phase": phase,
        "ts": ts,
        "value": value,
        "expected": told["threshold"],
        "surprise": nan,
        "historical": record["historical"],
        "mode": record["mode"],
        "contributions": {},
    }
