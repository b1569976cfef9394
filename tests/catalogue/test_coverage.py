from typing import Any

from catalogue.coverage import NEVER_SENT, NO_CLASS, NO_REFERENCE, NOT_MONITORED, WATCHED, Heard, Watch, coverage, gaps
from catalogue.entry import Entry
from tests.catalogue.building import asset, known, sensor

PUMP = {"class": "pump", "criticality": "A"}
JUDGED: dict[str, Any] = {**PUMP, "machine_group": "II", "power_kw": 75.0, "speed_rpm": 1480.0}
BEARING = {"point": "DE", "elements": 8, "diameter_mm": 7.94, "pitch_mm": 38.5, "angle_deg": 0.0}
FRAMES = [("P1", "P1.vib:velocity_rms")]


def watching(failure: str, *entries: Entry, heard: Heard | None = None, on: Entry | None = None) -> list[Watch]:
    names = [(entry["asset_id"], entry["sensor_id"]) for entry in entries]
    return [row for row in coverage(known(on or asset(**PUMP), *entries), heard or Heard(names, names)) if row.failure_mode == failure]


def detectors(rows: list[Watch]) -> set[str | None]:
    return {row.detector for row in rows if str(row.detector).startswith("vibration/")}


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


def test_zones_watch_where_a_standard_has_limits() -> None:
    stated: dict[str, Any] = {"quantity": "vibration", "unit": "mm/s", "statistic": "rms"}
    assert detectors(watching("imbalance", sensor("P1.v", **stated), on=asset(**JUDGED))) == {"vibration/zone"}
    for changed in ({"unit": "g"}, {"unit": "um"}, {"statistic": "peak"}, {"statistic": None}, {"reporting": "by_exception"}):
        assert detectors(watching("imbalance", sensor("P1.v", **{**stated, **changed}), on=asset(**JUDGED))) == set()
    for blank in ("machine_group", "power_kw", "speed_rpm"):
        assert detectors(watching("imbalance", sensor("P1.v", **stated), on=asset(**{**JUDGED, blank: None}))) == set()


def test_zones_and_envelopes_watch_frames_that_came() -> None:
    frames, on = sensor("P1.vib", quantity="vibration", unit="m/s2"), asset(**JUDGED, bearings=[BEARING])
    both = {"vibration/zone", "vibration/envelope"}
    assert detectors(watching("bearing_wear", frames, heard=Heard(FRAMES), on=on)) == both
    assert detectors(watching("bearing_wear", frames, heard=Heard([("P1", "P1.vib")]), on=on)) == set(), "readings of acceleration"
    assert detectors(watching("bearing_wear", frames, heard=Heard(FRAMES), on=asset(**JUDGED))) == {"vibration/zone"}
    assert detectors(watching("bearing_wear", {**frames, "point": "NDE"}, heard=Heard(FRAMES), on=on)) == {"vibration/zone"}
    turning = asset(**{**JUDGED, "speed_rpm": None}, bearings=[BEARING], drivers=[{"role": "speed", "sensor_id": "P1.speed"}])
    assert detectors(watching("bearing_wear", frames, heard=Heard(FRAMES), on=turning)) == set(), "both need the rated speed"


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
