"""Time to a limit from the trend of the last values of a health index (processors/trend.py).

Inputs: `limit`, then the values, oldest first, NaN where one is missing. Outputs in steps of the values: time, and the ends of a 90 %
interval; NaN where no sure trend leads to the limit: then nothing is stated. Options `ratio_low` and `ratio_high`: what the interval
is of the time; the slope's own uncertainty says nothing of wear that speeds up, so they come from known falls.
"""

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray
from processors.trend import LEAST, reach

LIMIT = "limit"
OUTPUTS = ("time_to_limit", "time_to_limit_low", "time_to_limit_high")


class Reach:
    """Each row by itself."""

    def __init__(self, ratio_low: float, ratio_high: float) -> None:
        self._ratios = np.array([1.0, ratio_low, ratio_high])

    def predict(self, rows: FloatArray) -> FloatArray:
        """Time to the limit with its interval (n, 3)."""
        return np.asarray(np.array([reach(row[1:], float(row[0]))[0] for row in rows])[:, None] * self._ratios, np.float64)

    def explain(self, rows: FloatArray) -> FloatArray | None:  # noqa: ARG002  the signature of every kind
        """The trend of one index has no shares."""
        return None


def make(artifact: Artifact) -> Reach:
    """The predictor of this kind."""
    if artifact.inputs[:1] != (LIMIT,) or len(artifact.inputs) <= LEAST or len(artifact.outputs) != len(OUTPUTS):
        raise ArtifactError(f"kind trend needs {LIMIT}, then {LEAST} values or more, and the outputs {', '.join(OUTPUTS)}")
    try:
        return Reach(float(artifact.options["ratio_low"]), float(artifact.options["ratio_high"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"kind trend: option {error} is missing or no number") from error
