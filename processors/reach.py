"""When does the trend of a deviation reach its limit, in running hours: test, slope, and an interval from resampled remainders.

The test is that of processors/trend.py, at a level that is shared among sensors, spans and daily looks. The slope is Theil and Sen's
over running hours, and the interval that of the time at which the line reaches the limit, from a bootstrap of what the line leaves,
with its memory: neighbouring days resemble each other.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np

from processors.layout import Floats, Longs
from processors.trend import trend

DAYS_MIN: Final = 10
SPANS: Final = (180, 120, 80, 40, 20, DAYS_MIN)  # days looked at, longest first
POINTS_MAX: Final = 60  # of a line; longer series are medians of neighbours
RESAMPLES: Final = 299
SHORT: Final = 10.0  # a line through n points leaves too little by 1 + SHORT / n: set on generated ramps with memory 0 to 0.6
STEPS: Final = 15  # neighbouring days over which a slope is taken as constant
SETTLING: Final = 30  # values drawn before the first that counts
MEMORY_MAX: Final = 0.9
LEAST_H: Final = 1e-3  # between two days
CHANCE: Final = 0.01  # of a trend where there is none, over all sensors of an asset, all spans and LOOKS
LOOKS: Final = 10  # independent ones that half a year of daily looks is worth; set on series without a trend
LATER: Final = 3  # days after which the same must be found: what comes and goes is no wear
SEEN_MIN: Final = DAYS_MIN + LATER
FAR: Final = 6.0  # times `beyond` from where on the memory of the noise does not count
BENT: Final = 0.05  # of a rise that its newest days may leave the line by
FURTHEST: Final = 10.0  # times the observed span that a line is drawn ahead


@dataclass(frozen=True, slots=True)
class Reach:
    """Running hours from the end of the series to the limit, with the ends of the interval; `high` infinite: open.

    Args:
        slope: per running hour.
        level: of the line at the end of the series.
        score: of the trend test.
        count: days the line rests on, the newest of the series.

    """

    hours: float
    low: float
    high: float
    slope: float
    level: float
    score: float
    count: int


def seed_of(*parts: object) -> int:
    """A seed from ids: equal ids, equal interval; 0 .. 2^53.

    >>> seed_of("P1", "P1.temp", "", 20000) == seed_of("P1", "P1.temp", "", 20000)
    True
    """
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:8], "big") >> 11


def reach(hours: Floats, values: Floats, target: float, *, beyond: float, tests: int, seed: int, coverage: float) -> Reach | str:
    """The line to the limit, or why there is none.

    Args:
        hours: (n,) running hours of each day, rising; 0 is the end of the series.
        values: (n,) deviation of each day.
        target: deviation at the limit; its sign says on which side.
        beyond: the line must lie this far from 0 on the side of the target to be worth a word.
        tests: sensors tested, over which CHANCE is shared.
        seed: of the bootstrap.
        coverage: share of cases the interval is meant to hold.

    """
    if len(values) < SEEN_MIN:
        return f"{len(values)} of {SEEN_MIN} days"
    side, sure = float(np.sign(target)), NormalDist().inv_cdf(1.0 - CHANCE / (tests * len(SPANS) * LOOKS) / 2.0)
    before = hours[:-LATER] - hours[-LATER - 1] + hours[-1]
    found = _sure(hours, values, side, beyond, sure)
    if found is None or _sure(before, values[:-LATER], side, beyond, sure) is None:
        return "no trend towards the limit that chance would not give"
    return _reached(*found, target=target, seed=seed, coverage=coverage)


def _sure(hours: Floats, values: Floats, side: float, beyond: float, sure: float) -> tuple[Floats, Floats, Reach] | None:
    """Points and line of the longest span with a trend to this side that chance would not give; None: there is none."""
    memory = _kept(values)
    for span in (each for each in SPANS if each < 2 * len(values)):
        x, y = _condensed(hours[-span:], values[-span:])
        slope, level = _line(x, y)
        if slope * side <= 0.0 or level * side < beyond or not _straight(x, y, slope, level, memory):
            continue  # told before the test, which costs ten times as much
        found = trend(values[-span:], memory)
        if found is None or np.sign(found.score) != side:
            continue
        score = found.score if level * side < FAR * beyond else _score(y)  # so far from normal no healthy noise wanders
        if abs(score) < sure:
            continue
        return x, y, Reach(0.0, 0.0, 0.0, slope, level, found.score, min(span, len(values)))
    return None


def again(hours: Floats, values: Floats, target: float, *, score: float, seed: int, coverage: float) -> Reach | str:
    """What `reach` found in the same series, over the days whose trend test has this score; to check what it once said.

    How many sensors were tested only decided whether it was said, and is not needed.
    """
    memory = _kept(values)
    for span in (each for each in SPANS if each < 2 * len(values)):
        y = values[-span:]
        found = trend(y, memory)
        if found is not None and found.score == score:
            x, y = _condensed(hours[-span:], y)
            line = Reach(0.0, 0.0, 0.0, *_line(x, y), score, min(span, len(values)))
            return _reached(x, y, line, target=target, seed=seed, coverage=coverage)
    return "no days of this series have that score"


def _reached(x: Floats, y: Floats, line: Reach, *, target: float, seed: int, coverage: float) -> Reach | str:
    ahead = max((target - line.level) / line.slope, 0.0)
    if ahead > FURTHEST * (x[-1] - x[0]):
        return f"the limit lies more than {FURTHEST:g} times as far ahead as the trend was seen"
    slopes, levels = _resampled(x, y, line, seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(slopes * line.slope > 0.0, np.maximum((target - levels) / slopes, 0.0), np.inf)
    rest = (1.0 - coverage) / 2.0
    low, high = (float(np.sort(times)[round(share * (RESAMPLES - 1))]) for share in (rest, 1.0 - rest))
    return Reach(float(ahead), min(low, float(ahead)), max(high, float(ahead)), line.slope, line.level, line.score, line.count)


def _resampled(x: Floats, y: Floats, line: Reach, seed: int) -> tuple[Floats, Floats]:
    """Slope and level at 0 of lines through the fitted values with remainders drawn anew, as long remembered as they are."""
    n = len(x)
    fitted = line.level + line.slope * x
    left = y - fitted
    left = (left - left.mean()) * np.sqrt(n / (n - 2.0)) * (1.0 + SHORT / n)
    memory = _memory(left)
    fresh = left[1:] - memory * left[:-1]
    fresh *= left.std() * np.sqrt(1.0 - memory**2) / max(float(fresh.std()), 1e-300)
    dice = np.random.default_rng(seed)
    drawn = dice.choice(fresh, (RESAMPLES, n + SETTLING))
    for day in range(1, n + SETTLING):
        drawn[:, day] += memory * drawn[:, day - 1]
    drawn = drawn[:, SETTLING:] + fitted
    first, second = np.triu_indices(n, 1)
    apart = np.maximum(x[second] - x[first], LEAST_H)
    slopes = np.array([np.median((each[second] - each[first]) / apart) for each in drawn])
    levels = np.median(drawn - slopes[:, None] * x, axis=1)
    return slopes, levels


def _memory(left: Floats) -> float:
    """How much of a remainder the next day still has, 0 .. 0.9; short series show too little of it."""
    total = float((left**2).sum())
    found = float((left[1:] * left[:-1]).sum()) / total if total > 0.0 else 0.0
    return min(max(found + (1.0 + 4.0 * max(found, 0.0)) / len(left), 0.0), MEMORY_MAX)


def _kept(values: Floats) -> float:
    """How much of its deviation a day keeps from the day before, 0 .. 0.9, by the steps between days: a slow rise hides in none of them.

    Steps of values with memory m have the correlation -(1 - m) / 2 with the step before.
    """
    steps = np.concatenate([part - part.mean() for part in np.array_split(np.diff(values), max(len(values) // STEPS, 1))])
    total = float((steps**2).sum())
    found = 1.0 + 2.0 * float((steps[1:] * steps[:-1]).sum()) / total if total > 0.0 else 0.0
    return min(max(found, 0.0), MEMORY_MAX)


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Theil and Sen's slope and the level at 0."""
    first, second = _pairs(len(x))
    slope = float(np.median((y[second] - y[first]) / np.maximum(x[second] - x[first], LEAST_H)))
    return slope, float(np.median(y - slope * x))


@lru_cache(maxsize=POINTS_MAX)
def _pairs(n: int) -> tuple[Longs, Longs]:
    """Places of all pairs of n points, at most POINTS_MAX: making them costs more than what is done with them."""
    return np.triu_indices(n, 1)


def _score(y: Floats) -> float:
    """Mann and Kendall's normal score as of independent values."""
    n = len(y)
    first, second = np.triu_indices(n, 1)
    net = float(np.sign(y[second] - y[first]).sum())
    return (net - float(np.sign(net))) / float(np.sqrt(n * (n - 1.0) * (2.0 * n + 5.0) / 18.0))


def _straight(x: Floats, y: Floats, slope: float, level: float, memory: float) -> bool:
    """True if the newest fifth of the remainders does not lie on one side: the line still describes the present.

    As much as a day scatters is allowed for, by the steps between days, and BENT of the rise.
    """
    newest = (y - level - slope * x)[-max(3, len(y) // 5) :]
    steps = np.diff(y - slope * x)
    scale = 1.4826 * float(np.median(np.abs(steps - np.median(steps)))) / np.sqrt(2.0 * (1.0 - memory))
    return bool(abs(float(np.median(newest))) <= scale + BENT * abs(slope * (x[-1] - x[0])))


def _condensed(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most POINTS_MAX medians of as many neighbours each; the oldest days may be left out for it."""
    size = -(-len(x) // POINTS_MAX)
    if size == 1:
        return x, y
    kept = len(x) // size * size
    return tuple(np.median(each[len(each) - kept :].reshape(-1, size), axis=1) for each in (x, y))  # type: ignore[return-value]
