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
from processors.reach import Reach, reach
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


@pytest.mark.parametrize(
    ("windows", "known", "reason"),
    [
        (days(8, 1.0), machine(), "7 of 13 days in the present life"),
        (days(20, 1.0), machine(accepted=False), "the reference is provisional: see `maint baseline accept`"),
        (days(20, 0.0), machine(), "no trend towards the limit that chance would not give"),
        (days(3, 0.0), Machine("P1"), "no reference yet"),
        (days(3, 0.0), "the database does not answer", "the database does not answer"),
        (days(20, 1.0, mode="off"), machine(), "0 of 13 days in the present life"),
    ],
)
def test_why_there_is_no_time_to_limit(windows: list[Record], known: Machine | str, reason: str) -> None:
    last = run(prediction.empty(), windows, known)[-1]
    assert (last["limit_d"], last["limit_h"], last["limit_reason"]) == (None, None, reason)
    assert last["method"] == "none"
    assert codec.decode(codec.encode("Prediction", last)).record == last  # type: ignore[union-attr]


def test_days_before_the_reference_belong_to_another_life() -> None:
    windows = days(30, 1.0)
    later = BEGIN_US + 22 * DAY_US
    known = machine(begin_us=later)
    last = run(prediction.empty(), windows, known)[-1]
    assert last["limit_reason"] == "7 of 13 days in the present life"


def test_what_a_driver_explains_is_no_trend() -> None:
    windows = []
    for number in range(0, 30 * WINDOWS, 12):
        speed = 1000.0 + 5.0 * number / WINDOWS
        windows.append(window(number, {"P1.flow": 100.0 + 0.1 * (speed - 1000.0) + 0.1 * (number % 5), "P1.speed": speed}))
    last = run(prediction.empty(), windows, machine())[-1]
    assert last["limit_reason"].startswith("no trend")
    assert last["health"] == 1.0
    assert last["parts"][0]["expected"] == pytest.approx(100.0 + 0.1 * 5.0 * 30.0, abs=0.2)


def test_health_is_that_of_the_worst_sensor_with_its_parts() -> None:
    (first,) = run(prediction.empty(), [window(0, {"P1.temp": 65.5, "P1.flow": 101.0, "P1.other": 1.0})], machine())
    assert first["health"] == 0.5
    assert [(part["sensor_id"], part["health"], part["limit"]) for part in first["parts"]] == [("P1.temp", 0.5, 80.0)]
    assert first["maintenance_type"] == "none"
    (poor,) = run(prediction.empty(), [window(0, {"P1.temp": 79.0})], machine())
    assert (poor["maintenance_type"], poor["severity"]) == ("inspection", 2)
    assert poor["candidates"][0]["failure_mode"] == "lubrication_failure"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("off", "no steady window within an hour: mode off"),
        ("other", "no reference for mode 'other', or not all of its drivers within an hour"),
    ],
)
def test_why_there_is_no_health(mode: str, reason: str) -> None:
    (only,) = run(prediction.empty(), [window(0, {"P1.temp": 50.0}, mode=mode)], machine())
    assert (only["health"], only["parts"], only["health_reason"]) == (None, [], reason)


def test_one_record_an_hour_and_one_more_when_health_falls() -> None:
    calm = [window(number, {"P1.temp": 50.0}) for number in range(12)]
    assert [each["last"] for each in run(prediction.empty(), calm, machine())] == [calm[0]["start"], calm[6]["start"]]
    falling = [window(number, {"P1.temp": 50.0 + 4.0 * number}) for number in range(6)]
    assert [each["health"] for each in run(prediction.empty(), falling, machine())] == [1.0, 0.897, 0.759, 0.621, 0.483, 0.345]


def test_history_gives_one_record_a_day() -> None:
    assert len(run(prediction.empty(), days(3, 0.0, every=6, historical=True), machine())) == 3


def test_standby_does_not_age() -> None:
    """Half of each day at rest: the same running hours to the limit are twice the days."""
    always = run(prediction.empty(), days(30, 0.5), machine())[-1]
    resting = [{**each, "mode": "off"} if each["origin"]["offset"] % WINDOWS >= WINDOWS // 2 else each for each in days(30, 0.5)]
    half = next(each for each in reversed(run(prediction.empty(), resting, machine())) if each["limit_d"] is not None)
    assert half["duty"] == pytest.approx(0.5, abs=0.01)
    assert half["limit_h"] == pytest.approx(always["limit_h"] / 2.0, rel=0.1)
    assert half["limit_d"] == pytest.approx(always["limit_d"], rel=0.1)


def test_a_stored_time_to_limit_comes_out_again_bit_by_bit() -> None:
    last = run(prediction.empty(), days(25, 0.6), machine())[-1]
    x, y = (np.frombuffer(last[name], "<f8") for name in ("hours_f8", "deviation_f8"))
    again = reach(x, y, last["target"], beyond=0.5, tests=2, seed=last["seed"], coverage=last["coverage"])
    assert isinstance(again, Reach)
    assert (again.hours - last["since_h"], again.low - last["since_h"]) == (last["limit_h"], last["limit_low_h"])
    assert 24.0 * again.slope == last["slope"]


def test_a_models_answer_and_what_it_was_given_stand_in_the_record() -> None:
    outputs = {"rul_h": 480.0, "rul_low_h": 300.0, "rul_high_h": 700.0, "p_failure_7d": 0.1, "p_failure_30d": 0.6, "p_failure_90d": 0.9}

    def ask(*_: Any) -> Life:
        return Life("", "pump_life", 3, "abc", {"P1.temp.mean": 50.0}, outputs)

    last = run(prediction.empty(), days(2, 0.0), machine(), ask)[-1]
    assert (last["method"], last["model"], last["version"], last["rul_d"], last["fallback"]) == ("model", "pump_life", 3, 20.0, "")
    assert (last["rul_reason"], last["p_reason"], last["maintenance_type"]) == ("", "", "preventive")
    assert last["inputs"] == {"P1.temp.mean": 50.0}
    none = run(prediction.empty(), days(2, 0.0), machine())[-1]
    assert (none["rul_h"], none["rul_reason"], none["p_failure_30d"], none["p_reason"]) == (
        None,
        prediction.NO_MODEL,
        None,
        prediction.NO_MODEL,
    )


def test_the_memory_of_an_asset_is_bounded() -> None:
    state = prediction.empty()
    run(state, days(190, 0.0, every=36), machine())
    short = len(json.dumps(state))
    run(state, [each for each in days(260, 0.0, every=36) if each["start"] > state["P1"]["last"]], machine())
    assert len(json.dumps(state)) < 1.05 * short


def part(number: int, topic: str, means: dict[str, float], **more: Any) -> dict[str, Any]:
    return window(number, means, origin={"topic_id": topic, "partition": 0, "offset": number, "nth": 0}, **more)


def stepped(records: list[dict[str, Any]], asked: list[list[str]] | None = None) -> list[list[dict[str, Any]]]:
    """What each record gives rise to; `asked` gets the sensors of each window that a model would see."""
    state = prediction.empty()

    def ask(_: Any, record: Any) -> Life:
        if asked is not None:
            asked.append(sorted(record["sensors"]))
        return Life()

    return [
        prediction.step(state, each, schema="Features", known_at_us=number, origin=origin(number), about=lambda _: machine(), ask=ask)
        for number, each in enumerate(records)
    ]


def test_without_its_driver_nobody_knows_what_a_sensor_should_show() -> None:
    (found,) = stepped([window(0, {"P1.flow": 60.0})])[0]
    assert (found["health"], found["parts"]) == (None, [])
    assert "not all of its drivers" in found["health_reason"]


def test_readings_and_frames_are_judged_and_asked_about_together() -> None:
    asked: list[list[str]] = []
    records = [part(n, topic, means) for n in range(8) for topic, means in (("raw", {"P1.speed": 600.0}), ("frames", {"P1.flow": 60.0}))]
    found = stepped(records, asked)
    assert [len(each) for each in found] == [1] + [0] * 12 + [1, 0, 0], "the second record of the first window of an hour"
    assert found[13][0]["health"] == 1.0, "100 less what 400 rpm explain"
    assert asked == [["P1.speed"], ["P1.flow", "P1.speed"]]
