"""Half-space trees: how rarely the neighbourhood of a row was visited (S. C. Tan, K. M. Ting, T. F. Liu, IJCAI 2011).

Each tree halves the space of the channels at random places down to a fixed depth. Rows of a window count in the nodes they pass;
a full window becomes the reference of the next. A row is judged by the counts along its way: few at a shallow node is unusual.
A forest is four arrays over (trees, nodes) in heap order: children of node i are 2 i + 1 and 2 i + 2.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit

from processors.layout import Floats, Longs

PADDING: Final = 0.15  # of the range: places to halve keep away from its ends
STOP: Final = 0.1  # of a window: a node visited less often ends the way


@dataclass(slots=True)
class Forest:
    """Half-space trees over channels in [0, 1].

    Attributes:
        channel: int64[t, 2**depth - 1], halved at each inner node.
        place: float64 of the same shape, where.
        latest, reference: float64[t, 2**(depth + 1) - 1], counts of the open window and of the last full one.
        depth: of each tree.
        window: rows of a window.
        counted: rows in the open window.
    """

    channel: Longs
    place: Floats
    latest: Floats
    reference: Floats
    depth: int
    window: int
    counted: int = 0


def grow(channels: int, *, trees: int = 25, depth: int = 8, window: int = 200, seed: int = 0) -> Forest:
    """An empty forest over channels in [0, 1]; equal seeds give equal forests."""
    random = np.random.default_rng(seed)
    inner = 2**depth - 1
    channel = random.integers(0, channels, (trees, inner))
    draws = random.uniform(PADDING, 1.0 - PADDING, (trees, inner))
    place = np.empty((trees, inner))
    for tree in range(trees):
        _place(channel[tree], draws[tree], channels, place[tree])
    nodes = 2 ** (depth + 1) - 1
    return Forest(channel, place, np.zeros((trees, nodes)), np.zeros((trees, nodes)), depth, window)


def _place(channel: Longs, draw: Floats, channels: int, place: Floats) -> None:
    """Halving places from draws: each lies within the box of its node."""
    boxes: dict[int, tuple[Floats, Floats]] = {0: (np.zeros(channels), np.ones(channels))}
    for node, which in enumerate(channel.tolist()):
        low, high = boxes.pop(node)
        place[node] = low[which] + draw[node] * (high[which] - low[which])
        for child, end in ((2 * node + 1, high), (2 * node + 2, low)):
            box = (low.copy(), high.copy())
            box[1 if end is high else 0][which] = place[node]
            boxes[child] = box


def learn(forest: Forest, rows: Floats) -> None:
    """Count rows float64[n, m] into the open window; call it with normal rows only."""
    for row in rows:
        count(row, forest.channel, forest.place, forest.latest, forest.depth)
        forest.counted += 1
        if forest.counted == forest.window:
            forest.reference[:] = forest.latest
            forest.latest[:] = 0.0
            forest.counted = 0


def score(forest: Forest, rows: Floats) -> Floats:
    """How unusual each row is, float64[n] in [0, 1]; 0 before the first full window.

    >>> forest = grow(1, window=50)
    >>> learn(forest, np.full((50, 1), 0.3))
    >>> usual, strange = score(forest, np.array([[0.3], [0.9]]))
    >>> bool(usual < 0.1 < 0.9 < strange)
    True
    """
    found = np.zeros(len(rows))
    if forest.reference.any():
        judge(np.ascontiguousarray(rows), forest.channel, forest.place, forest.reference, forest.depth, forest.window, found)
    return found


@njit(cache=True, nogil=True)
def count(row: Floats, channel: Longs, place: Floats, latest: Floats, depth: int) -> None:
    """Count one row in every node it passes."""
    for tree in range(len(channel)):
        node = 0
        for _ in range(depth):
            latest[tree, node] += 1.0
            node = 2 * node + (1 if row[channel[tree, node]] < place[tree, node] else 2)
        latest[tree, node] += 1.0


@njit(cache=True, nogil=True)
def judge(rows: Floats, channel: Longs, place: Floats, reference: Floats, depth: int, window: int, out: Floats) -> None:
    """Kernel of `score`."""
    highest = len(channel) * window * (2.0 ** (depth + 1) - 1.0)
    for i in range(len(rows)):
        total = 0.0
        for tree in range(len(channel)):
            node, weight = 0, 1.0
            for level in range(depth + 1):
                total += reference[tree, node] * weight
                if level == depth or reference[tree, node] < STOP * window:
                    break
                node = 2 * node + (1 if rows[i, channel[tree, node]] < place[tree, node] else 2)
                weight *= 2.0
        out[i] = 1.0 - total / highest
