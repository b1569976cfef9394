"""Prediction as the agent runs it: chunks, snapshots, and models of remaining life that fit exactly or are not asked."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifact import Artifact
from models.card import Card
from models.generated import signal
from models.predictor import predictor
from models.recipes import forecast as forecasts
from models.serving import Serving
from models.version import Version
from processors import forecast
from processors.daily import HOUR_US
from processors.machine import Machine, Sensor
from processors.pattern.row import cells, glance
from schemas.codec import Decoded, decode, encode
from streams.agents import prediction
from streams.steps import StepWork
from streams.topics import FEATURES, PREDICTIONS
from streams.work import Output
from tests.processors.plant import WINDOWS, machine, window
from tests.processors.test_prediction import days
from tests.streams.agents.detectors import serving, version
from tests.streams.building import Input, place, taken

INPUTS = ("P1.temp.mean", "P1.flow.mean")
OUTPUTS = ("rul_h", "rul_low_h", "rul_high_h")
LIFE = Card("pump_life", "rul", "Life", ("pump",), ("temperature",), "class", "own", "by time", "here", (), 1.0, {"class": "pump"})


class Fixed:
    """A model that answers the same each time."""

    def __init__(self, *values: float) -> None:
        self._values = np.array([values])

    def predict(self, rows: Any) -> Any:
        return np.repeat(self._values, len(rows), axis=0)

    def explain(self, _: Any) -> None:
        return None


def life(inputs: tuple[str, ...] = INPUTS, outputs: tuple[str, ...] = OUTPUTS, **stated: Any) -> Version:
    artifact = Artifact("fixed", inputs, outputs)
    return version(artifact, replace(LIFE, **stated))


def models(known: Version, *values: float) -> Serving:
    return serving(known, models={known.digest: Fixed(*(values or (100.0, 50.0, 200.0)))})


def inputs(windows: list[dict[str, Any]]) -> list[Input]:
    return [Input(n, encode("Features", each), timestamp=each["known_at"] // 1000) for n, each in enumerate(windows)]


def work(asked: Serving, known: Machine | str, state: bytes | None = None) -> StepWork:
    return StepWork(prediction.rules(lambda _: known, partial(prediction.ask, asked)), place(FEATURES), state)


def apply(agent: StepWork, records: list[Input]) -> list[Output]:
    return agent.apply(taken(records, records[0].offset, records[-1].offset + 1))


def one(asked: Serving, known: Machine | str | None = None) -> dict[str, Any]:
    (output,) = apply(work(asked, known or machine()), inputs([window(0, {"P1.temp": 50.0, "P1.flow": 100.0})]))
    found = decode(output.value)
    assert isinstance(found, Decoded)
    return found.record


@pytest.mark.parametrize("names", [INPUTS, ("temp.mean", "flow.mean")])
def test_a_model_of_the_class_answers_with_what_it_was_given(names: tuple[str, ...]) -> None:
    made = one(models(life(names)))
    assert (made["method"], made["model"], made["rul_h"], made["rul_low_h"], made["rul_high_h"]) == (
        "model",
        "pump_life",
        100.0,
        50.0,
        200.0,
    )
    assert made["inputs"] == dict(zip(names, (50.0, 100.0), strict=True))
    assert made["fallback"] == ""


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (life(serves="none"), "no model of this asset or class"),
        (life(("P1.temp.mean", "P1.missing.mean")), "no model of this asset or class"),
        (life(tags={"class": "fan"}), "no model of this asset or class"),
        (life(quantities=("pressure",)), "no model of this asset or class"),
    ],
)
def test_a_model_that_does_not_fit_exactly_is_not_asked(known: Version, reason: str) -> None:
    made = one(models(known))
    assert (made["method"], made["rul_h"], made["rul_reason"], made["model"]) == ("none", None, reason, "")


def test_a_model_that_fails_leaves_the_rest_of_the_record() -> None:
    made = one(models(life(), float("nan"), 1.0, 2.0))
    assert made["rul_h"] is None
    assert "answered NaN" in made["fallback"]
    assert made["health"] == 1.0


FAN = life(("P1.flow.mean",), name="a fan", tags={"class": "fan"})
PLAIN = life(("P1.flow.mean",), ("rul_h",), name="b pump", serves="any", tags={})


def test_a_model_of_another_class_takes_no_question_away() -> None:
    own = life()
    asked = serving(
        FAN, PLAIN, own, models={FAN.digest: Fixed(1.0, 1.0, 1.0), PLAIN.digest: Fixed(7.0), own.digest: Fixed(100.0, 50.0, 200.0)}
    )
    made = one(asked)
    assert (made["model"], made["rul_h"], made["fallback"]) == ("pump_life", 100.0, "")


def test_what_another_model_answers_goes_by_its_own_columns() -> None:
    plain = life(outputs=("rul_h",), name="z plain", serves="any", tags={})
    made = one(serving(life(), plain, models={plain.digest: Fixed(7.0)}))
    assert (made["model"], made["outputs"]) == ("z plain", {"rul_h": 7.0})
    assert made["fallback"] == "pump_life version 1: not loaded yet"


def test_after_one_that_abstains_the_next_is_asked() -> None:
    own = life(tags={"class": "pump", "abstains": "yes"})
    made = one(serving(own, PLAIN, models={own.digest: Fixed(np.nan, 1.0, 2.0), PLAIN.digest: Fixed(7.0)}))
    assert (made["model"], made["rul_h"], made["fallback"]) == ("b pump", 7.0, "pump_life version 1 abstains")


def test_a_process_without_models_or_database_says_both() -> None:
    made = one(serving(), "the database does not answer")
    assert (made["limit_reason"], made["health_reason"]) == ("the database does not answer", "the database does not answer")
    assert made["rul_reason"] == "the database does not answer"


def test_other_windows_are_not_decoded() -> None:
    minute = encode("Features", {**window(0, {"P1.temp": 50.0}), "window_s": 60})
    assert not prediction.wants({}, minute)
    assert prediction.wants({}, encode("Features", window(0, {})))
    assert prediction.wants({}, b"anything else")
    for cut in range(len(minute)):
        assert glance(minute[:cut]) in {None, ("P1", 60)}


def test_columns_of_a_window_are_found_by_name_or_not_at_all() -> None:
    record = window(0, {"P1.temp": 50.0, "P1.flow": 100.0}, good=0.5)
    assert cells(record, ["P1.flow.mean", "P1.temp.good", "P1.temp.n"]) == [100.0, 0.5, 60.0]
    assert cells(record, ["P1.flow.mean", "P1.other.mean"]) is None
    assert cells(record, ["P1.flow.median"]) is None


@given(st.integers(0, 140), st.integers(0, 140))
@settings(max_examples=5, deadline=None)
def test_cutting_and_restoring_change_nothing(first: int, second: int) -> None:
    everything, asked = inputs(days(14, 1.0, every=WINDOWS // 10)), models(life())
    whole = apply(work(asked, machine()), everything)
    assert {output.topic for output in whole} == {PREDICTIONS}
    agent, found, ends = work(asked, machine()), [], sorted((first, second))
    for part in (everything[: ends[0]], everything[ends[0] : ends[1]], everything[ends[1] :]):
        found += apply(agent, part) if part else []
        agent = work(asked, machine(), agent.pack())
    assert found == whole


@pytest.fixture(scope="module")
def forecaster() -> Version:
    artifact = forecasts._fitted(signal.signals(4, 12))
    card = Card("ahead", "forecast", "Ahead", ("general",), (), "any", "own", "by seed", "here", (), 1.0)
    return version(artifact, card)


def test_a_forecast_model_gets_the_columns_that_it_was_taught_with(forecaster: Version) -> None:
    table = signal.signals(6, 1)
    values = table.features["value"]
    lags = prediction._lags(forecaster)
    assert lags == list(forecasts.LAGS)
    taught = forecasts.rows(table)[0]
    np.testing.assert_array_equal(prediction.rows(values[None, :], lags, range(168, len(values) - 24)), taught)


def test_the_forecast_of_a_live_signal_is_better_than_naive_and_mean(forecaster: Version) -> None:
    asked = serving(forecaster, models={forecaster.digest: predictor(forecasts._fitted(signal.signals(4, 12)))})
    errors: list[Any] = []
    known = Machine("P1", sensors={"P1.temp": Sensor("P1.temp", "temperature", None, 80.0)})
    for values in np.split(signal.signals(6, 8).features["value"], 8):
        state = forecast.empty()
        for hour, value in enumerate(values[:-24].tolist()):
            forecast.add(state, start_us=hour * HOUR_US, means={"P1.temp": value}, chosen=["P1.temp"])
        forecast.add(state, start_us=(len(values) - 24) * HOUR_US, means={}, chosen=[])
        made = forecast.made(state, known, partial(prediction.foresee, asked))
        assert (made["forecast_model"], made["forecast_version"], made["forecast_reason"]) == ("ahead", 1, "")
        told = [[each["error"], each["naive_error"], each["mean_error"]] for each in made["forecasts"]]
        errors += list(np.array(told) / values.std())
    stated, naive, mean = np.mean(errors, axis=0)
    assert stated < 0.95 * min(naive, mean)


@pytest.mark.parametrize(
    ("changes", "hours", "reason"),
    [
        ({"serves": "none"}, 300, "no forecast model"),
        ({}, 100, "100 of 169 hours seen that ahead needs"),
        ({"quantities": ("flow",)}, 300, "no forecast model"),
    ],
)
def test_why_no_model_forecasts(forecaster: Version, changes: dict[str, Any], hours: int, reason: str) -> None:
    known = replace(forecaster, card=replace(forecaster.card, **changes))
    found = prediction.foresee(serving(known, models={}), Machine("P1"), np.ones((1, hours)))
    assert (found.values, found.reason) == (None, reason)


def test_a_forecast_of_other_columns_answers_for_nobody(forecaster: Version) -> None:
    other = replace(forecaster, name="a", digest="other", outputs=("in_1_h",))
    found = prediction.foresee(serving(other, forecaster, models={"other": Fixed(1.0)}), Machine("P1"), np.ones((1, 300)))
    assert (found.values, found.reason) == (None, "ahead version 1: not loaded yet")
