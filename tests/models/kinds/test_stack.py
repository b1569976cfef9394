from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from models.artifact import Artifact, ArtifactError
from models.judge import served
from models.kinds.stack import members, stack
from models.plain import boosted
from models.predictor import predictor

ROWS = np.random.default_rng(2).normal(size=(200, 3))


def part(columns: tuple[str, ...], places: list[int]) -> Artifact:
    model = HistGradientBoostingRegressor(max_iter=10, random_state=0).fit(ROWS[:, places], ROWS.sum(axis=1))
    return boosted(model, columns, ("y",))


@pytest.fixture(scope="module")
def two() -> Artifact:
    return served(stack({"one": (part(("a", "b"), [0, 1]), 0.25), "two": (part(("c", "a"), [2, 0]), 0.75)}, ("a", "b", "c")))


def test_members_are_weighed_on_their_own_columns(two: Artifact) -> None:
    one, other = (predictor(members(two)[name]) for name in ("one", "two"))
    expected = 0.25 * one.predict(ROWS[:, [0, 1]]) + 0.75 * other.predict(ROWS[:, [2, 0]])
    np.testing.assert_array_equal(predictor(two).predict(ROWS), expected)


def test_shares_are_weighed_too(two: Artifact) -> None:
    model = predictor(two)
    share = model.explain(ROWS[:20])
    assert share is not None
    rest = model.predict(ROWS[:20])[:, 0] - share.sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-10)


def test_answers_stay_within_the_clip() -> None:
    model = predictor(stack({"one": (part(("a", "b"), [0, 1]), 1.0)}, ("a", "b"), (-0.5, 0.5)))
    assert np.abs(model.predict(ROWS[:, :2])).max() == 0.5


def test_a_stack_may_hold_stacks(two: Artifact) -> None:
    outer = served(stack({"inner": (two, 1.0)}, two.inputs))
    np.testing.assert_array_equal(predictor(outer).predict(ROWS), predictor(two).predict(ROWS))


def test_an_input_that_nobody_gives_is_refused() -> None:
    with pytest.raises(ArtifactError, match="needs the input 'b'"):
        predictor(stack({"one": (part(("a", "b"), [0, 1]), 1.0)}, ("a",)))


def test_weights_must_fit(two: Artifact) -> None:
    with pytest.raises(ArtifactError, match="one weight"):
        predictor(replace(two, options={**two.options, "weights": {"one": 1.0}}))
