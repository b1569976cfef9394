import json
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import daily
from processors.daily import DAY_US

WINDOW_US = 600_000_000


def fill(numbers: list[int], state: daily.State | None = None, *, mode: str = "running") -> daily.State:
    state = state if state is not None else daily.empty()
    for number in numbers:
        daily.add(state, start_us=number * WINDOW_US, window_s=600, mode=mode, means={"s": float(number % 144)})
    return state


def test_days_become_medians_and_only_180_are_kept() -> None:
    state = fill(list(range(0, 200 * 144, 24)))
    assert len(state["open"]) == 2
    assert daily.count(state) == 180
    assert daily.days(state, 198)[-1] == [197, 3600, 3600, {"running": {"s": 60.0}}]
    assert len(json.dumps(state)) < 8_000


def test_a_window_of_a_closed_day_comes_too_late() -> None:
    state = fill([0, 144, 288])
    assert not daily.add(state, start_us=5 * WINDOW_US, window_s=600, mode="running", means={"s": 9.0})
    assert daily.days(state, 1)[0][3] == {"running": {"s": 0.0}}


def test_frames_beside_readings_are_not_seen_twice() -> None:
    state = fill([0, 0, 1])
    assert state["open"]["0"][:2] == [1200, 1200]


def test_standby_is_seen_and_does_not_run() -> None:
    state = fill(list(range(72)), mode="off")
    fill(list(range(72, 144)), state)
    assert daily.duty(daily.spans(state)) == (0.5, 1.0)
    assert daily.days(state, 1)[0][3] == {"running": {"s": 107.5}}
    assert daily.ran_h(state, DAY_US) == 12.0


def test_less_than_an_hour_says_nothing_of_the_duty() -> None:
    duty, seen = daily.duty(daily.spans(fill([0, 1])))
    assert duty is None
    assert seen == pytest.approx(1200 / 86_400, abs=1e-6)


def test_each_hour_counts_once_in_its_day() -> None:
    state = fill([*range(6), 6, 12, 18])  # six windows of the first hour, one of three others
    assert daily.days(state, 1)[0][3]["running"]["s"] == median([2.5, 6.0, 12.0, 18.0])


def test_an_asset_of_twenty_sensors_needs_thirty_kilobytes() -> None:
    state, dice = daily.empty(), np.random.default_rng(1)
    for number in range(0, 200 * 144, 3):
        means = {f"P-101.sensor_{name}": 50.0 + dice.normal() for name in range(20)}
        daily.add(state, start_us=number * WINDOW_US, window_s=600, mode="running", means=means)
    assert len(json.dumps(state, separators=(",", ":"))) < 33_000


def test_a_sensor_that_is_gone_is_forgotten_after_its_last_day() -> None:
    state = fill([0, 1])
    for number in range(144, 190 * 144, 72):
        daily.add(state, start_us=number * WINDOW_US, window_s=600, mode="running", means={"other": 1.0})
    assert state["names"] == [["running", "other"]]


@given(st.lists(st.integers(0, 1000), max_size=80), st.integers(0, 80))
def test_restoring_changes_nothing(numbers: list[int], cut: int) -> None:
    restored = fill(numbers[cut:], json.loads(json.dumps(fill(numbers[:cut]))))
    assert restored == fill(numbers)
