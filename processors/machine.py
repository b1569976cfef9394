"""What is known of a machine beside its readings: references, limits, ways of failing. Plain values; who read them stands elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Final

from processors.bearing import Bearing

SCALES: Final = 10.0  # robust scales from normal to a limit where none is configured


@dataclass(frozen=True, slots=True)
class Driver:
    """What one driver explains: `slope` in the sensor's unit per unit of the driver, from its `centre`."""

    sensor: str
    slope: float
    centre: float


@dataclass(frozen=True, slots=True)
class Reference:
    """What is healthy for a sensor in one mode, in its unit; times in microseconds since 1970.

    Args:
        normal: median of the period.
        spread: robust scale of single readings.
        begin_us: begin of the period, and of the present life of the item; None: not stated.
        known_at_us: when it was proposed or accepted.
        accepted: a person accepted it; others inform only.

    """

    normal: float
    spread: float
    begin_us: int | None
    known_at_us: int
    accepted: bool
    drivers: tuple[Driver, ...] = ()

    def expected(self, means: Mapping[str, float]) -> float:
        """What is expected while the drivers have these means; a driver that is missing or NaN counts as usual.

        >>> Reference(40.0, 1.0, 0, 0, True, (Driver("load", 2.0, 5.0),)).expected({"load": 6.0})
        42.0
        """
        moved = [each.slope * (means[each.sensor] - each.centre) for each in self.drivers if means.get(each.sensor, None) is not None]
        return self.normal + sum(part for part in moved if part == part)  # noqa: PLR0124  NaN is not itself

    def driven(self, means: Mapping[str, float]) -> bool:
        """True if every driver has a mean: without one nobody knows what to expect.

        >>> one = Reference(40.0, 1.0, 0, 0, True, (Driver("load", 2.0, 5.0),))
        >>> one.driven({"load": 6.0}), one.driven({"speed": 6.0}), one.driven({"load": float("nan")})
        (True, False, False)
        """
        return all(means.get(each.sensor, nan) == means.get(each.sensor) for each in self.drivers)


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor with its limits (unit of the sensor, None: none) and its references by mode.

    Args:
        unit, statistic, point, support: as the catalogue states them, empty: it does not.
        by_exception: it sends changes only.

    """

    name: str
    quantity: str = ""
    low: float | None = None
    high: float | None = None
    references: Mapping[str, Reference] = field(default_factory=dict)
    unit: str = ""
    statistic: str = ""
    point: str = ""
    support: str = ""
    by_exception: bool = False

    def limit(self, deviation: float) -> float | None:
        """The limit on the side of a deviation."""
        return self.high if deviation >= 0.0 else self.low

    def health(self, mode: str, mean: float, expected: float) -> float:
        """1 within the usual scatter .. 0 at the limit, or ten scales away; the same as the view plant.health_part.

        >>> one = Sensor("t", high=50.0, references={"": Reference(40.0, 1.0, 0, 0, True)})
        >>> [one.health("", mean, 40.0) for mean in (40.5, 45.5, 60.0, 35.0)]
        [1.0, 0.5, 0.0, 0.556]
        """
        spread, limit = self.references[mode].spread, self.limit(mean - expected)
        room = abs(limit - expected) if limit is not None else SCALES * spread
        whole = max(room - spread, spread, 1e-300)
        return round(1.0 - min(1.0, max(0.0, abs(mean - expected) - spread) / whole), 3)


@dataclass(frozen=True, slots=True)
class Failure:
    """A way of failing of a class: what shows it (measured quantities) and what to do."""

    name: str
    action: str
    quantities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plate:
    """What stands on the machine and in its papers; None or empty: the catalogue does not say. Bearings with their measuring point."""

    power_kw: float | None = None
    shaft_height_mm: float | None = None
    speed_rpm: float | None = None
    support: str | None = None
    group: str | None = None
    bearings: tuple[tuple[str, Bearing], ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What the maintenance log of a class knows: its failures, and the days its machines were watched, together."""

    failures: int
    machine_days: float


@dataclass(frozen=True, slots=True)
class Machine:
    """An asset as the database knew it at one moment; `moded`: a run rule or modes are declared."""

    asset: str
    kind: str = "general"
    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    plate: Plate = Plate()
    moded: bool = False
    past: Past | None = None

    @property
    def known_at_us(self) -> int | None:
        """When its newest reference was made or accepted."""
        found = [each.known_at_us for sensor in self.sensors.values() for each in sensor.references.values()]
        return max(found, default=None)

    @property
    def quantities(self) -> frozenset[str]:
        """What its sensors measure."""
        return frozenset(sensor.quantity for sensor in self.sensors.values() if sensor.quantity)
