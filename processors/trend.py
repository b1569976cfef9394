"""Is there a trend, how steep, and when does it reach a limit: rank methods that single outliers do not move.

The trend test is Mann-Kendall's with the variance enlarged for the memory of the series (S. Yue, C. Wang, Water Resour. Manag. 18,
2004): without it slow noise is called a trend. The slope is Theil and Sen's, the median of all slopes between two values.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.layout import Floats

SURE: Final = 2.576  # normal quantile of a two-sided test at 1 %
WIDE: Final = 1.645  # of a two-sided interval of 90 %
LEAST: Final = 8  # values
MEMORY_MAX: Final = 0.95


@dataclass(frozen=True, slots=True)
class Trend:
    """Slope per step with its 90 % interval, level at the last value, and the test's normal score."""

    slope: float
    low: float
    high: float
    level: float
    score: float

    @property
    def sure(self) -> bool:
        """True if chance alone gives such a trend in one of a hundred series at most."""
        return bool(abs(self.score) >= SURE)


def trend(values: Floats, memory: float = 0.0) -> Trend | None:
    """Trend of equidistant values; NaN is left out. None: fewer than eight values, or no two that differ.

    `memory` is the least that each value is reckoned to keep of the one before, where more is known than these values show.

    >>> found = trend(np.arange(20.0) + np.tile([0.5, -0.5], 10))
    >>> round(found.slope, 2), found.sure
    (1.0, True)
    """
    place = np.flatnonzero(np.isfinite(values))
    known = values[place]
    n = len(known)
    if n < LEAST or np.ptp(known) == 0.0:
        return None
    first, second = np.triu_indices(n, 1)
    rise = known[second] - known[first]
    slopes = np.sort(rise / (place[second] - place[first]))
    slope = float(np.median(slopes))
    rest = known - slope * place
    level = float(np.median(rest)) + slope * (len(values) - 1)
    deviation = float(np.sqrt(n * (n - 1.0) * (2.0 * n + 5.0) / 18.0 * _enlarged(rest, memory)))
    net = float(np.sign(rise).sum())
    half = WIDE * deviation / 2.0
    ends = [int(min(max(round(len(slopes) / 2.0 + side * half), 0), len(slopes) - 1)) for side in (-1.0, 1.0)]
    return Trend(slope, float(slopes[ends[0]]), float(slopes[ends[1]]), level, (net - np.sign(net)) / deviation)


def _enlarged(rest: Floats, least: float) -> float:
    """Factor on the variance of the test for a memory of one step: how many values one independent value is worth."""
    apart = rest - rest.mean()
    total = float((apart**2).sum())
    memory = float((apart[1:] * apart[:-1]).sum()) / total if total > 0.0 else 0.0
    memory = min(max(memory + (1.0 + 4.0 * max(memory, 0.0)) / len(rest), least), MEMORY_MAX)  # short series show too little of it
    lag = np.arange(1, len(rest))
    return float(1.0 + 2.0 * np.sum((1.0 - lag / len(rest)) * memory**lag))


def reach(values: Floats, limit: float) -> tuple[float, float, float]:
    """Steps from the last value until the trend reaches the limit, with the ends of a 90 % interval.

    NaN three times if there is no sure trend towards the limit; an infinite end where the slope may be as good as none; 0 beyond it.

    >>> [round(steps) for steps in reach(1.0 - 0.01 * np.arange(50.0) + np.tile([0.002, -0.002], 25), 0.3)]
    [21, 21, 21]
    >>> reach(np.tile([0.9, 0.8], 20), 0.3)
    (nan, nan, nan)
    """
    found = trend(values)
    if found is None or not found.sure:
        return (np.nan, np.nan, np.nan)
    distance = limit - found.level
    towards = np.sign(values[np.isfinite(values)][0] - limit)  # the side on which the series began
    if np.sign(found.slope) == towards:
        return (np.nan, np.nan, np.nan)
    if np.sign(-distance) != towards:
        return (0.0, 0.0, 0.0)
    steps = [distance / slope if slope * found.slope > 0.0 else np.inf for slope in (found.slope, found.low, found.high)]
    return (float(steps[0]), float(min(steps[1:])), float(max(steps[1:])))
