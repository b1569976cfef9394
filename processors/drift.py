"""Has a series moved for good? CUSUM pair on whitened residuals ("the input moved"), ADWIN ("the model got worse"), PSI for reports.

Whitening matters more than the test: the same tests on raw values call every cycle and every slow wander a drift. So a series is
freed of its profile of the day and of its memory of one reading first, as learnt on a reference, and frozen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from processors.layout import Floats, Longs

SLOTS: Final = 48  # of a day
DAY_S: Final = 86400.0
CLIP: Final = 4.0  # residuals count at most this much ...
CLIP_SQUARE: Final = 9.0  # ... and squares this much
SLACK, BAR = 0.25, 40.0  # of the sums of residuals
SLACK_SQUARE, BAR_SQUARE = 0.5, 60.0  # of the sum of squares less 1
UP, DOWN, SQUARE = range(3)  # places in the sums
NOTHING, MEAN, VARIANCE = range(3)  # what moved
PSI_BINS: Final = 10
PSI_LEAST: Final = 1e-4
Marks = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Whitener:
    """What a reference taught: profile of the day float64[48], memory of one reading, scale of what is left."""

    profile: Floats
    memory: float
    scale: float


def learn(time_s: Floats, values: Floats) -> Whitener:
    """From a reference of whole days; a slot of the day without a reading gets the mean."""
    slot = _slots(time_s)
    counts = np.bincount(slot, minlength=SLOTS)
    sums = np.bincount(slot, weights=values, minlength=SLOTS)
    profile = np.where(counts > 0, sums / np.maximum(counts, 1), values.mean())
    rest = values - profile[slot]
    memory = float((rest[1:] * rest[:-1]).sum() / max(float((rest[:-1] ** 2).sum()), 1e-12))
    left = rest[1:] - memory * rest[:-1]
    return Whitener(profile, memory, max(float(np.sqrt(np.mean(left**2))), 1e-12))


def whiten(whitener: Whitener, time_s: Floats, values: Floats) -> Floats:
    """Residuals in scales of the reference, float64[n]; the first knows no reading before it and is 0.

    >>> time, values = np.arange(5760) * 60.0, np.random.default_rng(0).normal(size=5760)
    >>> bool(abs(whiten(learn(time[:2880], values[:2880]), time, values).std() - 1.0) < 0.05)
    True
    """
    rest = values - whitener.profile[_slots(time_s)]
    found = np.zeros(len(values))
    found[1:] = (rest[1:] - whitener.memory * rest[:-1]) / whitener.scale
    return found


def _slots(time_s: Floats) -> Longs:
    return ((time_s % DAY_S) / DAY_S * SLOTS).astype(np.int64)


def cusum(residuals: Floats, sums: Floats) -> Marks:
    """What moved at each residual, int8[n]: NOTHING, MEAN or VARIANCE. The sums float64[3] move on; one that tells begins anew.

    >>> found = cusum(np.concatenate([np.zeros(50), np.full(60, 1.0)]), np.zeros(3))
    >>> int(found.argmax()), int(found.max())
    (103, 1)
    """
    found = np.zeros(len(residuals), np.int8)
    _cusum(residuals, sums, found)
    return found


@njit(cache=True, nogil=True)
def _cusum(residuals: Floats, sums: Floats, out: Marks) -> None:
    for i in range(len(residuals)):
        u = residuals[i]
        if not np.isfinite(u):
            continue
        clipped = min(max(u, -CLIP), CLIP)
        sums[UP] = max(0.0, sums[UP] + clipped - SLACK)
        sums[DOWN] = max(0.0, sums[DOWN] - clipped - SLACK)
        sums[SQUARE] = max(0.0, sums[SQUARE] + min(u * u, CLIP_SQUARE) - 1.0 - SLACK_SQUARE)
        if sums[SQUARE] > BAR_SQUARE:
            out[i] = VARIANCE
            sums[SQUARE] = 0.0
        if sums[UP] > BAR or sums[DOWN] > BAR:
            out[i] = MEAN
            sums[UP] = sums[DOWN] = 0.0


def psi(reference: Floats, recent: Floats) -> float:
    """Population stability index of recent values against a reference, over its deciles; above 0.25 is commonly called a shift.

    >>> values = np.random.default_rng(0).normal(size=(2, 1000))
    >>> bool(psi(values[0], values[1]) < 0.1 < 1.0 < psi(values[0], values[1] + 2.0))
    True
    """
    edges = np.quantile(reference, np.linspace(0.0, 1.0, PSI_BINS + 1)[1:-1])
    shares = [np.bincount(np.searchsorted(edges, part), minlength=PSI_BINS) / len(part) for part in (reference, recent)]
    before, after = (np.maximum(share, PSI_LEAST) for share in shares)
    return float(((after - before) * np.log(after / before)).sum())
