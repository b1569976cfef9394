"""Centre and spread of each channel on a healthy stretch; slow movement within the stretch widens the spread.

Limits from a short healthy stretch say nothing about the days after it: a channel that wandered while the machine was healthy
(temperatures, above all) must not own the alarm. So the movement of its block means counts into its spread.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit

from processors.layout import Floats

NORMAL: Final = 1.4826  # median absolute deviation to standard deviation
INNER: Final = 3.29  # standard deviations between the 5 % and the 95 % quantile
LEAST: Final = 1e-3  # of the median
COARSE: Final = 0.6  # of the standard deviation: a channel that rarely moves has a median absolute deviation of 0
OUTLYING: Final = 6.0  # spreads: rows beyond count as if they lay there
BLOCKS_MIN: Final = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """Centre and spread per channel, each float64[m], in the unit of the channel."""

    centre: Floats
    spread: Floats


def fit(rows: Floats, drift: float = 2.0, block: int = 40) -> Scale:
    """Scale of healthy rows.

    Args:
        rows: float64[n, m] in the order of time; NaN where a channel has no value. A channel without any gets centre 0, spread 1.
        drift: weight of the slow movement; 0 takes the rows as a sample without order.
        block: rows whose mean is one step of the slow movement.

    >>> found = fit(np.random.default_rng(0).normal(5.0, 2.0, (9000, 1)), drift=0.0)
    >>> found.centre.round().tolist(), found.spread.round().tolist()
    ([5.0], [2.0])
    """
    known, filled = np.isfinite(rows), kept(rows)
    centre = np.nanmedian(filled, axis=0)
    low, high = np.nanquantile(filled, [0.05, 0.95], axis=0)
    spread = np.maximum(NORMAL * np.nanmedian(np.abs(filled - centre), axis=0), (high - low) / INNER)
    bound = np.where(spread > 0.0, OUTLYING * spread, np.inf)
    moving = np.nanstd(np.clip(filled - centre, -bound, bound), axis=0)
    spread = np.maximum(spread, np.maximum(LEAST * np.abs(centre), COARSE * moving))
    if drift > 0.0 and len(rows) >= BLOCKS_MIN * block:
        spread = np.hypot(spread, drift * _movement(np.where(known, rows, centre), spread, block))
    return Scale(centre, np.where(spread > 0.0, spread, 1.0))


def kept(rows: Floats) -> Floats:
    """The same rows, whose channels without any value are 0.

    >>> kept(np.array([[1.0, np.nan], [np.nan, np.nan]])).tolist()
    [[1.0, 0.0], [nan, 0.0]]
    """
    found: Floats = np.where(np.isfinite(rows).any(axis=0), rows, 0.0)
    return found


def robust(rows: Floats) -> Scale:
    """Median and median absolute deviation of each channel, nothing else; 0 and 0 for a channel without any value."""
    filled = kept(rows)
    centre = np.nanmedian(filled, axis=0)
    return Scale(centre, NORMAL * np.nanmedian(np.abs(filled - centre), axis=0))


def _movement(rows: Floats, spread: Floats, block: int) -> Floats:
    """Slow movement over the whole stretch, per channel: of block means, their trend and their walk beyond what noise explains."""
    count = len(rows) // block
    means = rows[: count * block].reshape(count, block, -1).mean(axis=1)
    place = np.arange(count) - (count - 1) / 2.0
    trend = (place[:, None] * (means - means.mean(axis=0))).sum(axis=0) / (place**2).sum() * count
    noise = spread * np.sqrt(2.0 / block)
    walk = np.maximum(np.diff(means, axis=0).std(axis=0) ** 2 - noise**2, 0.0) * count / 4.0
    found: Floats = np.sqrt(walk + trend**2)
    return found


@njit(cache=True, nogil=True)
def scaled(row: Floats, centre: Floats, spread: Floats, clip: float, out: Floats) -> None:
    """Write a row in spreads, at most `clip` of them; a missing value counts as usual."""
    for j in range(len(row)):
        z = (row[j] - centre[j]) / spread[j]
        if not np.isfinite(z):
            z = 0.0
        out[j] = min(max(z, -clip), clip)


def apply(rows: Floats, scale: Scale, clip: float) -> Floats:
    """All rows in spreads, float64[n, m]."""
    z = np.nan_to_num((rows - scale.centre) / scale.spread, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(z, -clip, clip)
