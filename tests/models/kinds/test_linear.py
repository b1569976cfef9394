import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.artifact import Artifact, ArtifactError
from models.judge import served
from models.plain import linear
from models.predictor import predictor

ROWS = np.random.default_rng(4).normal(3.0, 2.0, size=(120, 3))
ARRAYS = {
    "mean": np.array([1.0, 0.0, 2.0]),
    "scale": np.array([2.0, 1.0, 1.0]),
    "coefficient": np.array([[1.0, 0.0], [0.5, 2.0], [0.0, 1.0]]),
    "start": np.array([0.1, -0.1]),
}


def model(**options: str) -> Artifact:
    return Artifact("linear", ("a", "b", "c"), ("y", "z"), ARRAYS, options={"link": "identity", **options})


def test_classes_answer_as_the_library() -> None:
    classes = np.digitize(ROWS[:, 0] + ROWS[:, 1], [4.0, 8.0])
    fitted = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)).fit(ROWS, classes)
    answers = predictor(served(linear(fitted, ("a", "b", "c"), ("low", "middle", "high")))).predict(ROWS)
    np.testing.assert_allclose(answers, fitted.predict_proba(ROWS), atol=1e-12)


def test_a_change_is_added_to_its_input() -> None:
    plain, added = predictor(model()).predict(ROWS), predictor(model(add="b")).predict(ROWS)
    np.testing.assert_allclose(added, plain + ROWS[:, 1:2])


@pytest.mark.parametrize("options", [{}, {"add": "b"}])
def test_shares_add_up(options: dict[str, str]) -> None:
    made = predictor(model(**options))
    share = made.explain(ROWS)
    assert share is not None
    at_mean = made.predict(ARRAYS["mean"][None])[0, 0]
    np.testing.assert_allclose(share.sum(axis=1) + at_mean, made.predict(ROWS)[:, 0])


def test_rows_alone_answer_bit_for_bit_as_together() -> None:
    made = predictor(model(link="softmax"))
    together = made.predict(ROWS)
    assert all((made.predict(ROWS[k : k + 1])[0] == together[k]).all() for k in range(len(ROWS)))


def test_missing_arrays_and_unknown_links_are_refused() -> None:
    with pytest.raises(ArtifactError, match="coefficient, mean"):
        predictor(Artifact("linear", ("a",), ("y",), options={"link": "identity"}))
    with pytest.raises(ArtifactError, match="link 'cubic'"):
        predictor(model(link="cubic"))
