"""ADWIN against river's."""

import numpy as np
import pytest
from river.drift import ADWIN

from processors import adwin


@pytest.mark.parametrize("seed", range(6))
def test_changes_are_those_of_river(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.concatenate([random.normal(shift, scale, 700) for shift, scale in ((0, 1), (0.5, 1), (0.5, 3), (4, 1), (4, 1))])
    theirs = ADWIN()
    expected = []
    for value in values.tolist():
        theirs.update(value)
        expected.append(theirs.drift_detected)
    found = adwin.changes(values, adwin.begin())
    assert found.any()
    assert found.tolist() == expected


def test_a_stream_and_a_batch_are_equal() -> None:
    values = np.concatenate([np.random.default_rng(1).normal(size=300), np.random.default_rng(2).normal(5.0, 1.0, 300)])
    state = adwin.begin()
    parts = [bool(adwin.changes(values[i : i + 1], state)[0]) for i in range(len(values))]
    assert parts == adwin.changes(values, adwin.begin()).tolist()


def test_missing_values_are_passed_over() -> None:
    values = np.random.default_rng(3).normal(size=200)
    state = adwin.begin()
    adwin.changes(np.insert(values, 50, np.nan), state)
    assert state["width"][0] == 200
