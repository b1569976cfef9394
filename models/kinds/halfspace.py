"""Half-space trees of processors.pattern.halfspace, in units of their threshold."""

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray
from processors.pattern import halfspace
from processors.pattern.halfspace import Forest
from processors.pattern.scale import Scale, apply

CLIP = 6.0  # spreads, on either side: the box of the trees
ARRAYS = ("centre", "spread", "channel", "place", "reference")


def boxed(rows: FloatArray, scale: Scale) -> FloatArray:
    """Rows within the box [0, 1] of the trees."""
    return apply(rows, scale, CLIP) / (2.0 * CLIP) + 0.5


def pack(forest: Forest, scale: Scale, inputs: tuple[str, ...], threshold: float) -> Artifact:
    """A taught forest as an artifact; its answer is 1 at the threshold."""
    arrays = {name: getattr(forest, name) for name in ARRAYS[2:]} | {"centre": scale.centre, "spread": scale.spread}
    return Artifact(
        "halfspace", inputs, ("score",), arrays, options={"depth": forest.depth, "window": forest.window, "threshold": threshold}
    )


class Visited:
    """A taught forest."""

    def __init__(self, made: Artifact) -> None:
        arrays, options = made.arrays, made.options
        self._scale = Scale(arrays["centre"], arrays["spread"])
        latest = np.zeros_like(arrays["reference"])
        self._forest = Forest(arrays["channel"], arrays["place"], latest, arrays["reference"], options["depth"], options["window"])
        self._threshold = float(options["threshold"])

    def predict(self, rows: FloatArray) -> FloatArray:
        """Score (n, 1); from 1 on a row is abnormal. A missing value counts as usual."""
        return halfspace.score(self._forest, boxed(rows, self._scale))[:, None] / self._threshold

    def explain(self, rows: FloatArray) -> FloatArray:
        """How far the score falls when an input is put to its centre (n, inputs): a share of blame that does not sum to the score."""
        full = self.predict(rows)[:, 0]
        found = np.empty(rows.shape)
        for column, centre in enumerate(self._scale.centre):
            usual = rows.copy()
            usual[:, column] = centre
            found[:, column] = full - self.predict(usual)[:, 0]
        return found


def make(artifact: Artifact) -> Visited:
    """The predictor of this kind."""
    missing = [name for name in ARRAYS if name not in artifact.arrays]
    if missing or len(artifact.arrays["centre"]) != len(artifact.inputs):
        raise ArtifactError(f"kind halfspace: {missing or 'centre'} does not fit {len(artifact.inputs)} inputs")
    nodes, depth = artifact.arrays["reference"].shape[1], int(artifact.options["depth"])
    if nodes != 2 ** (depth + 1) - 1 or artifact.arrays["channel"].max() >= len(artifact.inputs):
        raise ArtifactError(f"kind halfspace: {nodes} nodes for depth {depth}, or a channel beyond the inputs")
    return Visited(artifact)
