"""Time to the first limit of a machine: trends of daily medians against accepted references, within the present life."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from processors.daily import DAY_US, Day, hours
from processors.layout import Floats
from processors.machine import SCALES, Machine, Reference, Sensor
from processors.reach import SEEN_MIN, Reach, reach

COVERAGE: Final = 0.9
USUAL_DAYS: Final = 14  # newest days whose drivers say where a limit lies
BEYOND: Final = 0.5  # robust scales from normal below which a trend is no matter
CONFIGURED, BY_SCALES = "configured", "scales"

Number = float | None


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit that is reached first, in plain values, or the reason why none is stated.

    Args:
        hours: running hours from the end of the series to the limit; None: there is none.
        low: lower end of the interval.
        high: upper end; None: open.
        slope: unit per running hour.
        target: deviation at the limit, in the unit.
        value: the limit itself, at usual drivers.
        begin_us: begin of the reference.
        x: running hours of the series, <= 0.
        y: deviations of the series.

    """

    reason: str = ""
    hours: Number = None
    low: Number = None
    high: Number = None
    slope: Number = None
    score: Number = None
    target: Number = None
    value: Number = None
    sensor: str = ""
    mode: str = ""
    kind: str = ""
    begin_us: int | None = None
    seed: int = 0
    x: Sequence[float] = ()
    y: Sequence[float] = ()

    @property
    def found(self) -> bool:
        """True if a limit is stated."""
        return self.hours is not None

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {**asdict(self), "x": list(self.x), "y": list(self.y)}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Limit":
        """What `plain` made."""
        return cls(**plain)

    def record(self, since_h: float, duty: Number) -> dict[str, Any]:
        """Fields of a Prediction, `since_h` running hours after the end of the series."""
        left = {name: None if at is None else max(at - since_h, 0.0) for name, at in self._ends().items()}
        in_days = {f"{name[:-1]}d": at / (24.0 * duty) if at is not None and duty else None for name, at in left.items()}
        return {
            **left,
            **in_days,
            "limit_reason": self.reason,
            "limit_sensor": self.sensor,
            "limit_mode": self.mode,
            "limit": self.value,
            "limit_kind": self.kind,
            "slope": None if self.slope is None else 24.0 * self.slope,
            "score": self.score,
            "target": self.target,
            "since_h": since_h if self.found else None,
            "hours_f8": np.array(self.x, "<f8").tobytes(),
            "deviation_f8": np.array(self.y, "<f8").tobytes(),
            "seed": self.seed,
        }

    def _ends(self) -> dict[str, Number]:
        return {"limit_h": self.hours, "limit_low_h": self.low, "limit_high_h": self.high}


@dataclass(frozen=True, slots=True)
class Series:
    """Daily deviations of one sensor in one mode, from the begin of its reference."""

    sensor: Sensor
    mode: str
    reference: Reference
    x: Floats
    y: Floats
    usual: float

    def target(self, side: float) -> tuple[float, str]:
        """Deviation at the limit of one side, and what kind of limit that is."""
        limit = self.sensor.limit(side)
        if limit is not None and (limit - self.usual) * side > 0.0:
            return limit - self.usual, CONFIGURED
        return side * SCALES * self.reference.spread, BY_SCALES


def limit(machine: Machine, days: Sequence[Day], duty: float, seed_of: Callable[[str, str], int]) -> Limit:
    """The limit that is reached first by a sensor of the machine, or why none is stated."""
    accepted = [each for sensor in machine.sensors.values() for each in sensor.references.values() if each.accepted]
    if not accepted:
        known = any(sensor.references for sensor in machine.sensors.values())
        return Limit(reason="the reference is provisional: see `maint baseline accept`" if known else "no reference yet")
    found = list(series(machine, days, duty))
    long = [each for each in found if len(each.y) >= SEEN_MIN]
    if not long:
        return Limit(reason=f"{max((len(each.y) for each in found), default=0)} of {SEEN_MIN} days in the present life")
    reached, reasons = [], set()
    for one in long:
        for side in (-1.0, 1.0):
            made = _limit(one, side, len(long), seed_of(one.sensor.name, one.mode))
            if made.found:
                reached.append(made)
            else:
                reasons.add(made.reason)
    return min(reached, key=lambda each: (each.hours or 0.0, each.sensor, each.mode), default=Limit(reason=max(reasons)))


def series(machine: Machine, days: Sequence[Day], duty: float) -> Iterator[Series]:
    """Every sensor and mode with an accepted reference."""
    placed = list(hours(list(days), duty))
    end = placed[-1][2] if placed else 0.0
    for name in sorted(machine.sensors):
        sensor = machine.sensors[name]
        for mode, reference in sorted(sensor.references.items()):
            life = [(day, middle - end) for day, middle, _ in placed if day[0] * DAY_US >= (reference.begin_us or 0) - DAY_US + 1]
            known = [(day[3][mode], x) for day, x in life if name in day[3].get(mode, {}) and reference.driven(day[3][mode])]
            if not reference.accepted or not known:
                continue
            means = [found for found, _ in known]
            y = np.array([found[name] - reference.expected(found) for found in means])
            recent = means[-USUAL_DAYS:]
            usual = float(np.median([reference.expected(found) for found in recent]))
            yield Series(sensor, mode, reference, np.array([x for _, x in known]), y, usual)


def _limit(one: Series, side: float, tests: int, seed: int) -> Limit:
    target, kind = one.target(side)
    spread = one.reference.spread
    found = reach(one.x, one.y, target, beyond=BEYOND * spread, tests=tests, seed=seed, coverage=COVERAGE)
    if not isinstance(found, Reach):
        return Limit(reason=found)
    return Limit(
        hours=found.hours,
        low=found.low,
        high=found.high if np.isfinite(found.high) else None,
        slope=found.slope,
        score=found.score,
        target=target,
        value=one.usual + target,
        sensor=one.sensor.name,
        mode=one.mode,
        kind=kind,
        begin_us=one.reference.begin_us,
        seed=seed,
        x=one.x.tolist(),
        y=one.y.tolist(),
    )
