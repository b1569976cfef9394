"""The always-valid test: its errors at continuous looks, its power, and how assets are dealt."""

from itertools import pairwise

import numpy as np
import pytest

from models.table import FloatArray
from models.trial import ALPHA, Outcome, arm, evidence, judge, pairs

RUNS, LOOKS = 2000, 400
CHANCE = ALPHA + 3.0 * np.sqrt(ALPHA * (1 - ALPHA) / RUNS)  # what 2000 runs may show of a true 5 %


def crossed(differences: FloatArray) -> float:
    """Share of runs that are decided at any look."""
    return float(np.mean([max(evidence(run).max(), evidence(-run).max()) >= 2.0 / ALPHA for run in differences]))


@pytest.mark.parametrize("kind", ["rare", "even", "smooth", "skewed"])
def test_without_a_difference_few_runs_ever_cross_though_every_look_counts(kind: str) -> None:
    dice = np.random.default_rng(11)
    shape = RUNS, LOOKS
    if kind == "smooth":
        arms = [dice.random(shape), dice.random(shape)]
    elif kind == "skewed":
        arms = [dice.beta(0.3, 2.0, shape), dice.beta(0.3, 2.0, shape)]
    else:
        share = 0.05 if kind == "rare" else 0.5
        arms = [(dice.random(shape) < share).astype(float) for _ in range(2)]
    assert crossed(arms[0] - arms[1]) <= CHANCE


def test_a_drift_common_to_both_is_no_difference() -> None:
    dice = np.random.default_rng(5)
    share = np.linspace(0.1, 0.9, LOOKS)
    arms = [(dice.random((RUNS, LOOKS)) < share).astype(float) for _ in range(2)]
    assert crossed(arms[0] - arms[1]) <= CHANCE


def test_a_real_difference_is_found_and_has_the_right_sign() -> None:
    dice = np.random.default_rng(3)
    found = [judge((dice.random(LOOKS) < 0.75).astype(float) - (dice.random(LOOKS) < 0.5)) for _ in range(100)]
    assert sum(each.better == "challenger" for each in found) >= 95
    worse = [judge((dice.random(LOOKS) < 0.5).astype(float) - (dice.random(LOOKS) < 0.75)) for _ in range(100)]
    assert sum(each.better == "champion" for each in worse) >= 95


def test_the_interval_holds_the_truth_at_all_looks_together() -> None:
    dice = np.random.default_rng(7)
    inside = 0
    for _ in range(200):
        verdict = judge((dice.random(200) < 0.6).astype(float) - (dice.random(200) < 0.4))
        inside += verdict.low <= 0.2 <= verdict.high
    assert inside / 200 >= 1 - ALPHA - 3.0 * np.sqrt(ALPHA * (1 - ALPHA) / 200)


def test_the_interval_only_narrows_and_agrees_with_p() -> None:
    differences = np.random.default_rng(1).uniform(-0.4, 1.0, 120)
    looks = [judge(differences[:count]) for count in range(1, 121)]
    for before, after in pairwise(looks):
        assert (before.low <= after.low, before.high >= after.high, before.p >= after.p) == (True, True, True)
    assert all((each.p <= ALPHA) == (each.better != "") for each in looks)


def test_assets_are_dealt_evenly_always_alike_and_anew_in_another_experiment() -> None:
    assets = [f"P-{number}" for number in range(2000)]
    first, second = ([arm(name, asset) for asset in assets] for name in ("wear 3", "wear 4"))
    assert first == [arm("wear 3", asset) for asset in assets]
    assert abs(first.count("challenger") - 1000) < 3 * np.sqrt(2000) / 2
    assert abs(sum(one == two for one, two in zip(first, second, strict=True)) - 1000) < 3 * np.sqrt(2000) / 2
    assert [arm("x", asset, 0.1) for asset in assets].count("challenger") < 250


def test_only_the_first_outcome_of_an_asset_counts() -> None:
    dealt: dict[str, str] = {arm("x", f"P-{number}"): f"P-{number}" for number in range(20)}
    once = [Outcome(dealt["champion"], 0.25), Outcome(dealt["challenger"], 1.0)]
    assert pairs("x", once).tolist() == [0.75]
    assert pairs("x", [*once, Outcome(dealt["champion"], 1.0), Outcome(dealt["challenger"], 0.0)]).tolist() == [0.75]


def test_an_outcome_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="not between 0 and 1"):
        Outcome("P-1", 1.5)
