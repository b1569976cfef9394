"""Judges the rows of one machine as they come: smoothed distance and volatility, a slowly following centre, an alarm with hysteresis.

Of each scaled channel an exponential mean is kept; T2 and SPE judge the means, a third score the growth of what the means leave.
While there is no alarm the centre follows the means, so that a season does not become one. All memory is in two arrays that
the caller owns: it is constant, and a recording may be handed in as a whole or row by row.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from processors.layout import Floats, Longs
from processors.pattern import scale as scaling
from processors.pattern.distance import CLIP, CLIP_FIT, axes
from processors.pattern.scale import Scale, scaled

SMOOTH, CENTRE, VOLATILITY = range(3)  # rows of the memory of channels
STARTED, OVER, UNDER, ACTIVE = range(4)  # places in the memory of counts
MINIMA: Final = (0.3, 0.1, 0.3)  # least limits of T2, SPE and volatility
SETTLING: Final = 20  # first rows that do not count for the limits
QUIET_VARIANCE: Final = 0.05  # squared spreads: less is as good as none
SLOWED: Final = 0.1  # rate of the centre during an alarm


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to follow.

    Args:
        drift: weight of slow movement in the scale (scale.fit).
        share: of the variance within the axes.
        weight: of a new row in the means.
        follow: rate at which the centre follows.
        quantile: of the scores of the healthy rows, their limit.
        slack: factor on the limit of the volatility.
        high, low: the alarm opens over `high` limits and closes under `low`.
        rows_on, rows_off: on end, to open and to close it.
    """

    drift: float = 4.0
    share: float = 0.8
    weight: float = 0.3
    follow: float = 0.004
    quantile: float = 0.95
    slack: float = 4.0
    high: float = 5.0
    low: float = 3.0
    rows_on: int = 1
    rows_off: int = 8


@dataclass(frozen=True, slots=True)
class Follower:
    """What a healthy stretch taught: scale, roots of T2 float64[k, m] and SPE float64[m, m], limits of the three scores."""

    scale: Scale
    within: Floats
    beside: Floats
    limits: Floats


@dataclass(slots=True)
class Memory:
    """Of one machine: float64[3, m] and int64[4]; see the names above."""

    channels: Floats
    counts: Longs


def begin(channels: int) -> Memory:
    """The memory before the first row."""
    memory = Memory(np.zeros((3, channels)), np.zeros(4, np.int64))
    memory.channels[VOLATILITY] = 1.0
    return memory


def calibrate(rows: Floats, tuning: Tuning) -> Follower:
    """Learn from the healthy rows of a machine, float64[n, m] in the order of time."""
    scale = scaling.fit(rows, tuning.drift)
    z = scaling.apply(rows, scale, CLIP_FIT)
    found = axes(z - z.mean(axis=0), tuning.share)
    within = np.ascontiguousarray((found.directions / np.sqrt(found.variances)).T)
    beside = np.eye(z.shape[1]) - found.directions @ found.directions.T
    unlimited = Follower(scale, within, beside, np.ones(3))
    still = Tuning(tuning.drift, tuning.share, tuning.weight, 0.0, tuning.quantile, 1.0, np.inf, np.inf, 1, 1)
    scores = follow(rows, unlimited, still, begin(rows.shape[1])).scores[SETTLING:]
    limits = np.maximum(np.quantile(scores, tuning.quantile, axis=0), MINIMA)
    limits[2] *= tuning.slack
    return Follower(scale, within, beside, limits)


@dataclass(frozen=True, slots=True)
class Followed:
    """Answers: T2, SPE and volatility in their limits float64[n, 3], alarm bool[n], contributions float64[n, m].

    The contributions sum to T2 plus SPE.
    """

    scores: Floats
    alarm: npt.NDArray[np.bool_]
    contributions: Floats


def follow(rows: Floats, follower: Follower, tuning: Tuning, memory: Memory) -> Followed:
    """Judge rows float64[n, m] in the order of time; the memory moves on.

    >>> random = np.random.default_rng(0)
    >>> healthy, tuning = random.normal(size=(400, 2)), Tuning()
    >>> follower, memory = calibrate(healthy, tuning), begin(2)
    >>> follow(healthy, follower, tuning, memory).alarm.any(), follow(healthy[:20] + 9.0, follower, tuning, memory).alarm[-1]
    (np.False_, np.True_)
    """
    found = Followed(np.empty((len(rows), 3)), np.empty(len(rows), np.bool_), np.empty(rows.shape))
    parameters = (tuning.weight, tuning.follow, tuning.high, tuning.low, tuning.rows_on, tuning.rows_off)
    _follow(
        np.ascontiguousarray(rows),
        follower.scale.centre,
        follower.scale.spread,
        follower.within,
        follower.beside,
        follower.limits,
        parameters,
        memory.channels,
        memory.counts,
        found.scores,
        found.alarm,
        found.contributions,
    )
    return found


@njit(cache=True, nogil=True)
def _follow(
    rows: Floats,
    centre: Floats,
    spread: Floats,
    within: Floats,
    beside: Floats,
    limits: Floats,
    parameters: tuple[float, float, float, float, int, int],
    channels: Floats,
    counts: Longs,
    scores: Floats,
    alarm: npt.NDArray[np.bool_],
    contributions: Floats,
) -> None:
    weight, rate, high, low, rows_on, rows_off = parameters
    smooth, moved, volatility = channels[SMOOTH], channels[CENTRE], channels[VOLATILITY]
    z = np.empty(rows.shape[1])
    for i in range(len(rows)):
        scaled(rows[i], centre, spread, np.inf, z)
        for j in range(len(z)):
            z[j] = min(max(z[j] - moved[j], -CLIP), CLIP)
            if counts[STARTED] == 0:
                smooth[j] = z[j]
            smooth[j] += weight * (z[j] - smooth[j])
        counts[STARTED] = 1
        _contribute(smooth, within, beside, limits, contributions[i], scores[i])
        scores[i, 2] = _restless(z, smooth, weight, volatility) / limits[2]
        largest = scores[i].max()
        alarm[i] = _decide(largest, high, low, rows_on, rows_off, counts)
        step = rate * (1.0 if not alarm[i] and largest < high else SLOWED)
        for j in range(len(z)):
            moved[j] += step * smooth[j]
            smooth[j] -= step * smooth[j]


@njit(cache=True, nogil=True)
def _contribute(z: Floats, within: Floats, beside: Floats, limits: Floats, contributions: Floats, scores: Floats) -> None:
    """T2 and SPE in their limits, and what each channel adds to them."""
    t2, spe = 0.0, 0.0
    contributions[:] = 0.0
    for axis in range(len(within)):
        entry = 0.0
        for j in range(len(z)):
            entry += within[axis, j] * z[j]
        t2 += entry * entry
        for j in range(len(z)):
            contributions[j] += within[axis, j] * entry * z[j] / limits[0]
    for j in range(len(z)):
        entry = 0.0
        for k in range(len(z)):
            entry += beside[j, k] * z[k]
        spe += entry * entry
        contributions[j] += entry * entry / limits[1]
    scores[0] = t2 / limits[0]
    scores[1] = spe / limits[1]


@njit(cache=True, nogil=True)
def _restless(z: Floats, smooth: Floats, weight: float, volatility: Floats) -> float:
    """Growth of the variance of what the means leave, summed over the channels."""
    total = 0.0
    for j in range(len(z)):
        rest = z[j] - smooth[j]
        volatility[j] += weight * (rest * rest - volatility[j])
        grown = max(np.log(volatility[j] + QUIET_VARIANCE), 0.0)
        total += grown * grown
    return total


@njit(cache=True, nogil=True)
def _decide(largest: float, high: float, low: float, rows_on: int, rows_off: int, counts: Longs) -> bool:
    """Alarm after this row."""
    if largest > high:
        counts[OVER] += 1
        counts[UNDER] = 0
    elif largest < low:
        counts[UNDER] += 1
        counts[OVER] = 0
    elif counts[ACTIVE] == 0:
        counts[OVER] = 0
    if counts[ACTIVE] == 0 and counts[OVER] >= rows_on:
        counts[ACTIVE] = 1
    if counts[ACTIVE] == 1 and counts[UNDER] >= rows_off:
        counts[ACTIVE] = 0
    return bool(counts[ACTIVE] == 1)
