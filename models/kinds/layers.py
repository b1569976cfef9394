"""Networks of two hidden layers as plain arrays (processors/layers.py), several of equal shape as one: their mean.

Arrays: mean, scale (inputs,); first (networks, inputs, wide), second (networks, wide, narrow), last (networks, narrow) and the starts
of each layer: first_start, second_start, start.
"""

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray
from processors.layers import answers

ARRAYS = ("first", "first_start", "second", "second_start", "last", "start")


class Layers:
    """One answer a row."""

    def __init__(self, artifact: Artifact) -> None:
        self._mean, self._scale = (artifact.arrays[name].astype(np.float64) for name in ("mean", "scale"))
        self._layers = [np.ascontiguousarray(artifact.arrays[name], np.float64) for name in ARRAYS]

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to answers (n, 1)."""
        return np.asarray(answers((rows - self._mean) / self._scale, *self._layers))[:, None]

    def explain(self, rows: FloatArray) -> FloatArray | None:  # noqa: ARG002  the signature of every kind
        """No cheap form is exact."""
        return None


def make(artifact: Artifact) -> Layers:
    """The predictor of this kind."""
    missing = {*ARRAYS, "mean", "scale"} - artifact.arrays.keys()
    if missing:
        raise ArtifactError(f"kind layers needs the arrays {', '.join(sorted(missing))}")
    return Layers(artifact)
