"""Oracle: the library that fitted the model."""

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
)

from models.judge import served
from models.plain import boosted, forest, isolation
from models.predictor import predictor
from models.table import FloatArray

INPUTS = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def rows() -> FloatArray:
    return np.random.default_rng(0).normal(size=(600, 4))


def target(rows: FloatArray) -> FloatArray:
    return rows[:, 0] * 2.0 + np.sin(3.0 * rows[:, 1]) + rows[:, 2] * rows[:, 3]


def test_boosted_regression_answers_as_the_library(rows: FloatArray) -> None:
    model = HistGradientBoostingRegressor(max_iter=30, random_state=0).fit(rows, target(rows))
    answers = predictor(served(boosted(model, INPUTS, ("y",)))).predict(rows)[:, 0]
    np.testing.assert_allclose(answers, model.predict(rows), atol=1e-12)


def test_boosted_classes_answer_as_the_library(rows: FloatArray) -> None:
    model = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(rows, target(rows) > 0)
    answers = predictor(served(boosted(model, INPUTS, ("p",)))).predict(rows)[:, 0]
    np.testing.assert_allclose(answers, model.predict_proba(rows)[:, 1], atol=1e-12)


def test_a_forest_answers_as_the_library(rows: FloatArray) -> None:
    classes = np.digitize(target(rows), [-1.0, 1.0])
    model = ExtraTreesClassifier(20, random_state=0).fit(rows, classes)
    answers = predictor(served(forest(model, INPUTS, ("low", "middle", "high")))).predict(rows)
    np.testing.assert_allclose(answers, model.predict_proba(rows), atol=1e-12)


def test_an_isolation_forest_answers_as_the_library(rows: FloatArray) -> None:
    model = IsolationForest(n_estimators=20, random_state=0).fit(rows)
    answers = predictor(served(isolation(model, INPUTS, ("score",)))).predict(rows)[:, 0]
    np.testing.assert_allclose(answers, -model.score_samples(rows), atol=1e-12)


def test_shares_of_a_boosted_model_add_up(rows: FloatArray) -> None:
    model = HistGradientBoostingRegressor(max_iter=30, max_leaf_nodes=15, random_state=0).fit(rows, target(rows))
    trees = predictor(boosted(model, INPUTS, ("y",)))
    share = trees.explain(rows[:50])
    assert share is not None
    rest = trees.predict(rows[:50])[:, 0] - share.sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-10)
    assert abs(rest[0] - model.predict(rows).mean()) < 0.05
