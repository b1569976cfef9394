"""Whose failures count, and over how many days."""

from processors.machine import Past
from report.backtest import Failure
from report.past import Asset, count
from report.series import DAY_US

ASSETS = {"P-1": Asset("pump"), "P-2": Asset("pump"), "P-3": Asset("pump", gone=True), "F-1": Asset("fan"), "X-1": Asset("")}


def failures(*listed: tuple[str, int]) -> list[Failure]:
    return [Failure(asset, day * DAY_US) for asset, day in listed]


def test_failures_and_days_are_those_of_the_assets_in_service() -> None:
    found = count(failures(("P-1", 11), ("P-1", 14), ("P-2", 12)), ASSETS, (10 * DAY_US, 20 * DAY_US))
    assert found.classes == {"fan": (1, Past(0, 10.0)), "pump": (2, Past(3, 20.0))}
    assert (found.left_out, found.outside, found.repeated) == ({}, 0, 0)


def test_whoever_has_no_days_has_no_failures_either() -> None:
    found = count(failures(("P-3", 1), ("X-1", 2), ("Q-9", 3), ("Q-9", 4), ("P-1", 5)), ASSETS, (0, 10 * DAY_US))
    assert found.classes["pump"] == (2, Past(1, 20.0))
    assert found.left_out == {
        ("P-3", "decommissioned"): 1,
        ("Q-9", "not in the catalogue"): 2,
        ("X-1", "without a class in the catalogue"): 1,
    }


def test_the_begin_counts_and_the_end_does_not() -> None:
    found = count(failures(("P-1", 9), ("P-1", 10), ("P-1", 20), ("Q-9", 30)), ASSETS, (10 * DAY_US, 20 * DAY_US))
    assert (found.classes["pump"][1].failures, found.outside, found.left_out) == (1, 3, {})


def test_several_orders_of_one_failure_are_one() -> None:
    orders = [Failure("P-1", DAY_US, "seal"), Failure("P-1", DAY_US, "bearing"), Failure("P-2", DAY_US, "seal")]
    found = count(orders, ASSETS, (0, 2 * DAY_US))
    assert (found.classes["pump"][1].failures, found.repeated) == (2, 1)
