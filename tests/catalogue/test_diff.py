from typing import Any

import pytest

from catalogue import columns
from catalogue.diff import compare, pruned, versioned
from tests.catalogue.building import asset, known, sensor


def test_only_what_differs_is_published_with_the_fields_that_changed() -> None:
    before = known(asset(), sensor(limit_h=80.0), sensor("P1.flow"))
    difference = compare([asset(), sensor(limit_h=85.0), sensor("P1.flow")], before)
    assert [entry["sensor_id"] for entry in difference.entries] == ["P1.temp"]
    assert [(each.field, each.before, each.after, each.resets) for each in difference.changes] == [("limit_h", 80.0, 85.0, "")]


@pytest.mark.parametrize(("changed", "resets"), [
    ({"scale": 2.0}, columns.ANEW), ({"offset": 1.0}, columns.ANEW), ({"valid_from": 1}, columns.ANEW), ({"asset_id": "P2"}, columns.MOVED),
    ({"state": "out_of_service"}, columns.LIFE), ({"unit": "K"}, columns.NOTHING), ({"limit_hh": 1.0}, columns.NOTHING),
])  # fmt: skip
def test_a_change_names_the_live_state_it_resets(changed: dict[str, Any], resets: str) -> None:
    (change,) = compare([{**sensor(), **changed}], known(sensor())).changes
    assert (change.field, change.resets) == (next(iter(changed)), resets)


def test_a_new_entry_is_told_even_if_it_states_nothing() -> None:
    changes = compare([asset(), sensor(unit="degC", valid_from=1_767_225_600_000_000)], {}).changes
    assert [(each.id, each.field, each.after) for each in changes] == [
        ("P1", "entry", "new asset"), ("P1.temp", "entry", "new sensor of P1"), ("P1.temp", "unit", "degC"),
        ("P1.temp", "valid_from", "2026-01-01T00:00:00+00:00"),
    ]  # fmt: skip


def test_what_is_missing_in_the_sheet_is_decommissioned_once() -> None:
    before = known(asset(), sensor(), sensor("P1.flow"))
    gone = pruned(before, [("asset", "P1"), ("sensor", "P1.flow")])
    assert [(entry["sensor_id"], entry["state"]) for entry in gone] == [("P1.temp", "decommissioned")]
    assert pruned(known(*gone), []) == []


def test_a_version_always_grows() -> None:
    before = known(asset(version=100), sensor(version=7))
    assert [entry["version"] for entry in versioned([asset(), sensor(), sensor("new")], before, 50)] == [101, 50, 50]
