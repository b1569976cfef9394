"""A point estimate with intervals of stated coverage: quantiles of its errors on rows it never saw, in bins of the estimate (conformal).

Options: `members` and `weights` of the point estimate as a stack (models/kinds/stack.py), `clip`, `levels` as the outputs name them.
Arrays: edges (bins - 1,), below and above (bins, levels): what is added to the estimate for the two ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.kinds.stack import Stack
from models.table import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Bins:
    """Errors by estimate.

    Args:
        edges: (bins - 1,) rising limits between the bins.
        below: (bins, levels) what leads from the estimate to the lower end.
        above: (bins, levels) what leads to the upper end.

    """

    edges: FloatArray
    below: FloatArray
    above: FloatArray

    def ends(self, estimate: FloatArray, level: int, clip: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends (n,) of one level."""
        place = np.searchsorted(self.edges, estimate)
        return np.clip(estimate + self.below[place, level], *clip), np.clip(estimate + self.above[place, level], *clip)


def calibrated(estimate: FloatArray, truth: FloatArray, levels: Sequence[float], count: int, top: float) -> Bins:
    """Bins with about equally many rows below `top`, whose ends leave out as much on both sides as the level allows.

    Args:
        estimate: (n,) of rows the model never saw.
        truth: (n,) of the same rows.
        levels: coverages, for example 0.8.
        count: number of bins.
        top: largest estimate.

    """
    edges = np.unique(np.quantile(np.minimum(estimate, top - 1e-6), np.linspace(0.0, 1.0, count + 1)[1:-1]))
    edges = edges[edges < top - 1.0]
    place = np.searchsorted(edges, estimate)
    parts = [np.sort((truth - estimate)[place == k]) for k in range(len(edges) + 1)]
    below = np.array([[part[_low(len(part), level)] for level in levels] for part in parts])
    above = np.array([[part[len(part) - 1 - _low(len(part), level)] for level in levels] for part in parts])
    return Bins(edges, below, above)


def _low(rows: int, level: float) -> int:
    """Place of the lower end among so many sorted errors."""
    return max(int(np.floor((rows + 1) * (1.0 - level) / 2.0)) - 1, 0)


def banded(point: Artifact, bins: Bins, levels: Sequence[float]) -> Artifact:
    """A stack with intervals; outputs: the estimate, then low and high of each level, named by its percentage."""
    name = point.outputs[0]
    ends = [f"{end}_{round(100 * level)}" for level in levels for end in ("low", "high")]
    arrays = {**point.arrays, "edges": bins.edges, "below": bins.below, "above": bins.above}
    options = {**point.options, "levels": list(levels)}
    return replace(point, kind="bins", outputs=(name, *ends), arrays=arrays, options=options)


class Banded:
    """A stack whose answer carries intervals."""

    def __init__(self, artifact: Artifact) -> None:
        self._stack = Stack(replace(artifact, kind="stack", outputs=artifact.outputs[:1]))
        self._bins = Bins(*(artifact.arrays[name] for name in ("edges", "below", "above")))
        self._clip = (float(artifact.options["clip"][0]), float(artifact.options["clip"][1]))
        self._levels: IntArray = np.arange(len(artifact.options["levels"]))

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to estimate and ends (n, 1 + 2 * levels)."""
        estimate = self._stack.predict(rows)[:, 0]
        ends = [end for level in self._levels for end in self._bins.ends(estimate, int(level), self._clip)]
        return np.column_stack([estimate, *ends])

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """Shares of the inputs in the estimate, as those of its stack."""
        return self._stack.explain(rows)


def make(artifact: Artifact) -> Banded:
    """The predictor of this kind."""
    missing = {"edges", "below", "above"} - artifact.arrays.keys()
    if missing or not artifact.options.get("clip"):
        raise ArtifactError(f"kind bins needs a clip and the arrays edges, below, above; missing: {', '.join(sorted(missing)) or 'clip'}")
    return Banded(artifact)
