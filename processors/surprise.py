"""Surprise of a deviation against a slowly forgetting histogram of all deviations of its kind, wide enough for any unit."""

from typing import Final

import numpy as np
from numba import njit

from processors.layout import Floats, Longs

BINS: Final = 320  # of the binary logarithm, eight an octave, from 2**-20
PER_OCTAVE: Final = 8
LOWEST: Final = 20.0
LEAST: Final = 30.0  # deviations until there is a surprise
TAIL_SHARE: Final = 0.05  # of the deviations, from which the slope of the tail is read
LOG10_2: Final = 0.30103


@njit(cache=True, nogil=True)
def learn(bins: Floats, totals: Floats, tops: Longs, view: int, deviation: float, weight: float, readings: float) -> float:
    """-log10 of the share of deviations at or over this one; then count it.

    Args:
        bins: float64[BINS] of this view.
        totals: count of deviations of each view.
        tops: highest bin of each view.
        view: place in both.
        deviation: not negative.
        weight: of the stream's own tail slope beyond the largest deviation seen.
        readings: beyond so many everything is halved.
    """
    total, top = totals[view], tops[view]
    place = min(max(int((np.log2(deviation + 1e-12) + LOWEST) * PER_OCTAVE), 0), BINS - 1)
    found = _surprise(bins, total, top, place, weight)
    bins[place] += 1.0
    totals[view] = total + 1.0
    tops[view] = max(top, place)
    if totals[view] > readings:
        for k in range(BINS):
            bins[k] *= 0.5
        totals[view] *= 0.5
        while tops[view] > 0 and bins[tops[view]] < 0.02:
            tops[view] -= 1
    return float(max(found, 0.0))


@njit(cache=True, nogil=True)
def _surprise(bins: Floats, total: float, top: int, place: int, weight: float) -> float:
    if total < LEAST:
        return 0.0
    beyond = 0.0
    if place > top:
        k = top
        while k > 0 and beyond < TAIL_SHARE * total:
            beyond += bins[k]
            k -= 1
        slope = np.log10(max(TAIL_SHARE * total, 2.0)) / (LOG10_2 * max(top - k, 4) / PER_OCTAVE)
        return float(np.log10(total + 1.0) + weight * min(max(slope, 1.0), 20.0) * LOG10_2 * (place - top) / PER_OCTAVE)
    beyond = 0.5 * bins[place] + 0.5
    for k in range(place + 1, top + 1):
        beyond += bins[k]
    return float(-np.log10(beyond / (total + 1.0)))
