"""Several detectors as one: the mean of their scores, each ranked among the scores of healthy rows, in units of a threshold."""

from collections.abc import Mapping

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.kinds.stack import members, stack
from models.predictor import predictor
from models.table import FloatArray
from processors.pattern.ranking import ranks

REFERENCE = "healthy_scores_of_"  # begin of the names of these arrays
REFERENCE_MAX = 512  # quantiles kept of them


def pack(detectors: Mapping[str, Artifact], healthy: FloatArray, threshold: float = 1.0) -> Artifact:
    """Detectors of equal inputs, taught by the same rows.

    Args:
        detectors: by name.
        healthy: rows (n, inputs) whose scores are the reference.
        threshold: mean rank that counts as 1.

    """
    inputs = next(iter(detectors.values())).inputs
    joined = stack({name: (each, 1.0 / len(detectors)) for name, each in detectors.items()}, inputs)
    arrays = dict(joined.arrays)
    for name, detector in detectors.items():
        scores = np.sort(predictor(detector).predict(healthy)[:, 0])
        arrays[REFERENCE + name] = np.quantile(scores, np.linspace(0.0, 1.0, min(len(scores), REFERENCE_MAX)))
    return Artifact("ensemble", inputs, ("score",), arrays, options={**joined.options, "threshold": threshold})


class Ensemble:
    """Detectors and their healthy scores."""

    def __init__(self, made: Artifact) -> None:
        self._members = {name: predictor(each) for name, each in members(made).items()}
        self._references = {name: made.arrays[REFERENCE + name] for name in self._members}
        self._threshold = float(made.options["threshold"])

    def predict(self, rows: FloatArray) -> FloatArray:
        """Score (n, 1); from 1 on a row is abnormal."""
        ranked = [ranks(each.predict(rows)[:, 0], self._references[name]) for name, each in self._members.items()]
        found: FloatArray = np.mean(ranked, axis=0)[:, None] / self._threshold
        return found

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """Mean over the members of the share of each input in their score (n, inputs); sums to 1, to 0 where nothing speaks."""
        shares = [explained for each in self._members.values() if (explained := each.explain(rows)) is not None]
        if not shares:
            return None
        return np.asarray(np.mean([_shares(each) for each in shares], axis=0), np.float64)


def _shares(explained: FloatArray) -> FloatArray:
    positive = np.maximum(explained, 0.0)
    total = positive.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(positive, total, out=np.zeros_like(positive), where=total > 0.0), np.float64)


def make(artifact: Artifact) -> Ensemble:
    """The predictor of this kind."""
    listed = artifact.options.get("members", ())
    missing = [name for name in listed if REFERENCE + name not in artifact.arrays]
    if missing or not listed:
        raise ArtifactError(f"kind ensemble: no members, or no healthy scores of {missing}")
    return Ensemble(artifact)
