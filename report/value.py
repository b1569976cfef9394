"""What single values tell: none at all, marks of missing values, out of the instrument's range, stuck."""

from typing import Final

import numpy as np

from report.finding import Finding, Sure, instant, span
from report.series import Bools, Series

SENTINELS: Final = (-9999.0, -999.0, -99.0, -32768.0, 9999.0, 32767.0, 65535.0, 99999.0, 1e30, -1e30)  # how sources write "no value"
APART: Final = 20.0  # such a number is one when it lies this many spreads from the rest
RUN_MIN: Final = 30  # readings that repeat a value
RUN_FACTOR: Final = 10.0  # times longer than all but one run in a hundred
RUN_SHARE: Final = 0.5  # of the period: a value that long is no state of rest
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


def stuck(rows: Series) -> list[Finding]:
    """Stretches in which the value repeats itself far longer than it usually does.

    Args:
        rows: in order of time, one per time.
    """
    if len(rows.value) < RUN_MIN:
        return []
    edges = np.flatnonzero(np.diff(rows.value)) + 1
    starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [len(rows.value)]))
    lengths = ends - starts
    usual = float(np.quantile(lengths, 0.99)) if len(lengths) >= RUN_MIN else 1.0
    chosen = np.flatnonzero(lengths >= max(RUN_MIN, RUN_FACTOR * usual)) if len(lengths) > 1 else np.array([0])
    if not len(chosen):
        return []
    longest = chosen[np.argmax(rows.ts[ends[chosen] - 1] - rows.ts[starts[chosen]])]
    since, until = int(rows.ts[starts[longest]]), int(rows.ts[ends[longest] - 1])
    value, whole = float(rows.value[starts[longest]]), len(lengths) == 1
    resting = value == REST and not whole
    sure: Sure = "possible" if resting else "likely"
    where = "all the time" if whole else f"from {instant(since)}"
    what = f"the value stays exactly {value:g} for {span((until - since) / 1e6)}, {where}"
    what += f", {len(chosen)} such stretches" if len(chosen) > 1 else ""
    faulty = "look at the sensor and its cable (or the historian repeats the last value); leave that time out of baselines"
    remedy = f"was the machine off? Then nothing; else {faulty}" if resting else faulty
    return [Finding("stuck", what, remedy, sure, rows.asset, (rows.sensor,), since, until, int(lengths[chosen].sum()))]


def _or(limit: float | None, otherwise: float) -> float:
    return otherwise if limit is None else limit
