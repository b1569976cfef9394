"""Drift recipes on few sensors."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from models.artifact import Artifact
from models.generated import drift as generated
from models.kinds.stream import INPUTS, OUTPUTS
from models.predictor import predictor
from models.recipes import drift


def test_sensors_repeat_and_move_where_they_say() -> None:
    table = generated.sensors(1, 1)
    assert np.array_equal(table.features["value"], generated.sensors(1, 1).features["value"])
    for number, part in table.each():
        moved = part.targets["moved"]
        assert bool(moved.any()) is not table.units[number].endswith("stays")
        assert not moved[: generated.MOVED_AT].any()


def test_the_replaced_rule_is_the_two_sample_test() -> None:
    rows = np.column_stack([np.arange(6000.0), np.random.default_rng(0).normal(size=6000).cumsum()])
    alarm = drift.replaced(rows)
    for end in range(generated.REFERENCE + 60, 6000, 600):
        expected = ks_2samp(rows[end - 120 : end - 60, 1], rows[end - 60 : end, 1]).pvalue < 0.05
        assert bool(alarm[end]) is bool(expected)


def test_the_pair_beats_the_replaced_rule() -> None:
    made = Artifact("stream", INPUTS, OUTPUTS, options={"detector": "cusum", "reference_s": 172800.0})
    model = predictor(made)
    table = generated.sensors(5, 1)
    ours = drift.outcomes(table, lambda rows: model.predict(rows)[:, 1])
    theirs = drift.outcomes(table, drift.replaced)
    assert drift.false(ours) < 1.0
    assert drift.false(theirs) > 20.0
    assert drift.delay([each for each in ours if each.name.endswith("mean 3")]) < 20.0


def test_seeds_of_bars_and_of_judging_are_apart() -> None:
    assert drift.JUDGED_FROM > 1000


def test_no_false_alarm_at_all_still_has_an_interval() -> None:
    quiet = [drift.Outcome(f"{number} stays", 0, 1000, float("nan")) for number in range(40)]
    loud = [drift.Outcome(each.name, 3, each.healthy, each.delay) for each in quiet]
    rate = drift.MEASURES[0].figure(quiet, loud, 0)
    assert (rate.value, rate.low) == (0.0, 0.0)
    assert rate.high == pytest.approx(10.0 * 0.0881, rel=1e-3)  # 8.81 % of 40 sensors, one alarm in 1,000 readings each
    moved = [drift.Outcome(f"{number} mean 3", 0, 1000, 15.0) for number in range(32)]
    delay = next(each for each in drift.MEASURES if each.fate == "mean 3").figure(moved, moved, 0)
    assert np.isnan([delay.low, delay.high]).all()
    assert delay.note == "100% found; 32 sensors, no spread"
