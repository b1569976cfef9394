"""What must hold within a row and between rows, on top of the catalogue in force. All that is wrong is told at once."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from catalogue import units
from catalogue.classes import CLASSES
from catalogue.columns import ASSET, SENSOR
from catalogue.entry import Catalogue, Entry, Subject
from catalogue.grammar import number
from catalogue.problem import Problem
from catalogue.sheet import Row, Sheet
from processors.layout import BANDS_MAX, DRIVERS_MAX
from processors.quantity import infer

LIMITS: Final = ("limit_ll", "limit_l", "limit_h", "limit_hh")
ELEMENTS_MIN: Final = 3
RESERVED: Final = frozenset(("off", "running", "starting", "stopping", "transient"))  # modes that the platform tells by itself
ANGLE_MAX: Final = 90.0
OUT: Final = "decommissioned"


@dataclass(frozen=True, slots=True)
class Scene:
    """A sheet on top of the catalogue in force.

    Attributes:
        known: in force.
        after: in force after the sheet.
        assets: every asset that something is known of.
    """

    known: Catalogue
    after: Mapping[Subject, Entry]
    assets: frozenset[str]


def check(sheet: Sheet, known: Catalogue) -> list[Problem]:
    """Everything that is wrong with a sheet, its cells included, and notes.

    Args:
        sheet: as it was read.
        known: the catalogue in force; empty to judge the sheet alone.
    """
    after = {**known, **sheet.over(known)}
    stated = {row.values["asset_id"] for row in sheet.rows if row.values["kind"] == ASSET}
    scene = Scene(known, after, frozenset(stated | {entry["asset_id"] for entry in known.values()}))
    return [*sheet.problems, *_doubles(sheet.rows), *(found for row in sheet.rows for found in _row(row, scene))]


def _doubles(rows: Iterable[Row]) -> Iterator[Problem]:
    first: dict[Subject, int] = {}
    for row in rows:
        before = first.setdefault(row.subject, row.number)
        if before != row.number:
            kind, name = row.subject
            yield _told(row, f"{kind}_id", name, f"stands in row {before} already", "keep one of the rows: a sensor belongs to one asset")


def _row(row: Row, scene: Scene) -> Iterator[Problem]:
    entry = row.over(scene.known.get(row.subject))  # of two rows with one id each is judged for itself
    if entry["state"] == OUT:
        return
    if entry["kind"] == ASSET:
        yield from _asset(row, entry, scene)
    else:
        yield from _sensor(row, entry, scene)


def _asset(row: Row, entry: Entry, scene: Scene) -> Iterator[Problem]:
    if entry["state"] is not None:
        yield _told(row, "state", entry["state"], "a state of sensors", f"an asset is {OUT} or the cell is empty")
    name = entry["class"]
    if name is not None and name not in CLASSES:
        yield _told(
            row, "class", name, "no template of this name: its failure modes are unknown", f"templates: {', '.join(CLASSES)}", note=True
        )
    rules = {"run_state": [entry["run_state"]] if entry["run_state"] else [], "modes": entry["modes"], "drivers": entry["drivers"]}
    for column, items in rules.items():
        for sensor in dict.fromkeys(item["sensor_id"] for item in items):
            yield from _named(row, column, sensor, entry["asset_id"], scene)
    yield from _modes(row, entry["modes"])
    roles = Counter(driver["role"] for driver in entry["drivers"])
    for role in [role for role, times in roles.items() if times > 1]:
        yield _told(row, "drivers", role, f"{role} stands {roles[role]} times", "name one sensor per role")
    if len(entry["drivers"]) > DRIVERS_MAX:
        yield _told(row, "drivers", str(len(entry["drivers"])), f"more than {DRIVERS_MAX} drivers", "keep those that explain most")
    for bearing in entry["bearings"]:
        yield from _bearing(row, bearing)
    if entry["bearings"] and not entry["speed_rpm"] and not roles["speed"]:
        remedy = "state speed_rpm or a speed driver"
        yield _told(row, "bearings", "", "without a speed, defect frequencies cannot be computed", remedy, note=True)


def _named(row: Row, column: str, sensor: str, asset: str, scene: Scene) -> Iterator[Problem]:
    """A rule reads the sensors of its own asset only: they alone stand in the same partition, in one order."""
    found = scene.after.get((SENSOR, sensor))
    if found is None:
        yield _told(row, column, sensor, "no such sensor in the sheet or the catalogue", "write its sensor_id, or add its row")
    elif found["asset_id"] != asset:
        problem = f"a sensor of {found['asset_id']}: a rule can only read sensors of its own asset"
        yield _told(row, column, sensor, problem, f"publish the value under a sensor of {asset} as well")
    elif found["state"] == OUT:
        yield _told(row, column, sensor, "decommissioned", "name another sensor")


def _modes(row: Row, modes: list[dict[str, Any]]) -> Iterator[Problem]:
    if len(modes) > BANDS_MAX:
        yield _told(row, "modes", str(len(modes)), f"more than {BANDS_MAX} modes", "join bands: each mode learns by itself")
    for mode in modes:
        if mode["name"] in RESERVED:
            yield _told(row, "modes", mode["name"], "a name of the platform's own", "choose another name")
        if mode["low"] >= mode["high"]:
            yield _told(row, "modes", f"{number(mode['low'])}-{number(mode['high'])}", "an empty band", "write the lower value first")
    bands = sorted(modes, key=lambda mode: (mode["sensor_id"], mode["low"]))
    for before, after in pairwise(bands):
        if before["sensor_id"] == after["sensor_id"] and after["low"] < before["high"]:
            value = f"{before['name']}, {after['name']}"
            yield _told(row, "modes", value, "bands overlap", f"begin {after['name']} at {number(before['high'])}")


def _bearing(row: Row, bearing: dict[str, Any]) -> Iterator[Problem]:
    """What no bearing can have: elements that overlap, or do not fit between the rings."""
    n, d, pitch, angle = (bearing[name] for name in ("elements", "diameter_mm", "pitch_mm", "angle_deg"))
    if n < ELEMENTS_MIN:
        yield _told(row, "bearings", f"n={n}", "too few rolling elements", f"at least {ELEMENTS_MIN}; count those of one row")
    elif not 0 < d < pitch:
        yield _told(row, "bearings", f"d={number(d)} D={number(pitch)}", "impossible: d must be positive and smaller than D",
                    "d is the rolling element's diameter, D the pitch diameter between the rings")  # fmt: skip
    elif d > pitch * math.sin(math.pi / n):
        most = number(round(pitch * math.sin(math.pi / n), 2))
        yield _told(row, "bearings", f"n={n} d={number(d)} D={number(pitch)}", "impossible: the elements do not fit side by side",
                    f"{n} elements on D={number(pitch)} have at most d={most}")  # fmt: skip
    if not 0 <= angle < ANGLE_MAX:
        yield _told(row, "bearings", f"angle={number(angle)}", "not a contact angle", "write degrees from 0 to below 90")


def _sensor(row: Row, entry: Entry, scene: Scene) -> Iterator[Problem]:
    if entry["asset_id"] not in scene.assets:
        yield _told(
            row, "asset_id", entry["asset_id"], "no such asset in the sheet or the catalogue", "add a row for the asset, or mend the id"
        )
    yield from _ordered(row, entry)
    yield from _unit(row, entry)
    other = entry["redundant_with"]
    if other is not None and (other == entry["sensor_id"] or (SENSOR, other) not in scene.after):
        problem = "the sensor itself" if other == entry["sensor_id"] else "no such sensor in the sheet or the catalogue"
        yield _told(row, "redundant_with", other, problem, "name the other sensor by its sensor_id")
    for other in entry["coupled_with"]:
        yield from _named(row, "coupled_with", other, entry["asset_id"], scene)
    yield from _returned(row, entry, scene)
    if entry["scale"] == 0:
        yield _told(row, "scale", "0", "every value would be the same", "write value per raw unit")
    yield from _moved(row, entry, scene.known.get(row.subject))


def _returned(row: Row, entry: Entry, scene: Scene) -> Iterator[Problem]:
    """Ties that only one of two sensors knows of: the other is compared with nobody."""
    for column in ("redundant_with", "coupled_with"):
        named = [entry[column]] if isinstance(entry[column], str) else entry[column] or []
        for name in named:
            other = scene.after.get((SENSOR, name))
            if other is None or other["sensor_id"] == entry["sensor_id"] or other["redundant_with"] or other["coupled_with"]:
                continue
            problem = f"{name} names no sensor in return: {entry['sensor_id']} is compared with it, {name} itself with nobody"
            yield _told(row, column, name, problem, f"write {entry['sensor_id']} into {column} of {name}, too", note=True)


def _ordered(row: Row, entry: Entry) -> Iterator[Problem]:
    """Limits ascend and lie within what the instrument can show, and so does the span."""
    stated = [(name, entry[name]) for name in LIMITS if entry[name] is not None]
    for (below, low), (above, high) in pairwise(stated):
        if low >= high:
            yield _told(row, above, number(high), f"not above {below} ({number(low)})", "limits ascend: ll < l < h < hh")
    for low, high in (("range_low", "range_high"), ("span_low", "span_high")):
        if None not in (entry[low], entry[high]) and entry[low] >= entry[high]:
            yield _told(row, high, number(entry[high]), f"not above {low} ({number(entry[low])})", "write the lower end first")
    for name in (*LIMITS, "span_low", "span_high"):
        yield from _inside(row, entry, name)
    inner = entry["limit_l"] if entry["limit_l"] is not None else entry["limit_ll"]
    outer = entry["limit_h"] if entry["limit_h"] is not None else entry["limit_hh"]
    if None not in (inner, outer, entry["deadband"]) and entry["deadband"] >= outer - inner > 0:
        yield _told(row, "deadband", number(entry["deadband"]), "wider than the space between the limits: a limit would never be left",
                    f"less than {number(outer - inner)}")  # fmt: skip


def _inside(row: Row, entry: Entry, name: str) -> Iterator[Problem]:
    value, low, high = entry[name], entry["range_low"], entry["range_high"]
    if value is None:
        return
    if (low is not None and value < low) or (high is not None and value > high):
        shown = f"{'' if low is None else number(low)}..{'' if high is None else number(high)}"
        yield _told(row, name, number(value), f"outside the instrument's range {shown}: it can never be reached",
                    "mend the value or the range; both are in the unit after scale and offset")  # fmt: skip


def _unit(row: Row, entry: Entry) -> Iterator[Problem]:
    unit, quantity = entry["unit"], entry["quantity"] or infer(entry["sensor_id"])
    if unit is None:
        return
    if unit in units.MEANT:
        bare, statistic = units.MEANT[unit]
        yield _told(row, "unit", unit, "a unit and a statistic in one", f"write unit {bare} and statistic {statistic}")
        return
    fitting = units.fits(quantity, unit)
    inferred = "" if entry["quantity"] else " (inferred from the id)"
    if fitting is None:
        yield _told(row, "quantity", quantity, "unknown quantity: its unit is not checked", f"known: {', '.join(units.UNITS)}", note=True)
    elif not fitting:
        remedy = f"one of {', '.join(units.UNITS[quantity])}; or state another quantity (general takes any unit)"
        yield _told(row, "unit", unit, f"does not fit the quantity {quantity}{inferred}", remedy)


def _moved(row: Row, entry: Entry, known: Entry | None) -> Iterator[Problem]:
    if known is None:
        return
    if known["asset_id"] != entry["asset_id"]:
        problem = f"moved from {known['asset_id']} to {entry['asset_id']}"
        yield _told(row, "asset_id", entry["asset_id"], problem, "its readings must carry the new asset as key from then on", note=True)
    rescaled = any(known[name] != entry[name] for name in ("scale", "offset"))
    if rescaled and known["valid_from"] == entry["valid_from"]:
        problem = "scale or offset changes, valid_from does not: readings that come late are converted by the new figures"
        yield _told(row, "valid_from", "", problem, "state from when the new figures count", note=True)


def _told(row: Row, column: str, value: str, problem: str, remedy: str, *, note: bool = False) -> Problem:  # noqa: PLR0913  parts of a message
    return Problem(row=row.number, column=column, value=value, problem=problem, remedy=remedy, note=note)
