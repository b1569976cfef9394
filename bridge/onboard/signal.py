"""What is known of one signal that was found, wherever it was found."""

from dataclasses import dataclass, field
from typing import Final

from bridge.reading import Point

KEPT_MAX: Final = 2000  # readings of a signal that are looked at; the sum of all signals is bounded by their number


@dataclass(slots=True)
class Signal:
    """One signal: names, what its source states, and some of its readings.

    Attributes:
        unit: as the source writes it, empty if it says nothing.
        low: lower end of the stated span; high: upper end.
        times: microseconds since 1970 UTC, in order of arrival.
        doubts: what a person should look at.
    """

    asset_id: str
    sensor_id: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def see(self, point: Point) -> None:
        """Remember a reading, as long as there is room."""
        if len(self.times) < KEPT_MAX:
            self.times.append(point.ts)
            self.values.append(point.value)
