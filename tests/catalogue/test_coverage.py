from typing import Any

from catalogue.coverage import NEVER_SENT, NO_CLASS, NO_REFERENCE, NOT_MONITORED, WATCHED, Heard, Watch, coverage, gaps
from catalogue.entry import Entry
from tests.catalogue.building import asset, known, sensor

PUMP = {"class": "pump", "criticality": "A"}


def watching(failure: str, *entries: Entry, heard: Heard | None = None) -> list[Watch]:
    names = [(entry["asset_id"], entry["sensor_id"]) for entry in entries]
    return [row for row in coverage(known(asset(**PUMP), *entries), heard or Heard(names, names)) if row.failure_mode == failure]


def test_what_nobody_watches_is_shown() -> None:
    rows = coverage(known(asset(**PUMP)), Heard())
    assert {row.coverage for row in rows} == {NOT_MONITORED}
    assert all(row.action for row in rows)


def test_a_limit_watches_only_where_one_is_stated() -> None:
    flow = sensor("P1.flow", quantity="flow")
    assert {row.detector for row in watching("blockage", flow)} == {"level1/ewma"}
    assert {row.detector for row in watching("blockage", {**flow, "limit_l": 5.0})} == {"level1/ewma", "level1/limit"}


def test_a_sensor_that_never_sent_watches_nothing() -> None:
    flow = sensor("P1.flow", quantity="flow", limit_l=5.0)
    assert {row.coverage for row in watching("blockage", flow, heard=Heard())} == {NEVER_SENT}
    assert {row.coverage for row in watching("blockage", flow, heard=Heard([("P2", "P1.flow")]))} == {NEVER_SENT}
    assert {row.coverage for row in watching("blockage", flow, heard=Heard([("P1", "P1.flow")]))} == {WATCHED}


def test_slow_wear_is_watched_by_an_accepted_reference_alone() -> None:
    flow, pair = sensor("P1.flow", quantity="flow"), [("P1", "P1.flow")]
    (row,) = watching("impeller_wear", flow, heard=Heard(pair))
    assert (row.detector, row.coverage) == ("level1/reference", NO_REFERENCE)
    (row,) = watching("impeller_wear", flow, heard=Heard(pair, pair))
    assert (row.detector, row.coverage) == ("level1/reference", WATCHED)


def test_what_is_derived_of_frames_counts_for_their_sensor() -> None:
    frames, derived = sensor("P1.vib", quantity="vibration"), [("P1", "P1.vib:velocity_rms")]
    assert {row.coverage for row in watching("imbalance", frames, heard=Heard(derived, derived))} == {WATCHED}


def test_a_gap_is_a_way_of_failing_that_nobody_watches() -> None:
    flow, pressure = sensor("P1.flow", quantity="flow", limit_l=5.0), sensor("P1.suction", quantity="pressure", point="suction")
    rows = gaps(coverage(known(asset(**PUMP), flow, pressure), Heard([("P1", "P1.flow"), ("P1", "P1.suction")])))
    assert {row.coverage for row in rows} == {NO_REFERENCE, NOT_MONITORED}
    assert "blockage" not in {row.failure_mode for row in rows}


def test_place_and_life_cycle_count() -> None:
    at: dict[str, Any] = {"quantity": "temperature", "point": "DE"}
    assert [row.sensor for row in watching("lubrication_failure", sensor(**at))] == ["P1.temp"]
    for changed in ({"point": None}, {"point": "winding"}, {"state": "out_of_service"}, {"state": "decommissioned"}):
        assert [row.coverage for row in watching("lubrication_failure", sensor(**{**at, **changed}))] == [NOT_MONITORED]


def test_a_quantity_that_is_not_stated_is_inferred() -> None:
    assert [row.coverage for row in watching("blockage", sensor("P1.flow"))] == [WATCHED]


def test_the_most_critical_assets_stand_first_and_can_be_chosen() -> None:
    found = known(asset("B", criticality="B"), asset("X"), asset("A", **PUMP))
    assert list(dict.fromkeys(row.asset for row in coverage(found, Heard()))) == ["A", "B", "X"]
    assert {row.asset for row in coverage(found, Heard(), ["B"])} == {"B"}
    assert [row.coverage for row in coverage(found, Heard(), ["B"])] == [NO_CLASS]
