"""Level-2 detectors by name: healthy rows in, an artifact out whose answer is 1 at its healthy limit."""

from collections.abc import Callable
from typing import Final

import numpy as np

from models.artifact import Artifact
from models.kinds import ensemble, halfspace, t2spe
from models.predictor import predictor
from models.table import FloatArray
from processors.pattern import distance, scale
from processors.pattern.halfspace import grow, learn

LIMIT: Final = 0.99  # quantile of the healthy scores
TREES, DEPTH = 50, 7
DRIFT: Final = 4.0  # weight of slow movement in the scale: the value that generated rigs favoured

Fitted = Callable[[FloatArray, tuple[str, ...]], Artifact]


def t2spe_detector(rows: FloatArray, inputs: tuple[str, ...]) -> Artifact:
    """T2/SPE of the rows; NaN where a value is missing."""
    return _limited(t2spe.pack(distance.t2spe(rows, drift=DRIFT), inputs), rows)


def mahalanobis_detector(rows: FloatArray, inputs: tuple[str, ...]) -> Artifact:
    """Robust Mahalanobis distance."""
    return _limited(t2spe.pack(distance.mahalanobis(rows, drift=DRIFT), inputs), rows)


def halfspace_detector(rows: FloatArray, inputs: tuple[str, ...]) -> Artifact:
    """Half-space trees, taught by all rows as one window."""
    scaled = scale.fit(rows, DRIFT)
    forest = grow(rows.shape[1], trees=TREES, depth=DEPTH, window=len(rows))
    learn(forest, halfspace.boxed(rows, scaled))
    return _limited(halfspace.pack(forest, scaled, inputs, 1.0), rows)


def ensemble_detector(rows: FloatArray, inputs: tuple[str, ...]) -> Artifact:
    """The mean rank of the three."""
    members = {name: DETECTORS[name](rows, inputs) for name in ("t2spe", "mahalanobis", "half_space_trees")}
    return _limited(ensemble.pack(members, rows), rows)


def _limited(made: Artifact, rows: FloatArray) -> Artifact:
    """The same with its healthy limit as threshold."""
    limit = max(float(np.quantile(predictor(made).predict(rows)[:, 0], LIMIT)), 1e-9)
    return threshold(made, limit)


def threshold(made: Artifact, level: float) -> Artifact:
    """The same detector, whose answer is 1 where it was `level`."""
    options = dict(made.options) | {"threshold": float(made.options["threshold"]) * level}
    return Artifact(made.kind, made.inputs, made.outputs, made.arrays, options=options)


DETECTORS: Final[dict[str, Fitted]] = {
    "t2spe": t2spe_detector,
    "mahalanobis": mahalanobis_detector,
    "half_space_trees": halfspace_detector,
    "ensemble": ensemble_detector,
}
