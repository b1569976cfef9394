"""Scores of different detectors made comparable: by their rank among the scores of healthy rows.

Where healthy rows are seen, the rank is their share. Beyond, each detector's own tail goes on as a power law, with the slope it
has between its 90 % quantile and its largest healthy score: ranks would not tell a drift from a fault otherwise.
"""

from typing import Final

import numpy as np
from numba import njit

from processors.layout import Floats

SLOPE_MIN: Final = 1.0  # decades of rank per decade of score
SLOPE_MAX: Final = 20.0
LEAST: Final = 1e-12


@njit(cache=True, nogil=True)
def slope(reference: Floats) -> float:
    """Decades of rank per decade of score in the upper tenth of healthy scores, ascending."""
    known = len(reference)
    low, high = max(reference[int(0.9 * (known - 1))], LEAST), max(reference[known - 1], LEAST)
    decades = np.log10(high / low)
    if decades <= 0.0:
        return SLOPE_MAX
    return float(min(max((np.log10(known + 1.0) - 1.0) / decades, SLOPE_MIN), SLOPE_MAX))


@njit(cache=True, nogil=True)
def rank(scores: Floats, reference: Floats, out: Floats) -> None:
    """Write -log10 of the share of healthy scores at or over each score, continued beyond the largest.

    Args:
        scores: float64[n].
        reference: float64[k] scores of healthy rows, not negative, ascending.
        out: float64[n].
    """
    known = len(reference)
    steepness = slope(reference)
    for i in range(len(scores)):
        place = np.searchsorted(reference, scores[i])
        out[i] = np.log10((known + 1.0) / (known - place + 1.0))
        if place == known:
            out[i] += steepness * np.log10(max(scores[i], LEAST) / max(reference[known - 1], LEAST))


def ranks(scores: Floats, reference: Floats) -> Floats:
    """As `rank`, from healthy scores in any order.

    >>> ranks(np.array([0.0, 99.0, 990.0]), np.arange(1.0, 100.0)).round(2).tolist()
    [0.0, 1.7, 22.0]
    """
    out = np.empty(len(scores))
    rank(scores, np.sort(reference), out)
    return out
