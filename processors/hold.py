"""What a sensor that reports by exception showed over time: a value holds until the next, so time is sampled instead of readings.

A steady sensor sends a reading a day and a restless one hundreds an hour: counted by readings, its restless hours would be its
level. One sample in each span of ten minutes in which a value was in force counts them by the time they lasted.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from processors.outcome import MODE_SHIFT, Flag
from processors.reference import BLOCK_US

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

INTERVALS: Final = 3.0  # stated longest intervals for which a value holds, as the silence rule has it
DAY_US: Final = 86_400_000_000  # for which it holds where no longest interval is stated
KEPT: Final = int(Flag.LIMIT)  # what a reading says of the time it holds for
MODES: Final = 7


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one sensor, or samples: event times in microseconds, ascending; values, NaN where there is none; bits of the rows."""

    ts: Longs
    value: Floats
    flags: npt.NDArray[Any]


def longest_us(period_s: float | None) -> int:
    """For how long a value holds without a further reading.

    >>> longest_us(600.0) // 60_000_000, longest_us(None) == DAY_US
    (30, True)
    """
    return int(INTERVALS * period_s * 1e6) if period_s else DAY_US


def sampled(readings: Readings, begin: int, end: int, longest: int, windows: tuple[Longs, Longs] | None = None) -> Readings:
    """The value in force at the end of each span of ten minutes in [begin, end); spans without one are left out.

    Args:
        readings: all of the sensor since `begin - longest`, those without a sound value as NaN: nothing holds from them on.
        begin: microseconds.
        end: microseconds.
        longest: microseconds for which a value holds, from `longest_us`.
        windows: begins of the asset's windows of ten minutes, ascending, and what they say of the mode, as bits of a row: the value
            holds on when the machine stops. None, or before the first: the mode of the reading.

    >>> found = sampled(Readings(np.array([5]), np.array([7.0]), np.array([0])), 0, 4 * BLOCK_US, 2 * BLOCK_US)
    >>> found.value.tolist(), (found.ts // BLOCK_US).tolist()
    ([7.0, 7.0, 7.0], [0, 1, 2])
    """
    ts = np.arange(-(-begin // BLOCK_US), end // BLOCK_US, dtype=np.int64) * BLOCK_US
    last = np.searchsorted(readings.ts, ts + BLOCK_US, side="left") - 1
    known = last >= 0
    ts, last = ts[known], last[known]
    held = np.isfinite(readings.value[last]) & (ts - readings.ts[last] <= longest)
    ts, last = ts[held], last[held]
    beyond = np.concatenate(([0], np.cumsum((readings.flags & KEPT) != 0)))
    first = np.minimum(np.searchsorted(readings.ts, ts, side="left"), last)  # a limit passed and left within a span was passed
    flags = np.where(beyond[last + 1] > beyond[first], KEPT, 0) | _modes(readings, ts, last, windows)
    return Readings(ts, readings.value[last], flags)


def step(values: Floats) -> float:
    """Smallest changes that are reported: the lower quartile of those seen, 0 where the value never changed.

    >>> step(np.array([50.0, 50.2, np.nan, 50.2, 50.0, 55.0])).__round__(3)
    0.2
    """
    changes = np.abs(np.diff(values[np.isfinite(values)]))
    changes = changes[changes > 0.0]
    return float(np.quantile(changes, 0.25)) if len(changes) else 0.0


def _modes(readings: Readings, ts: Longs, last: Longs, windows: tuple[Longs, Longs] | None) -> Longs:
    own: Longs = readings.flags[last] & (MODES << MODE_SHIFT)
    if windows is None or not len(windows[0]):
        return own
    place = np.searchsorted(windows[0], ts, side="right") - 1
    return np.where(place >= 0, windows[1][np.maximum(place, 0)], own)
