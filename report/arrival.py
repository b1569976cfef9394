"""What the order and the spacing of readings tell: gaps, duplicates, out of order, by exception."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from report.finding import Finding, Sure, instant, span
from report.series import Longs, Series

PERIODS_MAX: Final = 3.0  # a periodic sensor that says nothing for longer is silent
REGULAR_SHARE: Final = 0.8  # of the intervals of a periodic sensor lie near their median
REGULAR_BAND: Final = 0.2
CHANGED_SHARE: Final = 0.95  # of the readings of a sensor that reports by exception differ from the one before
READINGS_MIN: Final = 20  # fewer tell nothing about the way of reporting
SELDOM: Final = 4.0  # a gap by exception is this many times longer than all but one interval in a hundred
TOLD_MAX: Final = 3  # gaps named one by one
BY_EXCEPTION: Final = "by_exception"


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a sensor reports.

    Attributes:
        reporting: periodic, by_exception or unknown.
        period_s: median interval; None with fewer than two readings.
        gap_min_s: a longer interval is a gap.
        starts, ends: gaps, [k] each, microseconds.
        span_us: from the first to the last reading.
    """

    reporting: str
    period_s: float | None
    gap_min_s: float
    starts: Longs
    ends: Longs
    span_us: int

    @property
    def longest_s(self) -> float:
        """The longest gap in seconds; 0: none."""
        return float((self.ends - self.starts).max()) / 1e6 if len(self.starts) else 0.0

    @property
    def share(self) -> float:
        """Share of the time that lies in gaps."""
        return float((self.ends - self.starts).sum()) / self.span_us if self.span_us else 0.0


def spacing(rows: Series) -> Spacing:
    """How a sensor reports and where it was silent.

    Args:
        rows: in order of time, one per time.
    """
    intervals = np.diff(rows.ts)
    if not len(intervals):
        return Spacing("unknown", None, np.inf, rows.ts[:0], rows.ts[:0], 0)
    median = float(np.median(intervals))
    reporting = BY_EXCEPTION if rows.reporting == BY_EXCEPTION else _reporting(rows, intervals, median)
    longest = PERIODS_MAX * median
    if reporting == BY_EXCEPTION and rows.period_s:
        longest = PERIODS_MAX * rows.period_s * 1e6
    elif reporting != "periodic":
        longest = max(longest, SELDOM * float(np.quantile(intervals, 0.99)))
    at = np.flatnonzero(intervals > longest)
    return Spacing(reporting, median / 1e6, longest / 1e6, rows.ts[at], rows.ts[at + 1], int(rows.ts[-1] - rows.ts[0]))


def _reporting(rows: Series, intervals: Longs, median: float) -> str:
    if len(intervals) < READINGS_MIN:
        return "unknown"
    if np.mean(np.abs(intervals - median) <= REGULAR_BAND * median) >= REGULAR_SHARE:
        return "periodic"
    return BY_EXCEPTION if np.mean(np.diff(rows.value) != 0) >= CHANGED_SHARE else "unknown"


def reported(series: Series, found: Spacing) -> list[Finding]:
    """A sensor that reports by exception although nobody says so."""
    if found.reporting != BY_EXCEPTION or series.reporting == BY_EXCEPTION:
        return []
    stated = f"the catalogue says {series.reporting}" if series.reporting != "unknown" else "nobody states it"
    return [
        Finding(
            BY_EXCEPTION,
            f"intervals vary and almost every reading is a new value: it seems to report by exception, {stated}",
            "write reporting by_exception and its longest interval as period_s into the catalogue",
            "likely",
            series.asset,
            (series.sensor,),
        )
    ]


def repeated(series: Series) -> tuple[int, int]:
    """(duplicates, conflicting): readings that repeat time and value of another, and further values of the same time.

    >>> repeated(Series("s", "a", np.array([1, 1, 1, 2]), np.array([5.0, 5.0, 6.0, 5.0])))
    (1, 1)
    """
    order = np.lexsort((series.value, series.ts))
    ts, value = series.ts[order], series.value[order]
    same_time = ts[1:] == ts[:-1]
    same_value = (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    return int(np.sum(same_time & same_value)), int(np.sum(same_time & ~same_value))


def out_of_order(ts: Longs) -> int:
    """Readings that came after a newer one.

    >>> out_of_order(np.array([1, 3, 2, 2, 4]))
    2
    """
    return int(np.sum(ts < np.maximum.accumulate(ts))) if len(ts) else 0


def disorder(series: Series) -> list[Finding]:
    """Duplicates, conflicting values and readings out of order, each counted."""
    duplicates, conflicting = repeated(series)
    late = out_of_order(series.ts)
    told = (
        ("duplicate", duplicates, "readings repeat time and value of another", "nothing: the platform counts and drops them"),
        (
            "conflicting",
            conflicting,
            "readings give another value for a time that had one",
            "the last one counts, the others stay as revisions; is it an hour that came twice, or two sources under one name?",
        ),
        (
            "out_of_order",
            late,
            "readings came after a newer one",
            "they are stored but not judged; sort the file by time, or let one source write a sensor",
        ),
    )
    where = series.asset, (series.sensor,)
    return [Finding(kind, f"{count} {what}", remedy, "certain", *where, count=count) for kind, count, what, remedy in told if count]


def silent(series: Series, found: Spacing, shared: Sequence[tuple[int, int]]) -> list[Finding]:
    """Gaps of one sensor, but for those in which its whole asset was silent.

    Args:
        series: of the sensor.
        found: its spacing.
        shared: (begin, end) of the gaps of its asset.
    """
    own = [
        (start, end)
        for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True)
        if not any(start <= since and until <= end and 2 * (until - since) >= end - start for since, until in shared)
    ]
    remedy = "look for the cause: sensor, gateway, or an export with a limit of rows"
    if found.reporting == BY_EXCEPTION and not series.period_s:
        remedy = "a steady value and a dead sensor look the same: state its longest interval as period_s in the catalogue"
    if not own:
        return []
    where = series.asset, (series.sensor,)
    return [Finding("gap", f"{_longest(own)}; {_usual(series, found)}", remedy, sureness(found), *where, *_ends(own), len(own))]


def sureness(found: Spacing) -> Sure:
    """How sure a silence is one."""
    return "certain" if found.reporting == "periodic" else "possible"


def _usual(series: Series, found: Spacing) -> str:
    """How often a sensor reports, in words."""
    if found.reporting != BY_EXCEPTION:
        return f"it reports every {span(found.period_s or 0)}"
    longest = f"at the latest every {span(series.period_s)}" if series.period_s else f"usually every {span(found.period_s or 0)}"
    return f"it reports by exception, {longest}"


def shared_gaps(parts: Sequence[tuple[Series, Spacing]]) -> list[tuple[int, int]]:
    """Times in which no sensor of an asset said anything, judged by its periodic sensors; none without such."""
    regular = [found.gap_min_s for _, found in parts if found.reporting == "periodic"]
    if not regular:
        return []
    ts = np.unique(np.concatenate([rows.ts for rows, _ in parts]))
    at = np.flatnonzero(np.diff(ts) > max(regular) * 1e6)
    return list(zip(ts[at].tolist(), ts[at + 1].tolist(), strict=True))


def together(asset: str, sensors: Sequence[str], gaps: Sequence[tuple[int, int]]) -> list[Finding]:
    """The gaps of a whole asset as one finding."""
    if not gaps:
        return []
    what = f"all {len(sensors)} sensors are silent at once: {_longest(gaps)}" if len(sensors) > 1 else _longest(gaps)
    remedy = "look at the gateway or the historian, not at the sensors; fetch the missing time if it is kept anywhere"
    return [Finding("gap", what, remedy, "certain", asset, tuple(sensors), *_ends(gaps), len(gaps))]


def _longest(gaps: Sequence[tuple[int, int]]) -> str:
    ranked = sorted(gaps, key=lambda gap: gap[0] - gap[1])[:TOLD_MAX]
    told = ", ".join(f"{span((end - start) / 1e6)} from {instant(start)}" for start, end in ranked)
    return f"{len(gaps)} {'gap' if len(gaps) == 1 else 'gaps'}, longest: {told}"


def _ends(gaps: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Begin of the first and end of the last."""
    return min(start for start, _ in gaps), max(end for _, end in gaps)
