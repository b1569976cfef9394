"""Decision trees on plain arrays: their sums, and the exact share of each input (TreeSHAP) leaf by leaf.

A node with `left` below 0 is a leaf. A row goes left where its input is at most the threshold.
Source of the shares: Lundberg et al., "Consistent Individualized Feature Attribution for Tree Ensembles", 2018, algorithm 2,
here with each leaf as a box, so that nothing is recursive.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@njit(cache=True, nogil=True)
def totals(rows: Floats, feature: Ints, threshold: Floats, left: Ints, right: Ints, value: Floats, root: Ints) -> Floats:
    """Sum over all trees of the leaves that rows (n, inputs) fall into: (n, outputs). Always in the order of the trees."""
    total = np.zeros((len(rows), value.shape[1]))
    for i in range(len(rows)):
        for tree in range(len(root)):
            node = root[tree]
            while left[node] >= 0:
                node = left[node] if rows[i, feature[node]] <= threshold[node] else right[node]
            for k in range(value.shape[1]):
                total[i, k] += value[node, k]
    return total


@njit(cache=True, nogil=True)
def shares(rows: Floats, begin: Ints, feature: Ints, low: Floats, high: Floats, portion: Floats, value: Floats) -> Floats:
    """Shapley value of each input, (n, inputs): they and the mean over the training rows add up to the sum of the trees.

    Args:
        rows: (n, inputs).
        begin: (leaves + 1,) first side of each leaf.
        feature: (sides,) input of a side; each at most once in a leaf.
        low: (sides,) inside the leaf the input is above this ...
        high: (sides,) ... and at most this.
        portion: (sides,) share of the training rows that the splits on this input let through.
        value: (leaves,) answer of a leaf.

    """
    share = np.zeros(rows.shape)
    sides_max = 0
    for leaf in range(len(value)):
        sides_max = max(sides_max, begin[leaf + 1] - begin[leaf])
    weight = np.zeros(sides_max + 1)
    for i in range(len(rows)):
        for leaf in range(len(value)):
            first, sides = begin[leaf], begin[leaf + 1] - begin[leaf]
            weight[: sides + 1] = 0.0
            weight[0] = 1.0
            for m in range(sides):  # weight[k]: of all subsets with k inputs known
                side = first + m
                inside = 1.0 if low[side] < rows[i, feature[side]] <= high[side] else 0.0
                for k in range(m, -1, -1):
                    weight[k + 1] += inside * weight[k] * (k + 1) / (m + 2)
                    weight[k] = portion[side] * weight[k] * (m + 1 - k) / (m + 2)
            for m in range(sides):
                side = first + m
                inside = 1.0 if low[side] < rows[i, feature[side]] <= high[side] else 0.0
                share[i, feature[side]] += _without(weight, sides, inside, portion[side]) * (inside - portion[side]) * value[leaf]
    return share


@njit(cache=True, nogil=True)
def _without(weight: Floats, sides: int, inside: float, portion: float) -> float:
    """Sum of the weights of all subsets that lack one input."""
    total = 0.0
    rest = weight[sides]
    for k in range(sides - 1, -1, -1):
        if inside > 0.0:
            part = rest * (sides + 1) / (k + 1)
            total += part
            rest = weight[k] - part * portion * (sides - k) / (sides + 1)
        else:
            total += weight[k] / (portion * (sides - k) / (sides + 1))
    return total
