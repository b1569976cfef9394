import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import prediction
from processors.daily import DAY_US
from processors.machine import Machine
from processors.prediction import Life
from schemas import codec
from tests.processors.plant import BEGIN_US, WINDOWS, machine, origin, window

Record = dict[str, Any]


def silent(*_: Any) -> Life:
    return Life()


def run(state: Record, windows: list[Record], known: Machine | str, ask: Any = silent) -> list[Record]:
    made = []
    for each in windows:
        number = each["origin"]["offset"]
        made += prediction.step(
            state, each, schema="Features", known_at_us=each["known_at"], origin=origin(number), about=lambda _: known, ask=ask
        )
    return made


def days(count: int, rise: float, *, mode: str = "running", seed: int = 1, every: int = 12, **more: Any) -> list[Record]:
    """`count` days of a bearing that warms by `rise` degC a day; a window in two hours keeps the test quick."""
    dice = np.random.default_rng(seed)
    found = []
    for number in range(0, count * WINDOWS, every):
        speed = 1000.0 + 100.0 * dice.normal()
        means = {"P1.temp": 50.0 + rise * number / WINDOWS + 0.3 * dice.normal(), "P1.speed": speed}
        means["P1.flow"] = 100.0 + 0.1 * (speed - 1000.0) + dice.normal()
        found.append(window(number, means, mode=mode, **more))
    return found


def test_a_ramp_reaches_its_limit_when_it_does() -> None:
    made = run(prediction.empty(), days(40, 0.3), machine())
    last = made[-1]
    assert last["method"] == "trend"
    assert (last["limit_sensor"], last["limit_kind"], last["limit"]) == ("P1.temp", "configured", 80.0)
    true_d = (80.0 - 50.0 - 0.3 * (last["ts"] - BEGIN_US) / DAY_US) / 0.3
    assert last["limit_d"] == pytest.approx(true_d, rel=0.1)
    assert last["limit_low_d"] <= true_d <= last["limit_high_d"]
    assert (last["maintenance_type"], last["severity"]) == ("inspection", 2)
    assert last["candidates"] == [{"failure_mode": "lubrication_failure", "action": "Relubricate."}]
    assert last["reference_begin"] == BEGIN_US
    assert codec.decode(codec.encode("Prediction", last)).record == last  # type: ignore[union-attr]


@given(st.lists(st.integers(1, 200), min_size=1, max_size=4), st.integers(0, 3))
@settings(max_examples=5, deadline=None)
def test_cutting_and_restoring_change_nothing(sizes: list[int], restore: int) -> None:
    windows = days(14, 1.0, every=8)
    whole = run(prediction.empty(), copy.deepcopy(windows), machine())
    state, made, at = prediction.empty(), [], 0
    for number, size in enumerate([*sizes, len(windows)]):
        made += run(state, windows[at : at + size], machine())
        at += size
        if number == restore:
            state = json.loads(json.dumps(state))
    assert made == whole
