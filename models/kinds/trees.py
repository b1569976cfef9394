"""Boosted trees, forests and isolation forests as plain arrays, with exact shares of the inputs (processors/trees.py).

Arrays: feature, threshold, left, right, cover (nodes,), value (nodes, outputs), root (trees,), start (outputs,).
Options: `link` from the sum of the trees to the answer; `single`: rows are rounded to float32 first, as forests of scikit-learn do.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.artifact import Array, Artifact, ArtifactError
from models.table import FloatArray
from processors.trees import shares, totals

ARRAYS = ("feature", "threshold", "left", "right", "value", "root")
LINKS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "identity": lambda total: total,
    "logistic": lambda total: 1.0 / (1.0 + np.exp(-total)),
    "halving": lambda total: np.exp2(-total),  # of an isolation forest, whose leaves hold path lengths in units of the expected one
}
Sides = dict[int, tuple[float, float, float]]  # input -> above, at most, portion


@dataclass(frozen=True, slots=True)
class Boxes:
    """Leaves of all trees as boxes; the arguments of processors.trees.shares."""

    begin: Array
    feature: Array
    low: FloatArray
    high: FloatArray
    portion: FloatArray
    value: FloatArray


class Trees:
    """An ensemble of trees whose leaves add up."""

    def __init__(self, artifact: Artifact) -> None:
        self._arrays = artifact.arrays
        self._nodes = [artifact.arrays[name] for name in ARRAYS]
        self._start = artifact.arrays["start"]
        self._link = LINKS[artifact.options["link"]]
        self._single = bool(artifact.options.get("single", False))

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to answers (n, outputs); a row with a gap gets NaN."""
        answer = self._link(self._start + totals(self._rounded(rows), *self._nodes))
        answer[~np.isfinite(rows).all(axis=1)] = np.nan
        return answer

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """Exact share of each input in the first output before the link, for a logistic link in log-odds: (n, inputs)."""
        boxes = self._boxes
        return np.asarray(shares(self._rounded(rows), boxes.begin, boxes.feature, boxes.low, boxes.high, boxes.portion, boxes.value))

    def _rounded(self, rows: FloatArray) -> FloatArray:
        return np.ascontiguousarray(rows.astype(np.float32) if self._single else rows, dtype=np.float64)

    @cached_property
    def _boxes(self) -> Boxes:
        return boxes(self._arrays)


def boxes(arrays: Mapping[str, Array]) -> Boxes:
    """Every leaf as a box: one side for each input on its path, with the limits and the portions of its splits joined."""
    begin, values = [0], []
    sides: list[tuple[int, float, float, float]] = []
    for root in arrays["root"]:
        open_nodes: list[tuple[int, Sides]] = [(int(root), {})]
        while open_nodes:
            node, path = open_nodes.pop()
            if arrays["left"][node] < 0:
                sides.extend((feature, *limits) for feature, limits in path.items())
                begin.append(len(sides))
                values.append(float(arrays["value"][node, 0]))
            else:
                open_nodes.extend(_children(arrays, node, path))
    feature, low, high, portion = zip(*sides, strict=True) if sides else ((), (), (), ())
    return Boxes(
        np.asarray(begin, np.int32),
        np.asarray(feature, np.int32),
        np.asarray(low),
        np.asarray(high),
        np.asarray(portion),
        np.asarray(values),
    )


def _children(arrays: Mapping[str, Array], node: int, path: Sides) -> Iterator[tuple[int, Sides]]:
    feature, threshold = int(arrays["feature"][node]), float(arrays["threshold"][node])
    low, high, portion = path.get(feature, (-np.inf, np.inf, 1.0))
    left, right = int(arrays["left"][node]), int(arrays["right"][node])
    cover = arrays["cover"]
    yield left, path | {feature: (low, min(high, threshold), portion * float(cover[left] / cover[node]))}
    yield right, path | {feature: (max(low, threshold), high, portion * float(cover[right] / cover[node]))}


def make(artifact: Artifact) -> Trees:
    """The predictor of this kind."""
    missing = {*ARRAYS, "start", "cover"} - artifact.arrays.keys()
    if missing:
        raise ArtifactError(f"kind trees needs the arrays {', '.join(sorted(missing))}")
    if artifact.options.get("link") not in LINKS:
        raise ArtifactError(f"kind trees: link {artifact.options.get('link')!r} is unknown; known: {', '.join(LINKS)}")
    return Trees(artifact)
