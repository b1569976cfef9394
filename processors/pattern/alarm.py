"""From scores to episodes: an alarm needs several rows on end, and ends only after several quiet ones."""

import numpy as np
from numba import njit

from processors.layout import Floats, Longs


def held(scores: Floats, rows: int) -> Floats:
    """The level that the last `rows` scores all reached, float64[n]; 0 for the first rows and where a score is missing.

    >>> held(np.array([1.0, 5.0, 3.0, 4.0]), 2).tolist()
    [0.0, 1.0, 3.0, 3.0]
    """
    known = np.nan_to_num(scores, nan=0.0)
    found = np.zeros(len(known))
    if len(known) >= rows:
        found[rows - 1 :] = np.lib.stride_tricks.sliding_window_view(known, rows).min(axis=1)
    return found


def episodes(scores: Floats, threshold: float, hold: int, quiet: int) -> Longs:
    """First and last row of each alarm, int64[k, 2].

    An alarm opens at the row that is the `hold`-th on end at or over the threshold and closes before `quiet` rows below it.

    >>> episodes(np.array([0.0, 2.0, 2.0, 0.0, 2.0, 0.0, 0.0, 2.0]), 1.0, 2, 2).tolist()
    [[2, 4]]
    """
    begins = np.empty((len(scores) + 1) // 2 + 1, np.int64)
    ends = np.empty_like(begins)
    count = _episodes(scores, threshold, hold, quiet, begins, ends)
    return np.column_stack([begins[:count], ends[:count]])


@njit(cache=True, nogil=True)
def _episodes(scores: Floats, threshold: float, hold: int, quiet: int, begins: Longs, ends: Longs) -> int:
    count, over, below, active = 0, 0, 0, False
    for i in range(len(scores)):
        if scores[i] >= threshold:
            over += 1
            below = 0
        else:
            below += 1
            over = 0
        if active and below >= quiet:
            active = False
        if not active and over >= hold:
            active = True
            begins[count] = i
            count += 1
        if active and below == 0:
            ends[count - 1] = i
    return count
