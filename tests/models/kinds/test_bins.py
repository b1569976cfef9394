import numpy as np
import pytest

from models.artifact import Artifact, ArtifactError
from models.judge import served
from models.kinds.bins import banded, calibrated
from models.kinds.stack import stack
from models.predictor import predictor

RANDOM = np.random.default_rng(10)
ESTIMATE = RANDOM.uniform(0.0, 125.0, 4000)
TRUTH = np.clip(ESTIMATE + RANDOM.normal(size=4000) * (1.0 + ESTIMATE / 10.0), 0.0, 125.0)  # errors grow with the estimate
LEVELS = (0.8, 0.9)


def point() -> Artifact:
    """One input, which is the estimate."""
    arrays = {"mean": np.zeros(1), "scale": np.ones(1), "coefficient": np.ones((1, 1)), "start": np.zeros(1)}
    return stack({"one": (Artifact("linear", ("x",), ("rul",), arrays, options={"link": "identity"}), 1.0)}, ("x",), (0.0, 125.0))


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    half = slice(0, 2000)
    return served(banded(point(), calibrated(ESTIMATE[half], TRUTH[half], LEVELS, 8, 125.0), LEVELS))


def test_outputs_name_their_level(artifact: Artifact) -> None:
    assert artifact.outputs == ("rul", "low_80", "high_80", "low_90", "high_90")


def test_coverage_of_unseen_rows_is_nominal_low_and_high(artifact: Artifact) -> None:
    answers = predictor(artifact).predict(ESTIMATE[2000:, None])
    truth = TRUTH[2000:]
    for place, level in enumerate(LEVELS):
        inside = (truth >= answers[:, 1 + 2 * place]) & (truth <= answers[:, 2 + 2 * place])
        for part in (np.ones(2000, np.bool_), ESTIMATE[2000:] < 40, ESTIMATE[2000:] > 80):
            assert abs(inside[part].mean() - level) < 0.035


def test_intervals_are_wide_where_errors_are(artifact: Artifact) -> None:
    answers = predictor(artifact).predict(np.array([[10.0], [90.0]]))
    width = answers[:, 2] - answers[:, 1]
    assert width[1] > 2 * width[0]


def test_a_wider_level_holds_the_narrower(artifact: Artifact) -> None:
    answers = predictor(artifact).predict(ESTIMATE[:100, None])
    assert (answers[:, 3] <= answers[:, 1]).all()
    assert (answers[:, 4] >= answers[:, 2]).all()


def test_shares_are_those_of_the_estimate(artifact: Artifact) -> None:
    np.testing.assert_array_equal(predictor(artifact).explain(ESTIMATE[:5, None]), ESTIMATE[:5, None])


def test_missing_bins_are_refused() -> None:
    with pytest.raises(ArtifactError, match="above, below, edges"):
        predictor(Artifact("bins", ("x",), ("y",), options={"clip": [0, 1]}))
