"""Kinds of level 2: laws that each keeps, and how damaged artifacts are refused."""

from dataclasses import replace

import numpy as np
import pytest

from models.artifact import ArtifactError
from models.detectors import DETECTORS, threshold
from models.judge import served
from models.predictor import predictor
from models.table import FloatArray

INPUTS = ("a.mean", "b.mean", "c.mean")


def rows(seed: int, count: int = 500) -> FloatArray:
    random = np.random.default_rng(seed)
    return np.asarray(random.normal(size=(count, 1)) + 0.5 * random.normal(size=(count, 3)))


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_every_detector_keeps_the_laws(name: str) -> None:
    artifact = served(DETECTORS[name](rows(0), INPUTS))
    model, judged = predictor(artifact), rows(1)
    before = judged.copy()
    answers = model.predict(judged)
    assert (answers.shape, model.predict(judged).tolist()) == ((500, 1), answers.tolist())
    assert np.array_equal(judged, before)
    assert np.isfinite(answers).all()
    assert [model.predict(row[None])[0, 0] for row in judged[:50]] == answers[:50, 0].tolist()
    assert (answers >= 1.0).mean() < 0.05
    assert np.median(model.predict(judged + np.array([0.0, 12.0, 0.0]))) > np.quantile(answers, 0.95)


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_the_changed_input_has_the_greatest_share(name: str) -> None:
    model = predictor(DETECTORS[name](rows(0), INPUTS))
    explained = model.explain(np.array([[0.0, 0.0, 9.0]]))
    assert explained is not None
    assert explained[0].argmax() == 2


def test_contributions_of_distances_sum_to_the_score() -> None:
    model = predictor(DETECTORS["t2spe"](rows(0), INPUTS))
    explained = model.explain(rows(1))
    assert explained is not None
    assert np.allclose(explained.sum(axis=1), model.predict(rows(1))[:, 0])


def test_a_missing_value_counts_as_usual() -> None:
    model = predictor(DETECTORS["t2spe"](rows(0), INPUTS))
    assert model.predict(np.array([[np.nan, np.nan, np.nan]]))[0, 0] < 1.0


def test_a_threshold_is_where_the_answer_is_one() -> None:
    artifact = DETECTORS["mahalanobis"](rows(0), INPUTS)
    twice = predictor(threshold(artifact, 2.0)).predict(rows(1))
    assert np.allclose(2.0 * twice, predictor(artifact).predict(rows(1)))


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_another_number_of_inputs_is_refused(name: str) -> None:
    artifact = DETECTORS[name](rows(0), INPUTS)
    damaged = replace(artifact, arrays={key: array[..., :-1] for key, array in artifact.arrays.items()})
    with pytest.raises(ArtifactError):
        predictor(damaged)
