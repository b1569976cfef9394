import dataclasses
import json
from itertools import pairwise
from typing import Any

import pytest

from processors import hazard, prediction
from processors.daily import DAY_US
from processors.hazard import EDGES, HORIZONS_D, RATIOS, chances, condition, inputs
from processors.machine import Machine, Past
from schemas import codec
from tests.processors.plant import BEGIN_US, machine
from tests.processors.test_prediction import days, run

FIRST = BEGIN_US // DAY_US
PAST = Past(20, 7300.0)


def known(past: Past | None = PAST) -> Machine:
    return dataclasses.replace(machine(), past=past)


def row(day: int, temp: float, mode: str = "running", **more: float) -> list[Any]:
    means = {"P1.temp": temp, **{f"P1.{name}": value for name, value in more.items()}}
    return [FIRST + day, 86_400, 86_400, {mode: means}]


def test_the_condition_is_the_worst_sensors_usual_distance_in_its_newest_days() -> None:
    calm = [row(day, 50.5, flow=100.0, speed=1000.0) for day in range(20)]
    assert condition(known(), calm) == 0.5
    assert condition(known(), [*calm, row(20, 90.0)]) == 0.5, "one odd day is no condition"
    assert condition(known(), [*calm, *(row(20 + day, 44.0) for day in range(7))]) == 6.0
    assert condition(known(), [row(day, 50.0, flow=110.0, speed=1050.0) for day in range(7)]) == 2.5


def test_days_of_another_life_without_a_driver_or_long_ago_say_nothing() -> None:
    assert condition(known(), []) is None
    assert condition(known(), [row(-3, 80.0)]) is None
    assert condition(known(), [row(0, 80.0, "idle")]) is None
    assert condition(machine(accepted=False), [row(0, 80.0)]) is None
    flow = [[FIRST, 86_400, 86_400, {"running": {"P1.flow": 70.0}}]]
    assert condition(known(), flow) is None
    assert condition(known(), [row(0, 80.0), row(30, 50.0)]) == 0.0


def test_chances_grow_with_the_days_and_with_the_condition() -> None:
    table = [chances(inputs(PAST, away)) for away in (0.5, 1.5, 3.0, 5.0, 20.0)]
    for each in table:
        odds = [each[f"p_failure_{days}d"] for days in HORIZONS_D]
        assert all(0.0 < low < high < 1.0 for low, high in pairwise(odds))
    for name in table[0]:
        assert [each[name] for each in table] == sorted(each[name] for each in table)
    unknown = chances(inputs(PAST, None))
    assert unknown["p_failure_30d"] == pytest.approx(1.0 - 2.718281828 ** -(30 * 20 / 7300))


def test_every_condition_has_a_ratio() -> None:
    assert {len(ratios) for ratios in RATIOS.values()} == {len(EDGES) + 1}
    assert tuple(RATIOS) == HORIZONS_D


def test_a_record_states_chances_with_what_they_rest_on_and_they_can_be_computed_again() -> None:
    last = run(prediction.empty(), days(10, 0.0), known())[-1]
    assert (last["model"], last["fallback"], last["rul_reason"]) == ("", prediction.NO_MODEL, prediction.NO_MODEL)
    assert last["inputs"]["class_failures"] == 20.0
    assert last["inputs"]["condition"] < 1.0
    assert last["outputs"] == chances(last["inputs"]) == {name: last[name] for name in last["outputs"]}
    assert last["p_reason"] == ""
    worn = run(prediction.empty(), days(10, 1.5), known())[-1]
    assert worn["inputs"]["condition"] > 4.0
    assert worn["p_failure_30d"] > 3.0 * last["p_failure_30d"]
    assert codec.decode(codec.encode("Prediction", worn)).record == worn  # type: ignore[union-attr]


def test_a_class_that_hardly_failed_has_no_hazard() -> None:
    last = run(prediction.empty(), days(2, 0.0), known(Past(hazard.LEAST - 1, 9000.0)))[-1]
    assert (last["p_failure_30d"], last["outputs"]) == (None, {})
    assert last["p_reason"] == f"{prediction.NO_MODEL}; 4 of 5 failures of the class that a hazard needs"


def test_a_model_that_answers_is_not_put_in_the_shade() -> None:
    def ask(*_: Any) -> prediction.Life:
        return prediction.Life("", "pump_life", 3, "abc", {}, {"rul_h": 480.0})

    last = run(prediction.empty(), days(2, 0.0), known(), ask)[-1]
    assert (last["model"], last["p_failure_30d"]) == ("pump_life", None)


def test_a_snapshot_of_earlier_rules_learns_its_condition() -> None:
    records, state = days(12, 0.0), prediction.empty()
    run(state, records[:-1], known())
    state = json.loads(json.dumps(state))
    state["P1"]["fit"] = state["P1"]["fit"][:2]
    assert "condition" in run(state, records[-1:], known())[-1]["inputs"]
