"""The policy of retraining and its gates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from models.retrain import COOLDOWN, LABELS, SCHEDULE, Marks, Past, compare, decide, regressed
from models.version import PASSED
from tests.models import sample

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FRESH = Past(NOW - timedelta(days=3))


@pytest.mark.parametrize(
    ("past", "why"),
    [
        (FRESH, ""),
        (replace(FRESH, drift=NOW - timedelta(days=1)), "drift since 2026-05-31"),
        (replace(FRESH, drift=NOW - timedelta(days=9)), ""),  # it was trained since
        (replace(FRESH, labels=LABELS - 1), ""),
        (replace(FRESH, labels=LABELS), "20 new outcomes"),
        (Past(NOW - SCHEDULE), "not trained for 30 days"),
    ],
)
def test_causes(past: Past, why: str) -> None:
    assert (decide(past, NOW).why, decide(past, NOW).now) == (why, bool(why))


def test_the_cooldown_holds_for_everybody() -> None:
    tried = replace(Past(NOW - SCHEDULE), tried=NOW - COOLDOWN + timedelta(seconds=1))
    for asked in (False, True):
        decision = decide(tried, NOW, asked=asked)
        assert (decision.now, decision.until) == (False, NOW + timedelta(seconds=1))
        assert decide(tried, NOW + timedelta(seconds=1), asked=asked).now
    assert decide(replace(FRESH, tried=NOW), NOW).until is None  # nothing was due anyway


def test_recent_rows_want_better_and_frozen_rows_not_worse() -> None:
    champion = Marks(7.5, 0.96, 4.0)
    assert compare(champion, champion, frozen=True) == PASSED
    assert "not better" in compare(champion, champion, frozen=False)
    assert compare(replace(champion, false=0.0), champion, frozen=False) == PASSED
    assert compare(replace(champion, found=1.0), champion, frozen=False) == PASSED
    for frozen in (False, True):
        assert "15 false episodes" in compare(replace(champion, false=15.0), champion, frozen=frozen)
        assert "finds 0.9 " in compare(replace(champion, false=0.0, found=0.9), champion, frozen=frozen)
        assert "nothing to judge by" in compare(replace(champion, days=float("nan")), champion, frozen=frozen)
        assert "passed" not in compare(replace(champion, false=float("nan")), champion, frozen=frozen)


def test_no_figure_of_the_champion_may_fall_out_of_its_interval() -> None:
    (figure,) = sample.card().figures
    assert regressed([replace(figure, value=0.71)], [figure]) == PASSED
    assert regressed([replace(figure, value=0.69)], [figure]).startswith("F1 on generated: 0.69, the champion 0.8")
    assert regressed([], [figure]) == "F1 on generated is missing"
    lower = replace(figure, better="lower")
    assert regressed([replace(lower, value=0.69)], [lower]) == PASSED
    assert regressed([replace(lower, value=0.91)], [lower]) != PASSED
    assert regressed([replace(figure, value=nan)], [figure]) != PASSED


def test_a_figure_without_interval_must_not_become_worse() -> None:
    figure = replace(sample.card().figures[0], low=nan, high=nan)
    assert regressed([figure], [figure]) == PASSED
    assert regressed([replace(figure, value=figure.value - 1e-6)], [figure]) != PASSED
    nothing = replace(figure, value=nan)
    assert regressed([nothing], [nothing]) == PASSED, "it said nothing that could become worse"
    assert regressed([replace(figure, value=figure.value * (1 - 1e-11))], [figure]) == PASSED, "equal on one machine"
