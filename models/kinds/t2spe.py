"""A distance of processors.pattern.distance: T2/SPE or Mahalanobis, in units of its threshold. Contributions are exact."""

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray
from processors.pattern.distance import Distance, score
from processors.pattern.scale import Scale


def pack(distance: Distance, inputs: tuple[str, ...], threshold: float = 1.0) -> Artifact:
    """A fitted distance as an artifact; its answer is 1 at the threshold."""
    arrays = {"centre": distance.scale.centre, "spread": distance.scale.spread, "root": distance.root}
    return Artifact("t2spe", inputs, ("score",), arrays, options={"threshold": threshold})


class Measured:
    """A fitted distance."""

    def __init__(self, made: Artifact) -> None:
        self._distance = Distance(Scale(made.arrays["centre"], made.arrays["spread"]), made.arrays["root"])
        self._threshold = float(made.options.get("threshold", 1.0))

    def predict(self, rows: FloatArray) -> FloatArray:
        """Score (n, 1); from 1 on a row is abnormal. A missing value counts as usual."""
        return score(rows, self._distance)[0][:, None] / self._threshold

    def explain(self, rows: FloatArray) -> FloatArray:
        """What each input adds to the score (n, inputs); not negative, the sum is the score."""
        return score(rows, self._distance)[1] / self._threshold


def make(artifact: Artifact) -> Measured:
    """The predictor of this kind."""
    width = len(artifact.inputs)
    shapes = {"centre": (width,), "spread": (width,), "root": (width, width)}
    for name, shape in shapes.items():
        found = artifact.arrays.get(name, np.empty(0))
        if found.shape != shape or not np.isfinite(found).all():
            raise ArtifactError(f"kind t2spe: array {name} of shape {found.shape}, needed are finite numbers of shape {shape}")
    return Measured(artifact)
