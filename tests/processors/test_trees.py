"""Oracle: Shapley values by their definition, over all subsets of the inputs."""

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.kinds.trees import boxes
from processors.trees import shares, totals

# x0 <= 0 ? (x1 <= 1 ? 1 : 2) : (x0 <= 3 ? (x2 <= 0 ? 5 : 7) : 4), and a second tree on x1 alone
TREES: dict[str, NDArray[Any]] = {
    "feature": np.array([0, 1, -1, -1, 0, 2, -1, -1, -1, 1, -1, -1], np.int32),
    "threshold": np.array([0, 1, 0, 0, 3, 0, 0, 0, 0, 0.5, 0, 0], np.float64),
    "left": np.array([1, 2, -1, -1, 5, 6, -1, -1, -1, 10, -1, -1], np.int32),
    "right": np.array([4, 3, -1, -1, 8, 7, -1, -1, -1, 11, -1, -1], np.int32),
    "value": np.array([0, 0, 1, 2, 0, 0, 5, 7, 4, 0, -1, 1], np.float64)[:, None],
    "cover": np.array([100, 40, 10, 30, 60, 45, 40, 5, 15, 100, 70, 30], np.float64),
    "root": np.array([0, 9], np.int32),
}
ROWS = np.array([[-1.0, 0.0, 0.0], [-1.0, 2.0, 9.0], [1.0, 0.7, -2.0], [2.0, 0.7, 2.0], [4.0, 0.0, 2.0], [0.0, 1.0, 0.0]])


def expected(node: int, row: np.ndarray, known: set[int]) -> float:
    """Answer of a tree when only some inputs are known: splits on the others are averaged by the training rows."""
    left, right = TREES["left"][node], TREES["right"][node]
    if left < 0:
        return float(TREES["value"][node, 0])
    feature = int(TREES["feature"][node])
    if feature in known:
        return expected(left if row[feature] <= TREES["threshold"][node] else right, row, known)
    cover = TREES["cover"]
    return float((cover[left] * expected(left, row, known) + cover[right] * expected(right, row, known)) / cover[node])


def shapley(row: np.ndarray, inputs: int) -> np.ndarray:
    found = np.zeros(inputs)
    for k in range(inputs):
        others = [j for j in range(inputs) if j != k]
        for size in range(inputs):
            weight = factorial(size) * factorial(inputs - size - 1) / factorial(inputs)
            for chosen in combinations(others, size):
                gain = [expected(root, row, {*chosen, k}) - expected(root, row, set(chosen)) for root in TREES["root"]]
                found[k] += weight * sum(gain)
    return found


def test_totals_follow_the_splits() -> None:
    found = totals(ROWS, *(TREES[name] for name in ("feature", "threshold", "left", "right", "value", "root")))
    np.testing.assert_array_equal(found[:, 0], [0.0, 3.0, 6.0, 8.0, 3.0, 2.0])


def test_shares_are_shapley_values() -> None:
    box = boxes(TREES)
    found = shares(ROWS, box.begin, box.feature, box.low, box.high, box.portion, box.value)
    np.testing.assert_allclose(found, [shapley(row, 3) for row in ROWS], atol=1e-12)


def test_shares_add_up_to_the_answer() -> None:
    box = boxes(TREES)
    found = shares(ROWS, box.begin, box.feature, box.low, box.high, box.portion, box.value)
    mean = sum(expected(root, ROWS[0], set()) for root in TREES["root"])
    answers = totals(ROWS, *(TREES[name] for name in ("feature", "threshold", "left", "right", "value", "root")))
    np.testing.assert_allclose(found.sum(axis=1) + mean, answers[:, 0], atol=1e-12)


@pytest.mark.parametrize("k", range(len(ROWS)))
def test_rows_alone_answer_as_together(k: int) -> None:
    box = boxes(TREES)
    together = shares(ROWS, box.begin, box.feature, box.low, box.high, box.portion, box.value)[k]
    np.testing.assert_array_equal(shares(ROWS[k : k + 1], box.begin, box.feature, box.low, box.high, box.portion, box.value)[0], together)
