"""The 25 % criterion as a condition: both directions, accepted references alone, persistence, hysteresis, modes, lapse."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from processors import grade
from processors.machine import Driver, Machine, Plate, Sensor
from tests.processors.plant import origin, reference, window

SENSOR = "P1.v"
NORMAL = 1.0  # mm/s; B/C is 2.8: a change of more than 0.7 matters
PLATE = Plate(power_kw=75.0, speed_rpm=1480.0, support="rigid")


def known(*drivers: Driver, mode: str = "running", accepted: bool = True, **more: Any) -> Machine:
    references = {mode: reference(NORMAL, 0.05, *drivers, accepted=accepted)}
    sensor = Sensor(SENSOR, "vibration", unit="mm/s", statistic="rms", references=references)
    return Machine("P1", "motor", {SENSOR: sensor}, plate=PLATE, **more)


def record(number: int, value: float, **more: Any) -> dict[str, Any]:
    return {**window(number, {SENSOR: value}, **more), "rms_f8": np.array([value], "<f8").tobytes()}


def series(*values: float, **more: Any) -> list[dict[str, Any]]:
    return [record(number, value, **more) for number, value in enumerate(values)]


def run(records: list[dict[str, Any]], machine: Machine | None = None, state: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    state, made = grade.empty() if state is None else state, []
    for number, each in enumerate(records):
        made += grade.step(state, each, schema="Features", known_at_us=0, origin=origin(number), about=lambda _: machine or known())
    return made


def told(made: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(each["kind"], each["phase"], each["severity"]) for each in made]


ON, OFF = ("drift", "on", 3), ("drift", "off", 3)


def test_a_point_that_rises_within_zone_b_is_a_condition() -> None:
    made = run(series(*[1.0] * 3, *[1.8] * 5, *[1.0] * 4))
    assert told(made) == [ON, OFF]
    first, last = made
    assert (first["sensor_id"], first["detector"], first["subject"], first["model"]) == (
        SENSOR,
        "vibration/change",
        "machine",
        "ISO 20816-3",
    )
    assert (first["value"], first["expected"], round(first["threshold"], 9)) == (1.8, 1.0, 1.7)
    assert (first["since"], first["ts"]) == (record(3, 0.0)["start"], record(6, 0.0)["start"])
    assert last["ts"] == record(8, 0.0)["start"], "the end of the last window in it"


def test_a_point_that_falls_is_one_too() -> None:
    falling = replace(known(), sensors={SENSOR: replace(known().sensors[SENSOR], references={"running": reference(2.0, 0.05)})})
    made = run(series(*[2.0] * 2, *[1.2] * 3), falling)
    assert told(made) == [ON]
    assert round(made[0]["threshold"], 9) == 1.3


def test_two_windows_are_no_condition_and_none_ends_within_the_band() -> None:
    assert run(series(*[1.0, 1.8, 1.8] * 4)) == []
    assert told(run(series(*[1.8] * 3, *[1.68] * 20))) == [ON], "5 % of the distance"
    assert told(run(series(*[1.8] * 3, *[1.6] * 3))) == [ON, OFF]
    assert told(run(series(*[1.8] * 3, *[1.6, 1.6, 1.8] * 5))) == [ON]


def test_it_stands_beside_the_zone() -> None:
    assert told(run(series(*[3.5] * 3))) == [("limit_high", "on", 4), ON]


@pytest.mark.parametrize(
    "machine",
    [known(accepted=False), known(mode="slow"), replace(known(), plate=Plate()), known(Driver("P1.load", 0.1, 5.0))],
    ids=["provisional", "of another mode", "no standard", "nobody knows what to expect without its driver"],
)
def test_without_an_accepted_reference_of_the_mode_and_a_standard_nothing_is_said(machine: Machine) -> None:
    assert run(series(*[2.5] * 5), machine) == []


def test_what_a_driver_explains_is_no_change() -> None:
    machine = known(Driver("P1.load", 0.2, 5.0))
    loaded = [
        {**window(n, {SENSOR: 2.0, "P1.load": load}), "rms_f8": np.array([2.0, load], "<f8").tobytes()}
        for load, count in ((10.0, 5), (5.0, 3)) for n in range(count)
    ]  # fmt: skip
    assert run(loaded[:5], machine) == []
    assert told(run(loaded[5:], machine)) == [ON]


def test_without_a_mode_only_machines_without_modes_are_judged() -> None:
    assert run(series(*[1.8] * 3, mode=""), known(mode="", moded=True)) == [], "a mode that nobody knows"
    assert told(run(series(*[1.8] * 3, mode=""), known(mode=""))) == [ON], "a machine without modes"


@pytest.mark.parametrize("mode", ["off", "transient"])
def test_only_steady_windows_count(mode: str) -> None:
    assert run(series(*[0.0] * 10, mode=mode), known(mode=mode)) == []
    assert told(run([*series(1.8, 1.8), *(record(n, 0.0, mode=mode) for n in range(2, 30)), record(30, 1.8)])) == [ON]


def test_what_nobody_judged_for_a_day_is_over() -> None:
    made = run([*series(*[1.8] * 3), record(200, 0.0, mode="off")])
    assert told(made) == [ON, OFF]
    assert made[1]["ts"] == record(3, 0.0)["start"]


def test_a_condition_that_is_open_is_looked_at_also_while_nothing_is_known() -> None:
    state = grade.empty()
    run(series(*[1.8] * 3), state=state)
    assert grade.concerns(state, "P1")
    assert not grade.concerns(state, "P2")


def test_any_cutting_of_the_log_and_repeated_windows_give_the_same() -> None:
    rng = np.random.default_rng(5)
    records = series(*np.abs(rng.normal(1.6, 0.3, 400)).round(3).tolist())
    whole, state, cut = run(records), grade.empty(), []
    for each in records:
        state = json.loads(json.dumps(state))
        cut += run([each], state=state)
        assert run([each], state=state) == [], "late"
    assert len(whole) > 10
    assert [{**each, "origin": None} for each in cut] == [{**each, "origin": None} for each in whole]
