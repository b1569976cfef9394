"""Remaining share of a bearing's life."""

from pathlib import Path

import numpy as np
import pytest

from models.card import MEMBERS
from models.datasets import ims, xjtu
from models.datasets.bearing import NAMES
from models.generated import wear
from models.recipes import bearing
from models.table import Table
from tests.models import worn


@pytest.fixture(scope="module")
def lives() -> Table:
    return wear.lives(3, 4)


def test_no_input_looks_ahead(lives: Table) -> None:
    own = lives.of_units([0])
    rows = bearing.inputs(own)
    for upto in (1, 7, 30):
        np.testing.assert_array_equal(rows[:upto], bearing.inputs(own.rows(np.arange(upto))))
    assert rows.shape == (len(own), len(bearing.INPUTS))


def test_no_input_knows_the_length_of_a_life(lives: Table) -> None:
    """A life that goes on longer has the same inputs in its first half."""
    own = lives.of_units([1])
    half = own.rows(np.arange(len(own) // 2))
    np.testing.assert_array_equal(bearing.inputs(half), bearing.inputs(own)[: len(half)])
    assert not np.array_equal(bearing.left(half), bearing.left(own)[: len(half)]), "the target does know it"


def test_the_alarm_rule_wants_five_of_six() -> None:
    random = np.random.default_rng(0)
    values = random.normal(1.0, 0.1, 100)
    assert bearing.alarm(values) == 100
    values[60:64] += 5.0
    assert bearing.alarm(values) == 100, "four points are no alarm"
    values[80:] += 5.0
    assert bearing.alarm(values) == 84
    values[5:12] += 500.0
    assert bearing.alarm(values) == 100, "what stands in the first fifth is healthy by the rule"


def test_the_member_that_judges_never_saw_the_bearing(lives: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearing, "BEARINGS", 4)
    monkeypatch.setattr(wear, "lives", lambda *_: lives)
    trained = bearing.life(Path("nowhere"), 0)
    whole, late = trained.card.figures
    assert (trained.card.data_set, trained.card.serves, trained.card.judged) == ("generated bearings", "none", MEMBERS)
    assert (whole.trivial_name, late.metric) == ("the mean", bearing.NEAR)
    assert whole.value < whole.trivial
    assert set(trained.artifact.options["members"]) == set(lives.units)
    assert trained.artifact.inputs == bearing.INPUTS
    assert np.isnan(whole.published)


def test_published_bearings_stand_beside_their_published_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xjtu, "ROWS", worn.ROWS)
    monkeypatch.setattr(xjtu, "FILES", {})
    for seed in range(3):
        worn.bearing(tmp_path / "any", "35Hz12kN", f"Bearing1_{seed + 1}", 25 + 5 * seed, seed)
    trained = bearing.life(tmp_path, 0)
    whole = trained.card.figures[0]
    assert (whole.data_set, whole.published, whole.value < whole.trivial) == ("XJTU-SY", 0.16, True)
    assert sorted(trained.artifact.options["members"]) == [f"35Hz12kN/Bearing1_{number}" for number in (1, 2, 3)]


def test_the_card_of_ims_tells_the_hours_of_the_published_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ims, "ROWS", worn.ROWS)
    monkeypatch.setattr(ims, "FILES", {})
    worn.shaft(tmp_path, "2nd_test", "2nd_test", 40)
    worn.shaft(tmp_path, "4th_test/txt", "3rd_test", 40, 1)
    trained = bearing.shaft(tmp_path, 0)
    whole = trained.card.figures[0]
    assert (trained.card.name, whole.data_set) == ("bearing_life_ims", "IMS")
    assert "in brackets as published: 2nd_test/1 " in whole.note
    assert "(74.5 h), 3rd_test/3 " in whole.note


def test_generated_lives_grow_and_repeat(lives: Table) -> None:
    again = wear.lives(3, 4)
    np.testing.assert_array_equal(lives.matrix(NAMES), again.matrix(NAMES))
    for _, own in lives.each():
        level = own.features["rms_m_s2"]
        assert wear.LIFE_MIN[0] <= len(own) <= wear.LIFE_MIN[1]
        assert level[-1] > 2.0 * np.median(level[: len(own) // 4])


def test_nothing_grows_before_the_onset() -> None:
    for seed in range(20):
        size = wear.size(np.random.default_rng(seed), 100)
        assert (size[:34] == 0.0).all()
        assert size[-1] > wear.FIRST
