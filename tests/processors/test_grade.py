"""Zones that change as conditions: persistence, hysteresis, rest, any cutting of the log."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from processors import grade
from processors.machine import Machine, Plate, Sensor
from tests.processors.plant import origin, window

VELOCITY = "P1.vib:velocity_rms"
KNOWN = Machine(
    "P1", "motor", {VELOCITY: Sensor(VELOCITY, "vibration")}, plate=Plate(power_kw=75.0, speed_rpm=1480.0, support="rigid")
)  # B/C at 2.8 mm/s, C/D at 4.5
Step = tuple[str, str, int]


def record(number: int, value: float, **more: Any) -> dict[str, Any]:
    found = window(number, {VELOCITY: value}, **more)
    return {**found, "rms_f8": np.array([value], "<f8").tobytes()}


def run(records: list[dict[str, Any]], known: Machine | str = KNOWN, state: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    state = grade.empty() if state is None else state
    made: list[dict[str, Any]] = []
    for number, each in enumerate(records):
        made += grade.step(state, each, schema="Features", known_at_us=0, origin=origin(number), about=lambda _: known)
    return made


def told(made: list[dict[str, Any]]) -> list[Step]:
    return [(each["kind"], each["phase"], each["severity"]) for each in made]


def series(*values: float, **more: Any) -> list[dict[str, Any]]:
    return [record(number, value, **more) for number, value in enumerate(values)]


def test_zone_c_then_d_and_back_is_one_row_of_conditions() -> None:
    values = [1.0] * 3 + [3.5] * 5 + [6.0] * 4 + [3.5] * 4 + [1.0] * 4
    made = run(series(*values))
    assert told(made) == [
        ("limit_high", "on", 4), ("limit_hh", "on", 5), ("limit_high", "off", 4),
        ("limit_high", "on", 4), ("limit_hh", "off", 5), ("limit_high", "off", 4),
    ]  # fmt: skip
    first = made[0]
    assert (first["sensor_id"], first["detector"], first["subject"]) == (VELOCITY, "vibration/zone", "machine")
    assert (first["value"], first["threshold"], first["model"]) == (3.5, 2.8, "ISO 20816-3")
    assert first["since"] == record(3, 0.0)["start"], "since the first window in C"
    assert first["ts"] == record(6, 0.0)["start"], "known at the end of the third"
    assert [each["origin"]["nth"] for each in made] == [0, 0, 1, 0, 1, 0]


def test_two_windows_are_no_condition_and_none_ends_within_the_band() -> None:
    assert run(series(*[1.0, 3.5, 3.5] * 4)) == []
    assert told(run(series(*[3.0] * 3, *[2.7] * 20))) == [("limit_high", "on", 4)]
    assert told(run(series(*[3.0] * 3, *[2.6] * 3))) == [("limit_high", "on", 4), ("limit_high", "off", 4)]
    assert told(run(series(6.0, 3.5, 6.0))) == [("limit_high", "on", 4)], "the least of the three"


def test_a_healthy_point_leaves_nothing_behind() -> None:
    state = grade.empty()
    run(series(*[1.0, 3.5, 1.0] * 3), state=state)
    assert list(state) == [""]
    assert state[""]["changes"] == {}
    assert not grade.concerns(state, "P1")


@pytest.mark.parametrize("mode", ["off", "transient"])
def test_only_steady_windows_count(mode: str) -> None:
    assert run(series(*[9.0] * 10, mode=mode)) == []
    assert told(run([*series(3.5, 3.5), *(record(n, 0.0, mode=mode) for n in range(2, 30)), record(30, 3.5)])) == [("limit_high", "on", 4)]


def test_poor_windows_and_points_without_a_standard_say_nothing() -> None:
    assert run(series(*[9.0] * 5, good=0.5)) == []
    assert run(series(*[9.0] * 5), replace(KNOWN, plate=Plate())) == []
    assert run(series(*[9.0] * 5), replace(KNOWN, kind="general")) == [], "a class that nobody stated"
    assert run(series(*[9.0] * 5), "the database does not answer") == []
    assert run([{**each, "window_s": 60} for each in series(*[9.0] * 5)]) == []
    assert run(series(*[float("nan")] * 5)) == []


def test_what_nobody_judged_for_a_day_is_over() -> None:
    made = run([*series(*[9.0] * 3), record(200, 0.0, mode="off")])
    assert told(made) == [("limit_hh", "on", 5), ("limit_hh", "off", 5)]
    assert made[1]["ts"] == record(3, 0.0)["start"], "the end of the last window in it"


def test_the_worse_of_velocity_and_displacement_counts() -> None:
    displacement = "P1.vib:displacement_rms"
    known = replace(KNOWN, sensors={name: Sensor(name, "vibration") for name in (VELOCITY, displacement)})
    records = [{**window(n, {VELOCITY: 1.0, displacement: 50.0}), "rms_f8": np.array([1.0, 50.0], "<f8").tobytes()} for n in range(3)]
    (made,) = run(records, known)
    assert (made["sensor_id"], made["kind"], made["threshold"]) == (displacement, "limit_high", 45.0)


def frames(number: int, value: float, **more: Any) -> dict[str, Any]:
    """A window of the other source, which knows no mode."""
    stood = {"topic_id": "frames", "partition": 0, "offset": number, "nth": 0}
    return {**record(number, value, **{"mode": "", **more}), "origin": stood}


def test_a_window_of_readings_and_frames_is_judged_as_one() -> None:
    """The velocity of a point comes in one record, its displacement in the other."""
    displacement = "P1.vib:displacement_rms"
    known = replace(KNOWN, sensors={name: Sensor(name, "vibration") for name in (VELOCITY, displacement)})
    other = [{**each, "sensors": [displacement]} for each in series(*[50.0] * 5)]
    both = [each for pair in zip((frames(number, 1.0) for number in range(5)), other, strict=True) for each in pair]
    for records in (both, [*both[:2], *(each for n in range(2, 10, 2) for each in (both[n + 1], both[n]))]):
        (made,) = run(records, known)
        assert (made["sensor_id"], made["kind"], made["value"], made["mode"]) == (displacement, "limit_high", 50.0, "running")


@pytest.mark.parametrize("mode", ["off", "transient"])
def test_the_mode_that_readings_tell_counts_for_frames(mode: str) -> None:
    speed = [window(number, {"P1.speed": 0.0}, mode=mode) for number in range(8)]
    both = [each for pair in zip(speed, (frames(number, 9.0) for number in range(8)), strict=True) for each in pair]
    assert run(both) == []


@pytest.mark.parametrize("stated", [{"unit": "m/s2"}, {"statistic": "peak"}, {"by_exception": True}])
def test_a_transmitter_of_rms_velocity_alone_is_a_point(stated: dict[str, Any]) -> None:
    sensor = Sensor("P1.v", "vibration", unit="mm/s", statistic="rms")
    assert [each.name for each in grade.places(replace(KNOWN, sensors={"P1.v": sensor}))] == ["P1.v"]
    assert grade.places(replace(KNOWN, sensors={"P1.v": replace(sensor, **stated)})) == []


def test_any_cutting_of_the_log_and_repeated_windows_give_the_same() -> None:
    rng = np.random.default_rng(4)
    records = series(*np.exp(rng.normal(1.1, 0.4, 400)).round(3).tolist())
    whole, state, cut = run(records), grade.empty(), []
    for each in records:
        state = json.loads(json.dumps(state))
        cut += run([each], state=state)
        assert run([each], state=state) == [], "late"
    assert len(whole) > 10
    assert state[""]["changes"] == {}
    assert [{**each, "origin": None} for each in cut] == [{**each, "origin": None} for each in whole]
