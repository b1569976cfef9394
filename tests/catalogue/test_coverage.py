from typing import Any

from catalogue.coverage import NO_CLASS, NOT_MONITORED, WATCHED, Watch, coverage
from tests.catalogue.building import asset, known, sensor

PUMP = {"class": "pump", "criticality": "A"}


def watching(failure: str, *entries: object) -> list[Watch]:
    return [row for row in coverage(known(asset(**PUMP), *entries)) if row.failure_mode == failure]  # type: ignore[arg-type]


def test_what_nobody_watches_is_shown() -> None:
    rows = coverage(known(asset(**PUMP)))
    assert {row.coverage for row in rows} == {NOT_MONITORED}
    assert all(row.action for row in rows)


def test_a_limit_watches_only_where_one_is_stated() -> None:
    flow = sensor("P1.flow", quantity="flow")
    assert {row.detector for row in watching("blockage", flow)} == {"level1/ewma"}
    assert {row.detector for row in watching("blockage", {**flow, "limit_l": 5.0})} == {"level1/ewma", "level1/limit"}


def test_place_and_life_cycle_count() -> None:
    at: dict[str, Any] = {"quantity": "temperature", "point": "DE"}
    assert [row.sensor for row in watching("lubrication_failure", sensor(**at))] == ["P1.temp"]
    for changed in ({"point": None}, {"point": "winding"}, {"state": "out_of_service"}, {"state": "decommissioned"}):
        assert [row.coverage for row in watching("lubrication_failure", sensor(**{**at, **changed}))] == [NOT_MONITORED]


def test_a_quantity_that_is_not_stated_is_inferred() -> None:
    assert [row.coverage for row in watching("blockage", sensor("P1.flow"))] == [WATCHED]


def test_the_most_critical_assets_stand_first_and_can_be_chosen() -> None:
    found = known(asset("B", criticality="B"), asset("X"), asset("A", **PUMP))
    assert list(dict.fromkeys(row.asset for row in coverage(found))) == ["A", "B", "X"]
    assert {row.asset for row in coverage(found, ["B"])} == {"B"}
    assert [row.coverage for row in coverage(found, ["B"])] == [NO_CLASS]
