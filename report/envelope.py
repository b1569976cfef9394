"""A series as few points: lowest and highest value of equal stretches of time."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from report.series import Floats, Longs, Series

STRETCHES: Final = 480


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a plot of a sensor needs.

    Attributes:
        sensor: its name.
        ts: begin of each stretch that holds a reading, microseconds, [k].
        low, high: lowest and highest value in it, [k].
        width_us: length of a stretch.
    """

    sensor: str
    ts: Longs
    low: Floats
    high: Floats
    width_us: int


def envelope(rows: Series, stretches: int = STRETCHES) -> Envelope:
    """The envelope of a series in order of time.

    >>> found = envelope(Series("s", "a", np.array([0, 1, 10]), np.array([3.0, 1.0, 2.0])), 2)
    >>> found.ts.tolist(), found.low.tolist(), found.high.tolist()
    ([0, 6], [1.0, 2.0], [3.0, 2.0])
    """
    if not len(rows.ts):
        return Envelope(rows.sensor, rows.ts, rows.value, rows.value, 1)
    first = int(rows.ts[0])
    width = max(-(-(int(rows.ts[-1]) - first + 1) // stretches), 1)
    place = (rows.ts - first) // width
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    low, high = np.minimum.reduceat(rows.value, starts), np.maximum.reduceat(rows.value, starts)
    return Envelope(rows.sensor, first + place[starts] * width, low, high, width)
