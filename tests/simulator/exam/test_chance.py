import dataclasses

import numpy as np
import pytest

from simulator.exam.chance import CLASS, HINDSIGHT, LOG, NEVER, PLATFORM, POOLED, Cases, Lived, Span, Stated, hazards, judged, within
from simulator.exam.judge import DAY_US
from simulator.life.first import PUMP
from simulator.life.history import Failure, History
from tests.simulator.exam.test_judge import pump

SPAN = Span(0, 365 * DAY_US, 730 * DAY_US)


def lived(*failures: float, kind: str = "pump", replaced: tuple[float, ...] = ()) -> Lived:
    return Lived(kind, [int(day * DAY_US) for day in failures], [int(day * DAY_US) for day in replaced])


def said(asset: str, day: float, *odds: float | None) -> Stated:
    known = odds or (None, None, None)
    return Stated(asset, int(day * DAY_US), known, tuple(odd and odd / 2 for odd in known))


@pytest.mark.parametrize(
    ("day", "fate"),
    [(399.0, False), (400.0, True), (429.9, True), (430.0, False), (700.0, False), (700.1, None)],
)
def test_a_failure_counts_within_its_days_and_what_passes_the_end_does_not(
    day: float,
    fate: bool | None,  # noqa: FBT001  a parameter of the test
) -> None:
    assert lived(430.0).fails(int(day * DAY_US), 30, SPAN.end_us) is fate


def test_a_failure_is_not_known_better_than_none_near_the_end() -> None:
    assert lived(710.0).fails(705 * DAY_US, 30, SPAN.end_us) is None


def test_what_was_replaced_before_it_failed_is_censored() -> None:
    one = lived(430.0, replaced=(410.0, 440.0))
    assert one.fails(400 * DAY_US, 30, SPAN.end_us) is None
    assert one.fails(411 * DAY_US, 30, SPAN.end_us) is True
    assert one.fails(405 * DAY_US, 3, SPAN.end_us) is False


def test_the_truth_of_a_machine() -> None:
    what = dataclasses.replace(
        pump(), history=History([], [Failure(PUMP.modes[0], 10, 48), Failure(PUMP.modes[1], 20, 24)], [], [("seal", 72)])
    )
    assert Lived.of(what, 0) == lived(1.0, 2.0, replaced=(3.0,))


def test_hazards_come_from_the_first_half_alone() -> None:
    fleet = [lived(100.0, 200.0, 400.0), lived(500.0), lived(kind="fan")]
    assert hazards(fleet, SPAN) == {"pump": 2.5 / 730, "": 2.5 / 1095, "fan": 0.5 / 365}


def test_candidates_say_what_they_know_and_silence_is_the_class_hazard() -> None:
    fleet = {"a": lived(100.0, 430.0), "b": lived(kind="fan")}
    seven, thirty, ninety = judged(fleet, [said("a", 364, 1, 1, 1), said("a", 410, 0.1, 0.9, None), said("b", 650), said("c", 500)], SPAN)
    assert [each.days for each in (seven, thirty, ninety)] == [7, 30, 90]
    assert (thirty.failed.tolist(), thirty.stated, thirty.censored) == ([1.0, 0.0], 1, 0)
    assert (ninety.failed.tolist(), ninety.stated, ninety.censored) == ([1.0], 0, 1)
    base = within(1.5 / 365, 30), within(0.5 / 365, 30)
    assert thirty.said[CLASS].tolist() == pytest.approx(base)
    assert thirty.said[PLATFORM].tolist() == pytest.approx([0.9, base[1]])
    assert thirty.said[LOG].tolist() == pytest.approx([0.45, base[1]])
    assert thirty.said[POOLED].tolist() == pytest.approx([within(1.5 / 730, 30)] * 2)
    assert (thirty.said[NEVER].tolist(), thirty.said[HINDSIGHT].tolist()) == ([0.0, 0.0], [1.0, 0.0])


def test_nothing_said_is_nothing_judged() -> None:
    assert judged({"a": lived()}, [], SPAN) == []
    assert isinstance(judged({"a": lived()}, [said("a", 400)], SPAN)[0], Cases)


def test_certain_within_all_time() -> None:
    assert within(1.0, np.inf) == 1.0
