"""Failure probabilities against the truth of a plant: what is judged, and by whom it is compared.

A probability speaks of one machine, one moment and the days after it. It is right to the extent that a functional failure of any
mode, seen by sensors or not, falls into those days. Censored, and so not judged, are moments whose days reach beyond the end of the
plan, and moments after which an item was replaced within those days before any failure: nobody knows what would have been.
Moments count from the second half of the plan on; the hazard of a class comes from the first half alone.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.exam.judge import DAY_US, HOUR_US
from simulator.life.plant import Unit

HORIZONS_D: Final = (7, 30, 90)
PLATFORM, LOG, CLASS = "platform", "log hazard without condition", "class hazard"
POOLED, NEVER, HINDSIGHT = "one base rate", "never", "class, in hindsight"
HALF: Final = 0.5  # of a failure more in each class: none in half a plan does not mean never
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stated:
    """What was said of a machine at a time: the chance of a failure within each of HORIZONS_D days; None: nothing was.

    plain: the same from the maintenance log alone, as if the condition of the machine were not known.
    """

    asset: str
    at_us: int
    odds: tuple[float | None, ...]
    plain: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Lived:
    """A machine's failures, and replacements of items that had not failed, times ascending in microseconds."""

    kind: str
    failures: Sequence[int]
    replaced: Sequence[int]

    @classmethod
    def of(cls, what: Unit, begin_us: int) -> "Lived":
        """From the sealed truth."""
        failures = sorted(begin_us + each.fail_h * HOUR_US for each in what.history.failures)
        return cls(what.machine.name, failures, sorted(begin_us + hour * HOUR_US for _, hour in what.history.saved))

    def fails(self, at_us: int, days: int, end_us: int) -> bool | None:
        """Whether it fails within some days; None: censored.

        >>> one = Lived("pump", [50 * DAY_US], [20 * DAY_US])
        >>> [one.fails(day * DAY_US, 30, 100 * DAY_US) for day in (10, 19, 20, 50, 70, 71)]
        [None, None, True, False, False, None]
        """
        until = at_us + days * DAY_US
        if until > end_us:
            return None
        failure, replaced = _after(self.failures, at_us), _after(self.replaced, at_us)
        if replaced is not None and replaced <= until and (failure is None or replaced < failure):
            return None
        return failure is not None and failure <= until


@dataclass(frozen=True, slots=True)
class Cases:
    """What is judged of one horizon: n moments with their machine (number), outcome (0 or 1), and what each candidate said of them.

    told: of which of them the platform said something; censored: how many are not among them.
    """

    days: int
    machine: npt.NDArray[np.int64]
    failed: Floats
    said: Mapping[str, Floats]
    told: npt.NDArray[np.bool_]
    censored: int

    @property
    def stated(self) -> int:
        """Of how many moments the platform said something."""
        return int(self.told.sum())


@dataclass(frozen=True, slots=True)
class Span:
    """The plan: its begin, the end of its first half, its end; microseconds."""

    begin_us: int
    half_us: int
    end_us: int


def judged(fleet: Mapping[str, Lived], stated: Sequence[Stated], span: Span) -> list[Cases]:
    """Cases of every horizon. Where the platform said nothing the hazard of the class stands for it: that gains nothing."""
    rates = hazards(fleet.values(), span)
    told = sorted(
        (each for each in stated if each.asset in fleet and each.at_us >= span.half_us), key=lambda each: (each.asset, each.at_us)
    )
    return [_cases(fleet, told, rates, place, span.end_us) for place in range(len(HORIZONS_D))] if told else []


def hazards(fleet: Iterable[Lived], span: Span) -> dict[str, float]:
    """Failures a day of the machines of each class in the first half, and of all under the empty name."""
    machines, failures = Counter[str](), Counter[str]()
    for lived in fleet:
        count = bisect_right(lived.failures, span.half_us)
        for kind in (lived.kind, ""):
            machines[kind] += 1
            failures[kind] += count
    days = (span.half_us - span.begin_us) / DAY_US
    return {kind: (failures[kind] + HALF) / (machines[kind] * days) for kind in machines}


def _cases(fleet: Mapping[str, Lived], told: Sequence[Stated], rates: Mapping[str, float], place: int, end_us: int) -> Cases:
    days = HORIZONS_D[place]
    fates = [fleet[each.asset].fails(each.at_us, days, end_us) for each in told]
    kept = [(each, fate) for each, fate in zip(told, fates, strict=True) if fate is not None]
    failed = np.array([fate for _, fate in kept], np.float64)
    kinds = [fleet[each.asset].kind for each, _ in kept]
    base = np.array([within(rates[kind], days) for kind in kinds])
    odds, plain = (_known([each[place] for each in column]) for column in ([one.odds for one, _ in kept], [one.plain for one, _ in kept]))
    numbers = {name: number for number, name in enumerate(sorted(fleet))}
    said = {
        PLATFORM: np.where(np.isnan(odds), base, odds),
        LOG: np.where(np.isnan(plain), base, plain),
        CLASS: base,
        POOLED: np.full(len(kept), within(rates[""], days)),
        NEVER: np.zeros(len(kept)),
        HINDSIGHT: _shares(kinds, failed),
    }
    machine = np.array([numbers[each.asset] for each, _ in kept], np.int64)
    return Cases(days, machine, failed, said, np.isfinite(odds), len(told) - len(kept))


def within(rate: float, days: float) -> float:
    """Chance of a failure within some days at a constant rate a day.

    >>> round(within(0.01, 7.0), 3)
    0.068
    """
    return float(-np.expm1(-rate * days))


def _known(odds: Sequence[float | None]) -> Floats:
    """Odds as numbers, NaN where nothing was said."""
    return np.array([np.nan if odd is None else odd for odd in odds], np.float64)


def _shares(kinds: Sequence[str], failed: Floats) -> Floats:
    """What the judged moments themselves say of each class: no constant could know better, and none can know it."""
    place = np.unique(kinds, return_inverse=True)[1]
    return np.asarray((np.bincount(place, failed) / np.maximum(np.bincount(place), 1))[place]) if kinds else np.empty(0)


def _after(times: Sequence[int], at_us: int) -> int | None:
    place = bisect_right(times, at_us)
    return times[place] if place < len(times) else None
