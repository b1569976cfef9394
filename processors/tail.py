"""Surprise of a deviation: -log10 of the share of normal readings that deviate as much, from one histogram per sensor.

The histogram of |z| has four bins per octave from 1/4 to 512 and slowly forgets. Where readings were seen, the surprise is
their share. Beyond, the sensor's own tail is continued: as a Weibull tail (log P falls like z to a power) where it is as
light as an exponential or lighter, as a power law where it is heavier, and in between as a mixture.
"""

from typing import Final

import numpy as np
from numba import njit

from processors.layout import TAIL_BINS, Floats

PER_OCTAVE: Final = 4
LOWEST_LOG2: Final = -2.0
TOTAL_MIN: Final = 50.0  # fewer readings say nothing about a tail
ANCHOR: Final = 4.0  # the tail is continued from where this many readings were seen beyond ...
REACH: Final = 16.0  # ... with the shape it has between there and this many times as many readings
DOUBT: Final = 150.0  # readings at which a continuation is believed by half
BODY: Final = 0.1  # a larger share is no tail
SURPRISE_MAX: Final = 99.0


@njit(cache=True, nogil=True)
def place(z: float) -> float:
    """Position of |z| on the axis of the histogram, in bins; NaN stands at 0, so that no bin outside is ever written."""
    if not z >= 0.0:
        return 0.0
    return float(min(max((np.log2(z + 1e-30) - LOWEST_LOG2) * PER_OCTAVE, 0.0), 400.0))


@njit(cache=True, nogil=True)
def surprise(tail: Floats, total: float, at: float) -> float:
    """-log10 P(a normal reading lies at or beyond `at`), 0 while too little is known."""
    if total < TOTAL_MIN:
        return 0.0
    beyond = 0.0
    k = TAIL_BINS
    while k > 0 and beyond < ANCHOR:
        k -= 1
        beyond += tail[k]
    if at <= k:
        return float(_seen(tail, total, at, beyond, k))
    anchor, anchor_surprise = k, -np.log10(beyond / (total + 1.0))
    while k > 0 and beyond < min(REACH * ANCHOR, BODY * total):
        k -= 1
        beyond += tail[k]
    k = min(k, anchor - 1)
    continued = _continued(at, anchor, anchor_surprise, k, -np.log10(beyond / (total + 1.0)))
    return float(anchor_surprise + (continued - anchor_surprise) * total / (total + DOUBT))


@njit(cache=True, nogil=True)
def _seen(tail: Floats, total: float, at: float, beyond: float, k: int) -> float:
    """Surprise where readings were seen, log-linear within a bin."""
    own = int(at)
    if own == k:
        return float(-np.log10(beyond / (total + 1.0)))
    while k > own + 1:
        k -= 1
        beyond += tail[k]
    upper = -np.log10(beyond / (total + 1.0))
    lower = -np.log10((beyond + tail[own]) / (total + 1.0))
    return float(max(lower + (upper - lower) * (at - own), 0.0))


@njit(cache=True, nogil=True)
def _continued(at: float, anchor: int, anchor_surprise: float, body: int, body_surprise: float) -> float:
    """Surprise beyond the anchor, in the shape the tail has between body and anchor."""
    body_surprise = max(body_surprise, 0.05)
    steps = at - anchor
    power = (anchor_surprise - body_surprise) / (anchor - body)
    shape = np.log2(max(anchor_surprise / body_surprise, 1.0)) / (anchor - body)  # exponent of the Weibull tail per bin
    exponent = shape * PER_OCTAVE
    light = min(max((exponent - 0.6) / 0.4, 0.0), 1.0)
    weibull = anchor_surprise * 2.0 ** min(min(shape, 2.0 / PER_OCTAVE) * steps, 20.0)
    return float(min(light * weibull + (1.0 - light) * (anchor_surprise + power * steps), SURPRISE_MAX))


@njit(cache=True, nogil=True)
def learn(tail: Floats, total: float, at: float, memory: float) -> float:
    """Count a normal reading; returns the new total. Beyond `memory` readings everything is halved."""
    tail[min(int(at), TAIL_BINS - 1)] += 1.0
    total += 1.0
    if total > memory:
        for k in range(TAIL_BINS):
            tail[k] = tail[k] * 0.5 if tail[k] > 0.1 else 0.0
        total *= 0.5
    return total
