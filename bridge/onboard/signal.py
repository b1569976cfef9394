"""What is known of one signal that was found, wherever it was found. Its size does not grow with the readings."""

import math
from dataclasses import dataclass, field
from typing import Final

from bridge.reading import Point

INTERVALS_MAX: Final = 2000  # of a signal that are kept; more thin them out evenly, over all that was read
VALUES_MAX: Final = 2000  # likewise


@dataclass(slots=True)
class Signal:
    """One signal: names, what its source states, and what its readings were like.

    Attributes:
        unit: as the source writes it, empty if it says nothing.
        low: lower end of the stated span; high: upper end.
        doubts: what a person should look at.
        count: readings seen.
        lowest, highest: finite values seen; infinite if there was none.
        values: finite ones, evenly thinned out.
        intervals: microseconds between readings of different times, every `stride`-th of them.
        longest: of all intervals, microseconds.
        back: how many readings were older than the one before; forth: how many were younger.
    """

    asset_id: str
    sensor_id: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    doubts: list[str] = field(default_factory=list)
    count: int = 0
    lowest: float = math.inf
    highest: float = -math.inf
    values: list[float] = field(default_factory=list)
    intervals: list[int] = field(default_factory=list)
    longest: int = 0
    back: int = 0
    forth: int = 0
    _seen: int = 0  # finite values
    _every: int = 1
    _stride: int = 1
    _previous: int | None = None

    def see(self, point: Point) -> None:
        """Take a reading into account."""
        self.count += 1
        if math.isfinite(point.value):
            self.lowest, self.highest = min(self.lowest, point.value), max(self.highest, point.value)
            self._keep(point.value)
        if self._previous is not None and point.ts != self._previous:
            self._step(point.ts - self._previous)
        self._previous = point.ts

    def _keep(self, value: float) -> None:
        if self._seen % self._every == 0:
            self.values.append(value)
        if len(self.values) > VALUES_MAX:
            self.values, self._every = self.values[::2], 2 * self._every
        self._seen += 1

    def _step(self, step: int) -> None:
        """A file may begin with its newest line, so an interval has no sign."""
        if (self.back + self.forth) % self._stride == 0:
            self.intervals.append(abs(step))
        if len(self.intervals) > INTERVALS_MAX:
            self.intervals, self._stride = self.intervals[::2], 2 * self._stride
        self.back, self.forth = self.back + (step < 0), self.forth + (step > 0)
        self.longest = max(self.longest, abs(step))
