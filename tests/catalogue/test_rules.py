"""What must hold within and between rows: every kind of problem once."""

from typing import Any

import pytest

from catalogue import rules, sheet
from catalogue.entry import blank
from processors.layout import BANDS_MAX
from simulator import stage
from simulator.announce import installed
from tests.catalogue.building import asset, known, problems, sensor, written

HEAD = "kind,asset_id,sensor_id"
ASSETS = [asset("P1"), asset("P2"), sensor("P1.speed", quantity="speed"), sensor("P2.speed", "P2")]

ERRORS: list[tuple[str, str, str, str]] = [
    ("asset", "state", "learning", "a state of sensors"),
    ("asset", "run_state", "P1.sped > 5", "no such sensor"),
    ("asset", "run_state", "P2.speed > 5", "a sensor of P2"),
    ("asset", "modes", "P1.none: 0-1 low", "no such sensor"),
    ("asset", "modes", "P1.speed: 5-5 low", "an empty band"),
    ("asset", "modes", '"P1.speed: 0-5 low, 4-9 high"', "bands overlap"),
    ("asset", "modes", "P1.speed: 0-5 off", "a name of the platform's own"),
    ("asset", "modes", '"P1.speed: ' + ", ".join(f"{n}-{n + 1} m{n}" for n in range(BANDS_MAX + 1)) + '"', "more than"),
    ("asset", "drivers", "load=P1.none", "no such sensor"),
    ("asset", "drivers", "speed=P1.speed; speed=P1.speed", "stands 2 times"),
    ("asset", "drivers", "speed=P1.speed; load=P1.speed; ambient=P1.speed", "more than"),
    ("asset", "bearings", "DE: n=2 d=5 D=40", "too few"),
    ("asset", "bearings", "DE: n=8 d=40 D=38.5", "d must be positive and smaller than D"),
    ("asset", "bearings", "DE: n=30 d=7.94 D=38.5", "do not fit side by side"),
    ("asset", "bearings", "DE: n=8 d=7.94 D=38.5 angle=90", "not a contact angle"),
    ("sensor", "unit", "bar", "does not fit the quantity temperature"),
    ("sensor", "unit", "mm/s rms", "a unit and a statistic in one"),
    ("sensor", "redundant_with", "P1.none", "no such sensor"),
    ("sensor", "redundant_with", "P1.temp", "the sensor itself"),
    ("sensor", "coupled_with", "P1.none", "no such sensor"),
    ("sensor", "scale", "0", "every value would be the same"),
]


@pytest.mark.parametrize(("kind", "column", "cell", "says"), ERRORS)
def test_each_kind_of_error(kind: str, column: str, cell: str, says: str) -> None:
    name = "P1.temp" if kind == "sensor" else ""
    found = [each for each in problems(f"{HEAD},{column}", f"{kind},P1,{name},{cell}", over=ASSETS) if not each.note]
    assert [(each.row, each.column) for each in found] == [(2, column)]
    assert says in found[0].problem
    assert found[0].remedy


@pytest.mark.parametrize(("columns", "cells", "column", "says"), [
    ("limit_l,limit_h", "5,5", "limit_h", "not above limit_l (5)"),
    ("limit_ll,limit_hh", "9,5", "limit_hh", "not above limit_ll"),
    ("limit_h,range_high", "90,80", "limit_h", "outside the instrument's range ..80"),
    ("limit_l,range_low", "-5,0", "limit_l", "outside the instrument's range 0.."),
    ("span_high,range_high", "90,80", "span_high", "outside"),
    ("range_low,range_high", "9,5", "range_high", "not above range_low"),
    ("span_low,span_high", "9,5", "span_high", "not above span_low"),
    ("limit_l,limit_h,deadband", "1,2,1", "deadband", "would never be left"),
])  # fmt: skip
def test_limits_and_ranges(columns: str, cells: str, column: str, says: str) -> None:
    found = problems(f"{HEAD},{columns}", f"sensor,P1,P1.temp,{cells}", over=ASSETS)
    assert [each.column for each in found] == [column]
    assert says in found[0].problem


def test_doubles_and_unknown_assets() -> None:
    found = problems(HEAD, "asset,P3,", "asset,P3,", "sensor,P3,P3.x", "sensor,P1,P3.x", "sensor,P9,P9.x", over=ASSETS)
    assert [(each.row, each.column, each.value) for each in found] == [
        (3, "asset_id", "P3"), (5, "sensor_id", "P3.x"), (6, "asset_id", "P9"),
    ]  # fmt: skip


def test_of_two_rows_with_one_id_each_is_judged_for_itself() -> None:
    found = problems(f"{HEAD},unit,quantity", "sensor,P1,P1.x,bar,temperature", "sensor,P1,P1.x,degC,temperature", over=ASSETS)
    assert [(each.row, each.column) for each in found] == [(3, "sensor_id"), (2, "unit")]


def test_ties_that_both_sensors_know_of_are_no_matter() -> None:
    assert problems(f"{HEAD},coupled_with", "sensor,P1,P1.a,P1.b", "sensor,P1,P1.b,P1.a", over=ASSETS) == []


@pytest.mark.parametrize(("header", "row", "column", "says"), [
    ("class", "asset,P1,,mill", "class", "no template of this name"),
    ("bearings", "asset,P1,,DE: n=8 d=7.94 D=38.5", "bearings", "without a speed"),
    ("quantity,unit", "sensor,P1,P1.x,taste,bar", "quantity", "unknown quantity"),
    ("unit", "sensor,P2,P1.speed,r/min", "asset_id", "moved from P1 to P2"),
    ("scale", "sensor,P1,P1.speed,2", "valid_from", "come late"),
    ("coupled_with", "sensor,P1,P1.flow,P1.speed", "coupled_with", "names no sensor in return"),
    ("redundant_with", "sensor,P1,P1.tacho,P1.speed", "redundant_with", "names no sensor in return"),
])  # fmt: skip
def test_notes_do_not_keep_a_sheet_from_being_imported(header: str, row: str, column: str, says: str) -> None:
    found = problems(f"{HEAD},{header}", row, over=ASSETS)
    assert [(each.column, each.note) for each in found] == [(column, True)]
    assert says in found[0].problem


def test_a_moved_sensor_says_where_it_was() -> None:
    before = known(*ASSETS)
    after = sheet.read(f"{HEAD}\nsensor,P2,P1.speed".encode()).over(before)["sensor", "P1.speed"]
    assert (after["asset_id"], after["previous_asset_id"]) == ("P2", "P1")


def test_what_is_decommissioned_may_be_incomplete() -> None:
    assert problems(f"{HEAD},state,unit", "sensor,P9,P9.temp,decommissioned,bar") == []
    out = [asset(), sensor("P1.speed", state="decommissioned")]
    assert [each.problem for each in problems("kind,asset_id,run_state", "asset,P1,P1.speed > 5", over=out)] == ["decommissioned"]


def test_the_simulated_plant_may_be_exported_and_imported() -> None:
    layout = stage.plant(seed=1, live_us=1_700_000_000_000_000, run=1).layout
    entries: list[dict[str, Any]] = [{**blank(entry["kind"]), **entry} for entry in installed(layout, version=1, period_s=1.0)]
    read = sheet.read(written(entries, excel=False))
    assert rules.check(read, {}) == []


@pytest.mark.parametrize("name", ["ai4i", "battery", "cmapss", "hydraulic", "nab"])
def test_units_of_the_replayed_sets_are_known(name: str) -> None:
    from importlib import import_module

    from catalogue.units import fits

    module = import_module(f"simulator.replay.{name}")
    tables = [getattr(module, each) for each in ("CHANNELS", "SENSORS", "DISCHARGE") if hasattr(module, each)]
    pairs = [tuple(row)[-2:] for table in tables for row in (table.values() if isinstance(table, dict) else table)]
    assert [pair for pair in pairs if pair[1] is not None and not fits(*pair)] == []
