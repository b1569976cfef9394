"""Oracle: the same network in matrices."""

import numpy as np

from processors.layers import answers

RANDOM = np.random.default_rng(7)
ROWS = RANDOM.normal(size=(50, 6))
FIRST, FIRST_START = RANDOM.normal(size=(3, 6, 8)), RANDOM.normal(size=(3, 8))
SECOND, SECOND_START = RANDOM.normal(size=(3, 8, 4)), RANDOM.normal(size=(3, 4))
LAST, START = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3)
LAYERS = (FIRST, FIRST_START, SECOND, SECOND_START, LAST, START)


def test_answers_are_those_of_matrices() -> None:
    expected = [
        np.maximum(np.maximum(ROWS @ FIRST[k] + FIRST_START[k], 0) @ SECOND[k] + SECOND_START[k], 0) @ LAST[k] + START[k] for k in range(3)
    ]
    np.testing.assert_allclose(answers(ROWS, *LAYERS), np.mean(expected, axis=0), atol=1e-12)


def test_rows_alone_answer_bit_for_bit_as_together() -> None:
    together = answers(ROWS, *LAYERS)
    assert all(answers(ROWS[k : k + 1], *LAYERS)[0] == together[k] for k in range(len(ROWS)))
