"""A class applied to assets: blanks are filled, what a person stated stays, and what differs from the class is told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from catalogue.classes import Class, Expected
from catalogue.columns import ASSET, SENSOR
from catalogue.entry import Catalogue, Entry, blank
from catalogue.units import same

FILLED: Final = ("quantity", "unit", "point", "direction", "statistic")
DELAYS_S: Final = {  # of limits, seconds: starting values of ISA-18.2; current and vibration: estimate, a start must not ring
    "temperature": 60.0,
    "level": 60.0,
    "flow": 15.0,
    "pressure": 15.0,
    "current": 15.0,
    "vibration": 15.0,
}
OUT: Final = "decommissioned"
NEAR: Final = 5  # names that are offered where none fits


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where an asset differs from its class; nothing of it is changed."""

    asset: str
    sensor: str
    problem: str


@dataclass(frozen=True, slots=True)
class Applied:
    """Entries with their blanks filled (those unchanged, too), and deviations."""

    entries: list[Entry]
    deviations: list[Deviation]


def apply(machine: Class, known: Catalogue, assets: Iterable[str]) -> Applied:
    """Fill blanks of assets and of those of their sensors that the class expects."""
    sensors = by_asset(known)
    entries: list[Entry] = []
    deviations: list[Deviation] = []
    for name in assets:
        entry = known.get((ASSET, name))
        if entry is None and name not in sensors:
            deviations.append(Deviation(name, "", "not in the catalogue"))
            continue
        entry = entry or {**blank(ASSET), "asset_id": name}
        if entry["class"] not in {None, machine.name}:
            deviations.append(Deviation(name, "", f"is a {entry['class']}, not a {machine.name}: left alone"))
            continue
        entries.append({**entry, "class": machine.name})
        matched = match(machine, name, sensors.get(name, []))
        entries += _filled(machine, matched)
        deviations += _deviations(name, machine, matched)
    return Applied(entries, deviations)


def chosen(known: Catalogue, pattern: str) -> list[str]:
    """Assets in force whose id fits a pattern with * and ?; decommissioned ones do not count."""
    out = {name for (kind, name), entry in known.items() if kind == ASSET and entry["state"] == OUT}
    return sorted({entry["asset_id"] for entry in known.values() if fnmatchcase(entry["asset_id"], pattern)} - out)


def unmatched(known: Catalogue, pattern: str) -> str:
    """Why no asset fits a pattern, with near names.

    >>> unmatched({}, "P-*")
    "no asset fits 'P-*': the catalogue has no asset yet; `maint catalogue import` brings some"
    """
    names = {entry["asset_id"] for entry in known.values()}
    out = sorted(name for name in names if fnmatchcase(name, pattern))
    if out:
        return f"all that fits {pattern!r} is decommissioned: {', '.join(out[:NEAR])}; import it with another state first"
    if not names:
        return f"no asset fits {pattern!r}: the catalogue has no asset yet; `maint catalogue import` brings some"
    folded = {name.casefold(): name for name in sorted(names, reverse=True)}
    bare = pattern.replace("*", "").replace("?", "").casefold()
    near = [name for plain, name in sorted(folded.items()) if bare and bare in plain]
    near += [folded[plain] for plain in get_close_matches(bare, folded, NEAR, 0.5)]
    shown = list(dict.fromkeys(near))[:NEAR]
    told = f"near names: {', '.join(shown)}" if shown else f"the catalogue has {', '.join(sorted(names)[:NEAR])}"
    return f"no asset fits {pattern!r} (capitals count, * and ? stand for other characters); {told}"


def prefilled(machine: Class, assets: Iterable[str]) -> list[Entry]:
    """Entries of new machines with the sensors the class expects, to be corrected by a person."""
    made = []
    for name in assets:
        made.append({**blank(ASSET), "asset_id": name, "class": machine.name})
        for expected in machine.sensors:
            stated = {field: getattr(expected, field) for field in FILLED} | _delay(expected)
            made.append({**blank(SENSOR), "asset_id": name, "sensor_id": f"{name}.{expected.suffix}", **stated})
    return made


def by_asset(known: Catalogue) -> dict[str, list[Entry]]:
    """Sensors in service of each asset, in the order of their ids."""
    found: dict[str, list[Entry]] = {}
    for (kind, _), entry in sorted(known.items(), key=lambda item: item[0]):
        if kind == SENSOR and entry["state"] != OUT:
            found.setdefault(entry["asset_id"], []).append(entry)
    return found


def match(machine: Class, asset: str, sensors: list[Entry]) -> dict[Expected, Entry | None]:
    """Which sensor is which: by id, by the end of its id, then by quantity, point and direction. Each is used once."""
    left = list(sensors)
    found: dict[Expected, Entry | None] = dict.fromkeys(machine.sensors)
    for rule in (_by_id, _by_end, _by_place):
        for expected in [each for each in machine.sensors if found[each] is None]:
            found[expected] = next((entry for entry in left if rule(expected, asset, entry)), None)
            left = [entry for entry in left if entry is not found[expected]]
    return found


def _by_id(expected: Expected, asset: str, entry: Entry) -> bool:
    return bool(entry["sensor_id"] == f"{asset}.{expected.suffix}")


def _by_end(expected: Expected, _asset: str, entry: Entry) -> bool:
    name = entry["sensor_id"].lower()
    return name.endswith(expected.suffix) and not name.removesuffix(expected.suffix)[-1:].isalnum()


def _by_place(expected: Expected, _asset: str, entry: Entry) -> bool:
    if entry["quantity"] != expected.quantity:
        return False
    return all(entry[name] == getattr(expected, name) for name in ("point", "direction"))


def _filled(machine: Class, matched: dict[Expected, Entry | None]) -> Iterator[Entry]:
    """Sensors of the class with their blanks filled."""
    names = {expected.suffix: entry["sensor_id"] for expected, entry in matched.items() if entry is not None}
    coupled: dict[str, list[str]] = {}
    for first, second in machine.pairs:
        if first in names and second in names:
            coupled.setdefault(first, []).append(names[second])
            coupled.setdefault(second, []).append(names[first])
    for expected, entry in matched.items():
        if entry is None:
            continue
        proposed = {name: getattr(expected, name) for name in FILLED} | _delay(expected)
        blanks = {name: value for name, value in proposed.items() if entry[name] is None}
        if not _comparable(expected, entry):
            blanks = {}
        yield {**entry, **blanks, "coupled_with": entry["coupled_with"] or coupled.get(expected.suffix, [])}


def _delay(expected: Expected) -> dict[str, float | None]:
    return {"delay_on_s": DELAYS_S.get(expected.quantity)}


def _comparable(expected: Expected, entry: Entry) -> bool:
    """False if the sensor measures something else: then nothing of the class holds for it."""
    return (entry["quantity"] or expected.quantity) == expected.quantity and (entry["unit"] is None or same(entry["unit"], expected.unit))


def _deviations(asset: str, machine: Class, matched: dict[Expected, Entry | None]) -> Iterator[Deviation]:
    for expected, entry in matched.items():
        if entry is None:
            if not expected.optional:
                place = " ".join(filter(None, (expected.quantity, expected.point, expected.direction)))
                yield Deviation(asset, f"{asset}.{expected.suffix}", f"missing: a {machine.name} has {place} in {expected.unit}")
            continue
        for name in FILLED:
            stated, wanted = entry[name], getattr(expected, name)
            if stated is None or wanted is None or stated == wanted or (name == "unit" and same(stated, wanted)):
                continue
            yield Deviation(asset, entry["sensor_id"], f"{name} is {stated}, the class expects {wanted}")
