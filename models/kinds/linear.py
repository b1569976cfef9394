"""Linear models as plain arrays, with exact shares: scaled inputs times coefficients, for classes through a softmax.

Arrays: mean, scale (inputs,), coefficient (inputs, outputs), start (outputs,). Option `link`: identity or softmax;
`add`: name of an input that is added to every output, for models of a change.
"""

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray

ARRAYS = ("mean", "scale", "coefficient", "start")
LINKS = ("identity", "softmax")


class Linear:
    """Sums are taken input by input, so that a row answers the same alone and among others."""

    def __init__(self, artifact: Artifact) -> None:
        self._mean, self._scale, self._coefficient, self._start = (artifact.arrays[name].astype(np.float64) for name in ARRAYS)
        self._softmax = artifact.options["link"] == "softmax"
        added = artifact.options.get("add")
        self._added = None if added is None else artifact.inputs.index(added)

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to answers (n, outputs)."""
        scaled = (rows - self._mean) / self._scale
        total = np.tile(self._start, (len(rows), 1))
        for k, coefficient in enumerate(self._coefficient):
            total += scaled[:, k : k + 1] * coefficient
        if self._added is not None:
            total += rows[:, self._added : self._added + 1]
        return _softmax(total) if self._softmax else total

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """Exact share of each input in the first output before the link: (n, inputs)."""
        share = (rows - self._mean) / self._scale * self._coefficient[:, 0]
        if self._added is not None:
            share[:, self._added] += rows[:, self._added] - self._mean[self._added]
        return np.asarray(share)


def _softmax(total: FloatArray) -> FloatArray:
    power = np.exp(total - total.max(axis=1, keepdims=True))
    return np.asarray(power / power.sum(axis=1, keepdims=True))


def make(artifact: Artifact) -> Linear:
    """The predictor of this kind."""
    missing = set(ARRAYS) - artifact.arrays.keys()
    if missing:
        raise ArtifactError(f"kind linear needs the arrays {', '.join(sorted(missing))}")
    if artifact.options.get("link") not in LINKS:
        raise ArtifactError(f"kind linear: link {artifact.options.get('link')!r} is unknown; known: {', '.join(LINKS)}")
    return Linear(artifact)
