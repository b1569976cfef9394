import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from models.artifact import Artifact, ArtifactError
from models.plain import boosted
from models.predictor import Predictor, predictor

ROWS = np.random.default_rng(1).normal(size=(300, 3))


@pytest.fixture(scope="module")
def trees() -> Predictor:
    model = HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(ROWS, ROWS[:, 0] + ROWS[:, 1] ** 2)
    return predictor(boosted(model, ("a", "b", "c"), ("y",)))


def test_rows_alone_answer_bit_for_bit_as_together(trees: Predictor) -> None:
    together = trees.predict(ROWS)
    assert all((trees.predict(ROWS[k : k + 1])[0] == together[k]).all() for k in range(len(ROWS)))


def test_a_row_with_a_gap_gets_no_answer(trees: Predictor) -> None:
    rows = ROWS[:3].copy()
    rows[1, 2] = np.nan
    assert np.isnan(trees.predict(rows)[:, 0]).tolist() == [False, True, False]


def test_rows_stay_as_they_were(trees: Predictor) -> None:
    rows = ROWS.copy()
    trees.predict(rows)
    trees.explain(rows[:5])
    np.testing.assert_array_equal(rows, ROWS)


def test_missing_arrays_are_refused() -> None:
    with pytest.raises(ArtifactError, match="cover, feature"):
        predictor(Artifact("trees", ("a",), ("y",), options={"link": "identity"}))


def test_an_unknown_link_is_refused() -> None:
    names = ("feature", "threshold", "left", "right", "value", "root", "start", "cover")
    with pytest.raises(ArtifactError, match="link 'cubic' is unknown"):
        predictor(Artifact("trees", ("a",), ("y",), {name: np.zeros(1) for name in names}, options={"link": "cubic"}))
