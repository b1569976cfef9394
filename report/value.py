"""What single values tell: none at all, marks of missing values, out of the instrument's range, stuck."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from report.finding import Finding, Sure, instant, span
from report.series import Bools, Floats, Longs, Series

SENTINELS: Final = (-9999.0, -999.0, -99.0, -32768.0, 9999.0, 32767.0, 65535.0, 99999.0, 1e30, -1e30)  # how sources write "no value"
APART: Final = 20.0  # such a number is one when it lies this many spreads from the rest
RUN_MIN: Final = 30  # readings that repeat a value
RUN_FACTOR: Final = 10.0  # times longer than all but one run in a hundred
RESTING: Final = 0.8  # share of a stretch in which another sensor shows rest
REST: Final = 0.0  # what most sensors of a stopped machine show


def invalid(series: Series) -> Bools:
    """Readings without a value."""
    return ~np.isfinite(series.value)


def unusable(series: Series) -> list[Finding]:
    """No value, marks of a missing value, out of range; each with its count and its first time."""
    value = series.value
    missing, marks = invalid(series), sentinels(series)
    inside = np.isfinite(value)
    outside = inside & ~marks & ((value < _or(series.low, -np.inf)) | (value > _or(series.high, np.inf)))
    named = ", ".join(f"{mark:g}" for mark in np.unique(value[marks]).tolist())
    told = (
        ("invalid", missing, "readings hold no number", "nothing, if they are meant: they are stored as no value, with Bad status"),
        ("invalid", marks, f"readings hold {named}, a usual mark of a missing value", "leave these cells empty before the import"),
        (
            "out_of_range",
            outside,
            f"readings lie outside the instrument's range {series.low} to {series.high}",
            "is the range in the catalogue right, and the unit? Else the instrument is faulty",
        ),
    )
    return [_counted(series, kind, rows, what, remedy) for kind, rows, what, remedy in told if rows.any()]


def _counted(series: Series, kind: str, rows: Bools, what: str, remedy: str) -> Finding:
    times = series.ts[rows]
    since, until = int(times.min()), int(times.max())
    text = f"{len(times)} {what}, first at {instant(since)}"
    return Finding(kind, text, remedy, "certain", series.asset, (series.sensor,), since, until, len(times))


def sentinels(series: Series) -> Bools:
    """Readings that hold a mark of a missing value, far from all other values."""
    marks = np.isin(series.value, SENTINELS)
    rest = series.value[~marks & np.isfinite(series.value)]
    if not marks.any() or not len(rest):
        return np.zeros(len(series.value), bool)
    low, middle, high = np.quantile(rest, (0.05, 0.5, 0.95))
    far: Bools = np.abs(series.value - middle) > APART * max(float(high - low), 1e-9 * abs(float(middle)))
    return marks & far


@dataclass(frozen=True, slots=True)
class Runs:
    """Stretches in which a value repeats itself: first and last time, microseconds, value and number of readings, [k] each."""

    since: Longs
    until: Longs
    value: Floats
    count: Longs


def runs(rows: Series) -> Runs:
    """All runs of a series in order of time, one per time.

    >>> found = runs(Series("s", "a", np.array([1, 2, 3]), np.array([5.0, 5.0, 6.0])))
    >>> found.count.tolist(), found.until.tolist()
    ([2, 1], [2, 3])
    """
    if not len(rows.value):
        return Runs(rows.ts, rows.ts, rows.value, rows.ts)
    edges = np.flatnonzero(np.diff(rows.value)) + 1
    starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [len(rows.value)]))
    return Runs(rows.ts[starts], rows.ts[ends - 1], rows.value[starts], ends - starts)


def stuck(rows: Series, own: Runs, others: Sequence[Runs]) -> list[Finding]:
    """Stretches in which the value repeats itself far longer than it usually does, unless the machine rests.

    Args:
        rows: in order of time, one per time.
        own: its runs.
        others: runs of the other sensors of its asset: where one of them holds zero as well, the machine rests.
    """
    whole = len(own.count) == 1 and own.count[0] >= RUN_MIN
    usual = float(np.quantile(own.count, 0.99)) if len(own.count) >= RUN_MIN else 1.0
    long = np.flatnonzero(own.count >= max(RUN_MIN, RUN_FACTOR * usual)) if len(own.count) > 1 else np.arange(int(whole))
    chosen = [at for at in long.tolist() if not _rests(int(own.since[at]), int(own.until[at]), others)]
    if not chosen:
        return []
    longest = max(chosen, key=lambda at: int(own.until[at] - own.since[at]))
    since, until, value = int(own.since[longest]), int(own.until[longest]), float(own.value[longest])
    resting = value == REST and not whole
    sure: Sure = "possible" if resting else "likely"
    where = "all the time" if whole else f"from {instant(since)}"
    what = f"the value stays exactly {value:g} for {span((until - since) / 1e6)}, {where}"
    what += f", {len(chosen)} such stretches" if len(chosen) > 1 else ""
    faulty = "look at the sensor and its cable (or the historian repeats the last value); leave that time out of baselines"
    remedy = f"was the machine off? Then nothing; else {faulty}" if resting else faulty
    return [Finding("stuck", what, remedy, sure, rows.asset, (rows.sensor,), since, until, int(own.count[chosen].sum()))]


def _rests(since: int, until: int, others: Sequence[Runs]) -> bool:
    """Whether another sensor holds zero for most of a stretch."""
    for other in others:
        zero = other.value == REST
        shared = np.minimum(other.until[zero], until) - np.maximum(other.since[zero], since)
        if float(np.clip(shared, 0, None).sum()) >= RESTING * (until - since):
            return True
    return False


def _or(limit: float | None, otherwise: float) -> float:
    return otherwise if limit is None else limit
