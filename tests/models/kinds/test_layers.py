import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.artifact import Artifact, ArtifactError
from models.judge import served
from models.plain import layers
from models.predictor import predictor

ROWS = np.random.default_rng(9).normal(5.0, 3.0, size=(200, 4))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_networks_answer_as_the_library() -> None:
    scaler = StandardScaler().fit(ROWS)
    scaled = scaler.transform(ROWS)
    networks = [MLPRegressor(hidden_layer_sizes=(8, 4), max_iter=5, random_state=k).fit(scaled, ROWS.sum(axis=1)) for k in range(3)]
    models = [make_pipeline(scaler, network) for network in networks]
    made = predictor(served(layers(models, ("a", "b", "c", "d"), ("y",))))
    np.testing.assert_allclose(made.predict(ROWS)[:, 0], np.mean([model.predict(ROWS) for model in models], axis=0), atol=1e-10)
    assert made.explain(ROWS) is None


def test_missing_arrays_are_refused() -> None:
    with pytest.raises(ArtifactError, match="first, first_start, last"):
        predictor(Artifact("layers", ("a",), ("y",), {"mean": np.zeros(1)}))
