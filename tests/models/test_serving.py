"""Every way a model can fail, and its recovery; the clock is made up."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.table import FloatArray
from tests.models import sample
from tests.models.rig import NEED, ROWS, Rig


def test_the_champion_answers_and_says_who_it_is(rig: Rig) -> None:
    known = rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    found = rig.serving.predict(NEED, ROWS)
    assert found.values is not None
    np.testing.assert_array_equal(found.values, np.full((3, 1), 4.0))
    assert (found.model, found.version, found.digest, found.reason) == ("wear", 1, known.digest, "")
    np.testing.assert_array_equal(rig.serving.explain(found, ROWS), np.full((3, 2), 2.0))


def test_nobody_fits(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    assert rig.serving.predict(replace(NEED, task="rul"), ROWS).reason == "no registered model fits rul"
    assert "shape (3, 1) for 2 inputs" in rig.serving.predict(NEED, ROWS[:, :1]).reason


def raises(_: FloatArray) -> FloatArray:
    raise KeyError("lost")


def answers_nan(rows: FloatArray) -> FloatArray:
    return np.full((len(rows), 1), np.nan)


def answers_infinity(rows: FloatArray) -> FloatArray:
    return np.full((len(rows), 1), np.inf)


def answers_too_much(rows: FloatArray) -> FloatArray:
    return np.ones((len(rows), 2))


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (raises, "raised KeyError: 'lost'"),
        (answers_nan, "answered NaN or infinity to finite rows"),
        (answers_infinity, "answered NaN or infinity to finite rows"),
        (answers_too_much, "answered with shape (3, 2), not (3, 1)"),
    ],
)
def test_a_model_that_fails_is_put_aside_and_tried_again(rig: Rig, does: Callable[[FloatArray], FloatArray], reason: str) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.models.does = does
    assert rig.answer() == (None, 0, f"wear version 1: {reason}")
    assert reason in rig.wrong()
    rig.models.does = None
    assert rig.answer() == (None, 0, f"wear version 1: {reason}")  # not asked before its time
    rig.now = 60
    assert (rig.answer(), rig.wrong()) == ((4.0, 1, ""), "")


def test_a_model_that_serves_nobody_any_more_is_no_trouble(rig: Rig) -> None:
    known = rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.models.does = raises
    rig.answer()
    rig.registry.entries[2.0] = replace(known, aliases=frozenset())
    rig.refresh.refresh()
    assert "model wear" not in rig.health.snapshot()


def test_a_model_that_takes_too_long_holds_nobody(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    hangs = threading.Event()
    rig.models.does = lambda rows: rows * hangs.wait()
    assert rig.answer() == (None, 0, "wear version 1: took longer than 200 ms")
    began = time.monotonic()
    assert rig.answer()[0] is None
    assert time.monotonic() - began < 0.1
    rig.models.does, rig.now = None, 60
    assert (rig.answer(), rig.wrong()) == ((4.0, 1, ""), "")
    hangs.set()


def test_rows_that_are_not_finite_may_be_answered_so(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rows = ROWS.copy()
    rows[1, 0] = np.nan
    found = rig.serving.predict(NEED, rows)
    assert found.values is not None
    assert np.isnan(found.values[:, 0]).tolist() == [False, True, False]


def test_a_model_that_may_abstain(rig: Rig) -> None:
    rig.registry.add(1, 2.0, card=sample.card("wear", tags={"abstains": "modes it never saw"}))
    rig.refresh.refresh()
    rig.models.does = answers_nan
    found = rig.serving.predict(NEED, ROWS)
    assert found.values is not None
    assert np.isnan(found.values).all()
    rig.models.does = answers_infinity
    assert "infinity" in rig.answer()[2]
