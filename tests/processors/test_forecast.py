"""Key signals ahead: what is kept, which guess stands, and how often its interval holds."""

import copy
import json
from typing import Any

import numpy as np
import pytest

from models.generated import signal
from processors import forecast
from processors.daily import DAY_US, HOUR_US
from processors.forecast import AHEAD, JUDGED_MIN, KEPT, NO_SIGNAL, Foresee, Foreseen
from processors.layout import Floats
from processors.machine import Machine, Sensor
from schemas import codec
from tests.processors.plant import BEGIN_US, window
from tests.processors.test_prediction import run

PUMP = Machine("P1", "pump", {"P1.temp": Sensor("P1.temp", "temperature", None, 80.0), "P1.flow": Sensor("P1.flow", "flow")})
FIRST = BEGIN_US // HOUR_US


def fed(values: Floats, first: int = FIRST) -> forecast.State:
    """The state when each hour had one window of this mean; NaN: none."""
    state = forecast.empty()
    for hour, value in enumerate([*values.tolist(), 0.0]):
        means = {"P1.temp": value} if value == value else {}  # noqa: PLR0124  NaN is not itself
        forecast.add(state, start_us=(first + hour) * HOUR_US, means=means, chosen=["P1.temp"])
    return json.loads(json.dumps(state))  # type: ignore[no-any-return]


def said(values: Floats, foresee: Foresee = forecast.nobody) -> dict[str, Any]:
    return forecast.made(fed(values), PUMP, foresee)


def oracle(values: Floats) -> Foresee:
    """A model that knows what comes."""
    known = values.astype("<f4").astype(np.float64)

    def foresee(_: Any, seen: Floats) -> Foreseen:
        found = np.full((*seen.shape, len(AHEAD)), np.nan)
        begin = len(known) - max(AHEAD) - seen.shape[1]
        for nth, hours in enumerate(AHEAD):
            found[0, :, nth] = known[begin + hours : begin + hours + seen.shape[1]]
        return Foreseen("", "seer", 3, "d", found)

    return foresee


def test_a_key_signal_is_one_with_a_limit() -> None:
    assert forecast.key(PUMP) == ["P1.temp"]
    assert len(forecast.key(Machine("P1", "pump", {f"s{n}": Sensor(f"s{n}", high=1.0) for n in range(20)}))) == forecast.SIGNALS_MAX


def test_hours_are_means_of_their_windows_and_gaps_stay_gaps() -> None:
    state = forecast.empty()
    for hour, value in [(0, 1.0), (0, 2.0), (3, 5.0), (4, 0.0), (2, 99.0)]:
        forecast.add(state, start_us=(FIRST + hour) * HOUR_US, means={"P1.temp": value, "P1.flow": 0.0}, chosen=["P1.temp"])
    names, values = forecast.series(state)
    assert names == ["P1.temp"]
    np.testing.assert_array_equal(values, [[1.5, np.nan, np.nan, 5.0]])


def test_memory_is_bounded_and_a_silent_signal_is_forgotten() -> None:
    state = fed(np.arange(KEPT + 100.0))
    assert forecast.series(state)[1].shape == (1, KEPT)
    forecast.add(state, start_us=(FIRST + 2 * KEPT + 101) * HOUR_US, means={}, chosen=[])
    assert forecast.series(state)[0] == []
    assert len(json.dumps(fed(np.arange(2.0 * KEPT)))) < 2200


NOISE = np.random.default_rng(2).normal(size=200)


@pytest.mark.parametrize(("values", "method"), [(np.cumsum(NOISE), "naive"), (NOISE, "mean")])
def test_without_a_model_the_nearer_of_naive_and_mean_stands(values: Floats, method: str) -> None:
    made = said(values)
    (first, *_) = made["forecasts"]
    assert (first["method"], first["ahead_h"], first["judged"], first["model_error"]) == (method, 1, 168, None)
    assert first["error"] == min(first["naive_error"], first["mean_error"])
    assert first["low"] < first["value"] < first["high"]
    assert (made["forecast_reason"], made["forecast_from"]) == ("no forecast model", (FIRST + 200) * HOUR_US)


def test_a_model_stands_where_it_was_nearest() -> None:
    values = np.random.default_rng(3).normal(size=300)
    made = forecast.made(fed(values[:-24]), PUMP, oracle(values))
    assert [each["method"] for each in made["forecasts"]] == ["model"] * 3
    assert [each["value"] for each in made["forecasts"]] == pytest.approx([values[-24], values[-19], values[-1]], rel=1e-6)
    assert (made["forecast_model"], made["forecast_version"], made["forecast_reason"]) == ("seer", 3, "")


def test_a_model_that_is_wrong_does_not_stand() -> None:
    values = np.random.default_rng(3).normal(size=300)
    made = forecast.made(fed(values[:-24]), PUMP, oracle(values + 10.0))
    assert {each["method"] for each in made["forecasts"]} == {"mean"}
    assert made["forecasts"][0]["model_error"] == pytest.approx(10.0, rel=0.01)


@pytest.mark.parametrize(
    ("values", "machine", "reason"),
    [
        (np.ones(JUDGED_MIN), PUMP, f"{JUDGED_MIN} of {JUDGED_MIN + 1} hours seen"),
        (np.append(np.ones(60), np.nan), PUMP, forecast.UNSEEN),
        (np.ones(60), Machine("P1"), NO_SIGNAL),
        (np.ones(60), "the database does not answer", "the database does not answer"),
    ],
)
def test_why_there_is_no_forecast(values: Floats, machine: Machine | str, reason: str) -> None:
    made = forecast.made(fed(values), machine, forecast.nobody)
    assert (made["forecasts"], made["forecast_from"], made["forecast_reason"]) == ([], None, reason)


def test_intervals_hold_what_they_say() -> None:
    held: list[bool] = []
    for part in np.split(signal.signals(17, 24).features["value"], 24):
        for end in range(KEPT, len(part) - 24, 97):
            made = said(part[end - KEPT : end])["forecasts"]
            held += [each["low"] <= part[end + each["ahead_h"] - 1] <= each["high"] for each in made]
    assert 0.85 < np.mean(held) < 0.95, (np.mean(held), len(held))


def test_a_prediction_carries_its_forecasts_and_cutting_changes_nothing() -> None:
    dice = np.random.default_rng(4)
    windows = [window(6 * hour, {"P1.temp": float(dice.normal())}) for hour in range(40)]
    whole = run({}, copy.deepcopy(windows), PUMP)
    state: dict[str, Any] = {}
    parts = run(state, windows[:17], PUMP)
    parts += run(json.loads(json.dumps(state)), windows[17:], PUMP)
    assert parts == whole
    assert [len(each["forecasts"]) for each in whole[-2:]] == [2, 2], "a day ahead cannot be judged yet"
    assert codec.decode(codec.encode("Prediction", whole[-1])).record == whole[-1]  # type: ignore[union-attr]


def test_a_snapshot_of_earlier_rules_goes_on() -> None:
    state: dict[str, Any] = {}
    run(state, [window(0, {"P1.temp": 1.0})], PUMP)
    del state["P1"]["signals"]
    (made,) = run(state, [window(6, {"P1.temp": 1.0})], PUMP)
    assert made["forecast_reason"] == "0 of 25 hours seen"
    assert DAY_US == 24 * HOUR_US
