"""Zones as they change: a measuring point that enters zone C or D is a condition of the machine, a pure step over windows.

A zone is worse, or better again, after HOLD steady windows of ten minutes on end, and better only by 5 % below the limit. The
root mean square of a window counts, as in `maint zones`. Which standard judges a point is looked up elsewhere and handed in.
All goes by the event time of windows: rest and changes of mode count for neither side, and a day of them ends the condition.
A point that changed against its accepted reference is another condition (processors/change.py), judged by the same windows.
"""

from collections.abc import Callable, Iterator, Mapping
from math import nan
from typing import Final

from processors import change, joined, zones
from processors.daily import UNSTEADY
from processors.machine import Machine
from processors.place import BAND, DETECTOR, HOLD, LAPSE_US, WINDOW_S, Place, Record, State, evidence, judged, places, point, values

__all__ = ["DETECTOR", "WINDOW_S", "About", "concerns", "empty", "places", "step"]

About = Callable[[str], "Machine | str"]  # asset -> what is known of it, or why nothing is

RANKS: Final = {"A": 0, "B": 0, "C": 1, "D": 2}
KINDS: Final = ("", "limit_high", "limit_hh")
SEVERITIES: Final = (0, 4, 5)
OWN: Final = ""  # key of the state beside those of assets, whose names are not empty


def empty() -> State:
    """State of one partition before its first record.

    By asset and point, those that are or may become conditions; beside them, under OWN: by asset and sensor those that changed or may
    have, and by asset what its windows are joined from.
    """
    return {}


def concerns(state: State, asset: str) -> bool:
    """Whether something is or may become a condition of an asset."""
    return asset in state or asset in state.get(OWN, {}).get("changes", ())


def step(state: State, record: Record, *, schema: str, known_at_us: int, origin: Record, about: About) -> list[Record]:  # noqa: ARG001  the signature of every step
    """Evidence that one Features record causes; changes `state` in place."""
    if record["window_s"] != WINDOW_S:
        return []
    asset = record["asset_id"]
    joins = state.setdefault(OWN, {"joins": {}, "changes": {}})["joins"]
    windows = joined.whole(joins.setdefault(asset, joined.empty()), record)
    made = [each for window in windows for each in _window(state, window, about(asset))]
    return [{**each, "known_at": known_at_us, "origin": {**origin, "nth": nth}} for nth, each in enumerate(made)]


def _window(state: State, record: Record, machine: Machine | str) -> list[Record]:
    """What one whole window gives rise to, without time and cause."""
    asset, every = record["asset_id"], state[OWN]["changes"]
    held, changes = state.get(asset, {}), every.get(asset, {})
    made = [*_lapsed(held, record), *change.lapsed(changes, record)]
    if isinstance(machine, Machine) and record["mode"] not in UNSTEADY:
        for place in places(machine):
            measured = values(place, record)
            if zone := _zone(place, machine, measured):
                made += _seen(held, place, zone, record)
            made += change.seen(changes, place, machine, measured, record)
    for kept, cases in ((state, held), (every, changes)):
        kept[asset] = cases
        if not cases:
            del kept[asset]  # nearly always
    return made


def _zone(place: Place, machine: Machine, measured: Mapping[str, float]) -> tuple[zones.Zone, int] | None:
    """The zone of a window and the rank it would have with values 5 % higher; None where there is no zone."""
    zone, raised = (zones.zone(point(measured, factor), judged(place, machine)) for factor in (1.0, 1.0 / (1.0 - BAND)))
    return None if isinstance(zone, zones.NoZone) or isinstance(raised, zones.NoZone) else (zone, RANKS[raised.letter])


def _seen(held: State, place: Place, found: tuple[zones.Zone, int], record: Record) -> Iterator[Record]:
    """Count a judged window; what it begins or ends."""
    zone, raised = found
    rank, start = RANKS[zone.letter], record["start"]
    case = held.get(place.name)
    if case is None:
        if rank == 0:
            return  # nearly always: nothing is kept of a healthy point
        case = held[place.name] = {"told": 0, "run": 0, "to": 0, "since": 0, "end": 0, "last": -1, "as": None}
    if start <= case["last"]:
        return  # late
    case["last"], told = start, case["told"]
    wish = rank if rank > told else min(told, raised)
    if wish >= told:
        case["end"] = start + WINDOW_S * 1_000_000
    if wish != told:
        if not case["run"] or (wish > told) != (case["to"] > told):
            case.update(run=0, to=wish, since=start)
        case["run"] += 1
        case["to"] = min(case["to"], wish) if wish > told else max(case["to"], wish)
        if case["run"] >= HOLD:
            yield from _change(case, place, zone, record)
    else:
        case["run"] = 0
    if not case["told"] and not case["run"]:
        del held[place.name]


def _change(case: State, place: Place, zone: zones.Zone, record: Record) -> Iterator[Record]:
    """The new zone begins before the old one ends, so that no episode ends in between."""
    before, rank = case["as"], case["to"]
    case.update(told=rank, run=0, **{"as": None})
    if rank:
        limit = zone.limits[rank]
        case["as"] = {
            "sensor_id": place.sensors[zone.criterion],
            "kind": KINDS[rank],
            "since": case["since"],
            "severity": SEVERITIES[rank],
            "threshold": limit,
            "model": zone.standard,
        }
        yield evidence(case["as"], record, "on", zone.value, record["start"] + WINDOW_S * 1_000_000)
    if before:
        yield evidence(before, record, "off", zone.value, case["end"])


def _lapsed(held: State, record: Record) -> Iterator[Record]:
    """What nobody could judge for a day is over."""
    for name in [name for name, case in held.items() if record["start"] - case["last"] >= LAPSE_US]:
        case = held.pop(name)
        if case["as"]:
            yield evidence(case["as"], record, "off", nan, case["end"])
