"""Half-space trees against river's."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from river.anomaly import HalfSpaceTrees

from processors.pattern import halfspace
from processors.pattern.halfspace import Forest


def heap(node: Any, place: int = 0) -> Iterator[tuple[int, Any]]:
    if hasattr(node, "children"):
        yield place, node
        for side, child in enumerate(node.children, 1):
            yield from heap(child, 2 * place + side)


def copied(theirs: HalfSpaceTrees, channels: int) -> Forest:
    ours = halfspace.grow(channels, trees=theirs.n_trees, depth=theirs.height, window=theirs.window_size)
    for tree, root in enumerate(theirs.trees):
        for place, node in heap(root):
            ours.channel[tree, place], ours.place[tree, place] = node.feature, node.threshold
    return ours


def test_scores_are_those_of_river() -> None:
    random = np.random.default_rng(0)
    rows = np.clip(random.normal(0.5, 0.1, (300, 3)), 0.0, 1.0)
    rows[250:, 1] = 0.95
    theirs = HalfSpaceTrees(n_trees=7, height=5, window_size=60, seed=3)
    named = [dict(enumerate(row.tolist())) for row in rows]
    theirs.learn_one(named[0])
    ours = copied(theirs, 3)
    halfspace.learn(ours, rows[:1])
    for number in range(1, len(rows)):
        expected = theirs.score_one(named[number])
        assert halfspace.score(ours, rows[number : number + 1])[0] == pytest.approx(expected, abs=1e-12)
        theirs.learn_one(named[number])
        halfspace.learn(ours, rows[number : number + 1])


def test_places_lie_within_the_box_of_their_node() -> None:
    forest = halfspace.grow(1, trees=3, depth=4, seed=5)
    for tree in range(3):
        for node in range(7):
            assert forest.place[tree, 2 * node + 1] < forest.place[tree, node] < forest.place[tree, 2 * node + 2]


def test_equal_seeds_give_equal_forests() -> None:
    assert np.array_equal(halfspace.grow(4, seed=1).place, halfspace.grow(4, seed=1).place)
    assert not np.array_equal(halfspace.grow(4, seed=1).place, halfspace.grow(4, seed=2).place)
