import dataclasses

import numpy as np
import pytest

from simulator.exam.brier import EDGES, reliability, scores, skill
from simulator.exam.chance import CLASS, NEVER, PLATFORM, Cases

MACHINES, EACH = 40, 25
DICE = np.random.default_rng(3)
TRUE = np.repeat(DICE.choice([0.02, 0.3], MACHINES, p=[0.8, 0.2]), EACH)
FAILED = (DICE.random(MACHINES * EACH) < TRUE).astype(float)


def cases(said: object) -> Cases:
    base = np.full(len(FAILED), FAILED.mean())
    everyone = {PLATFORM: np.broadcast_to(np.asarray(said, float), FAILED.shape), CLASS: base, NEVER: np.zeros(len(FAILED))}
    return Cases(30, np.repeat(np.arange(MACHINES), EACH), FAILED, everyone, np.ones(len(FAILED), np.bool_), 3)


def test_who_knows_all_has_the_whole_skill() -> None:
    assert skill(cases(FAILED), PLATFORM) == (1.0, 1.0, 1.0)


def test_who_says_the_base_rate_has_none() -> None:
    assert skill(cases(FAILED.mean()), PLATFORM) == pytest.approx((0.0, 0.0, 0.0))


def test_who_knows_the_chances_has_some_who_turns_them_round_less_than_none() -> None:
    whole, low, high = skill(cases(TRUE), PLATFORM)
    assert 0.0 < low < whole < high < 1.0
    assert skill(cases(1.0 - TRUE), PLATFORM)[2] < 0.0


def test_the_interval_is_over_machines_and_wider_than_over_moments() -> None:
    made = cases(TRUE)
    free = Cases(30, np.arange(len(FAILED)), FAILED, made.said, made.told, 0)
    _, low, high = skill(made, PLATFORM)
    _, free_low, free_high = skill(free, PLATFORM)
    assert skill(made, PLATFORM) == skill(made, PLATFORM)
    assert high - low > free_high - free_low


def test_lines_of_the_table() -> None:
    platform, base, never = scores([cases(TRUE)])
    assert (platform["days"], platform["candidate"], platform["moments"], platform["censored"]) == (30, PLATFORM, 1000, 3)
    assert (base["skill"], base["95 %"]) == (0.0, (0.0, 0.0))
    assert never["Brier"] == pytest.approx(FAILED.mean())
    assert never["skill"] < 0.0


def test_reliability_shares_out_every_moment_once() -> None:
    made = reliability([cases(TRUE)])
    assert sum(line["moments"] for line in made) == len(FAILED)
    assert [line["said"] for line in made] == ["0.02 .. 0.05", "0.2 .. 0.4"]
    assert [line["said, mean"] for line in made] == pytest.approx([0.02, 0.3])
    assert all(abs(line["failing"] - line["said, mean"]) < 0.06 for line in made)
    assert len(EDGES) - 1 <= 10
    assert [line["moments"] for line in reliability([cases(1.0)])] == [len(FAILED)]


def test_without_moments_there_is_no_line() -> None:
    none, nothing = np.empty(0), np.empty(0, np.bool_)
    assert scores([Cases(7, np.empty(0, np.int64), none, {PLATFORM: none, CLASS: none}, nothing, 5)]) == []
    assert reliability([Cases(7, np.empty(0, np.int64), none, {PLATFORM: none}, nothing, 5)]) == []


def test_silence_has_no_skill_and_is_in_no_range() -> None:
    made = cases(TRUE)
    assert scores([dataclasses.replace(made, told=~made.told)]) == reliability([dataclasses.replace(made, told=~made.told)]) == []
    some = dataclasses.replace(made, told=np.arange(len(FAILED)) < EACH)
    assert sum(line["moments"] for line in reliability([some])) == EACH
    assert scores([some])[0]["stated"] == EACH


def test_a_class_that_was_never_wrong_leaves_nothing_to_gain() -> None:
    quiet = Cases(7, np.arange(3), np.zeros(3), {PLATFORM: np.full(3, 0.1), CLASS: np.zeros(3)}, np.ones(3, np.bool_), 0)
    assert scores([quiet])[1]["skill"] is None
