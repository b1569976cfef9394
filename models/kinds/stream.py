"""Detectors of one series, which remember: `predict` takes a whole series in the order of time and begins with an empty memory.

Unlike other kinds the answer to a row depends on the rows before it; the control plane never asks them row by row. Option
`detector`: `deep` (processors/deep.py; arrays weights and tuning, option threshold), `cusum` (processors/drift.py; the first
`reference_s` seconds teach) or `adwin` (processors/adwin.py, of a model's errors; option delta).
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray
from processors import adwin, deep, drift

INPUTS: Final = ("time_s", "value")
OUTPUTS: Final = ("score", "alarm")
Judge = Callable[[Artifact, FloatArray], FloatArray]


def _deep(artifact: Artifact, rows: FloatArray) -> FloatArray:
    weights, tuning = artifact.arrays["weights"], artifact.arrays["tuning"]
    score = deep.scores(np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1]), deep.begin(), weights, tuning)
    return np.column_stack([score, np.round(score, 12) >= artifact.options["threshold"]])


def _cusum(artifact: Artifact, rows: FloatArray) -> FloatArray:
    """Residual in scales, and what moved; nothing within the reference."""
    time, values = rows[:, 0], rows[:, 1]
    teaches = time < time[0] + artifact.options["reference_s"]
    if teaches.all():
        return np.zeros((len(rows), 2))
    residuals = drift.whiten(drift.learn(time[teaches], values[teaches]), time, values)
    found = drift.cusum(residuals[~teaches], np.zeros(3))
    return np.column_stack([np.abs(residuals), np.concatenate([np.zeros(int(teaches.sum())), found])])


def _adwin(artifact: Artifact, rows: FloatArray) -> FloatArray:
    """The value, and where its mean changed."""
    found = adwin.changes(np.ascontiguousarray(rows[:, 1]), adwin.begin(), artifact.options["delta"])
    return np.column_stack([rows[:, 1], found])


DETECTORS: Final[dict[str, tuple[Judge, tuple[str, ...], tuple[str, ...]]]] = {  # function, arrays, options
    "deep": (_deep, ("weights", "tuning"), ("threshold",)),
    "cusum": (_cusum, (), ("reference_s",)),
    "adwin": (_adwin, (), ("delta",)),
}


class Stream:
    """A detector of one series."""

    def __init__(self, made: Artifact, judge: Judge) -> None:
        self._artifact, self._judge = made, judge

    def predict(self, rows: FloatArray) -> FloatArray:
        """Score and alarm of each row (n, 2) of one series: time in seconds and value."""
        return self._judge(self._artifact, rows)

    def explain(self, rows: FloatArray) -> FloatArray | None:  # noqa: ARG002  the signature of every kind
        """One value has no shares."""
        return None


def make(artifact: Artifact) -> Stream:
    """The predictor of this kind."""
    judge, arrays, options = DETECTORS.get(artifact.options.get("detector", ""), (None, (), ()))
    if judge is None:
        raise ArtifactError(f"kind stream: detector {artifact.options.get('detector')!r} is unknown; known: {', '.join(DETECTORS)}")
    missing = [name for name in arrays if name not in artifact.arrays] + [name for name in options if name not in artifact.options]
    if missing:
        raise ArtifactError(f"kind stream: {', '.join(missing)} missing")
    return Stream(artifact, judge)
