"""Clocks that do not show UTC: hours that never were or came twice, times without a zone, arrivals whole hours away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from report.finding import Finding, instant
from report.series import DAY_US, HOUR_US, Longs, Series

ZONES: Final = (  # one for each rule and hour of change
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "America/New_York",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Santiago",
)
HOURS_MAX: Final = 14
SLACK_US: Final = 120_000_000  # how far a whole hour may be missed
READINGS_MIN: Final = 20  # in the hours beside a change, and of a lag
TWICE: Final = (1.6, 2.4)  # readings of an hour that came twice, against the hours beside it
LIKE: Final = 0.5  # the hours beside it must not differ by more than this
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """An hour of a wall clock that never was (`twice` is false) or came twice; begin as if it were UTC."""

    start_us: int
    end_us: int
    twice: bool


def changes(zone: str, first_us: int, last_us: int) -> Iterator[Change]:
    """Changes of a zone's clocks in a period, by its wall clock.

    >>> [instant(change.start_us) for change in changes("Europe/Berlin", 1_704_067_200_000_000, 1_735_603_200_000_000)]
    ['2024-03-31 02:00:00Z', '2024-10-27 02:00:00Z']
    """
    try:
        known = ZoneInfo(zone)
    except ZoneInfoNotFoundError:
        return
    for day in range(first_us // DAY_US - 1, last_us // DAY_US + 2):
        low, high = day * DAY_US, (day + 1) * DAY_US
        before, after = _offset(known, low), _offset(known, high)
        if before == after:
            continue
        while high - low > 60_000_000:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(known, middle) == before else (low, middle)
        at = round(high / 60_000_000) * 60_000_000
        yield Change(at + min(before, after), at + max(before, after), twice=after < before)


def _offset(zone: ZoneInfo, at_us: int) -> int:
    offset = (EPOCH + timedelta(microseconds=at_us)).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)


def wall_clock(asset: str, parts: Sequence[Series]) -> list[Finding]:
    """Times that are those of a wall clock: an hour is missing when summer begins, or is there twice when it ends."""
    ts = np.sort(np.concatenate([series.ts for series in parts])) if parts else np.empty(0, np.int64)
    if len(ts) < READINGS_MIN:
        return []
    best: tuple[int, str, list[Change]] = (0, "", [])
    for zone in ZONES:
        judged = [(change, _seen(ts, change)) for change in changes(zone, int(ts[0]), int(ts[-1]))]
        seen = [change for change, answer in judged if answer]
        weight = sum(2 if change.twice else 1 for change in seen)
        if weight > best[0] and not any(answer is False for _, answer in judged):
            best = (weight, zone, seen)
    weight, zone, seen = best
    if not weight:
        return []
    told = ", ".join(f"{instant(change.start_us)[:16]} {'comes twice' if change.twice else 'is missing'}" for change in seen[:4])
    what = f"the hour from {told}: times of a wall clock such as {zone}, not UTC"
    return [
        Finding(
            "clock",
            what,
            f"import with `--tz {zone}` (or the zone of the plant) and `--overlap order`",
            "certain" if weight > 1 else "likely",
            asset,
            since_us=seen[0].start_us,
            until_us=seen[-1].end_us,
            count=len(seen),
        )
    ]


def _seen(ts: Longs, change: Change) -> bool | None:
    """Whether readings show the change; None: there are too few of them to tell."""
    length = change.end_us - change.start_us
    counts = [_count(ts, change.start_us + hop * length, change.end_us + hop * length) for hop in (-1, 0, 1)]
    before, within, after = counts
    if min(before, after) < READINGS_MIN or abs(before - after) > LIKE * max(before, after):
        return None
    usual = (before + after) / 2
    return TWICE[0] <= within / usual <= TWICE[1] if change.twice else within == 0


def _count(ts: Longs, start_us: int, end_us: int) -> int:
    return int(np.searchsorted(ts, end_us) - np.searchsorted(ts, start_us))


def zoneless(asset: str, first_us: int, last_us: int) -> Finding:
    """Times without an offset that were read as UTC."""
    return Finding(
        "clock",
        f"the times carry no offset and were read as UTC ({instant(first_us)} to {instant(last_us)})",
        "if they are local, name their zone with `--tz`, for example `--tz Europe/Zurich`; if they are UTC, nothing",
        "possible",
        asset,
        since_us=first_us,
    )


def ahead(asset: str, last_us: int, written_us: int) -> list[Finding]:
    """Readings newer than the file that holds them: their clock runs ahead of UTC.

    Args:
        asset: whose readings.
        last_us: the newest.
        written_us: when the file was written.
    """
    lead = last_us - written_us
    if lead <= SLACK_US:
        return []
    hours = -(-lead // HOUR_US)
    what = (
        f"the newest reading ({instant(last_us)}) is newer than its file ({instant(written_us)}): "
        f"its clock is at least {lead / HOUR_US:.1f} h ahead"
    )
    local = f"local times of a zone east of UTC? Name it with `--tz` (about UTC+{hours})"
    remedy = local if hours <= HOURS_MAX else "correct the clock of the source"
    return [Finding("clock", what, remedy, "likely", asset, since_us=last_us)]


def lagging(series: Series) -> list[Finding]:
    """Live readings that arrive whole hours after their time: local time sent as UTC."""
    if series.lag_us is None or len(series.lag_us) < READINGS_MIN:
        return []
    lag = int(np.median(series.lag_us))
    hours = round(lag / HOUR_US)
    if not 1 <= hours <= HOURS_MAX or abs(lag - hours * HOUR_US) > SLACK_US:
        return []
    off_s = round(abs(lag - hours * HOUR_US) / 1e6)
    what = f"live readings arrive {hours} h after their time, to within {off_s} s: the source seems to send local time"
    remedy = f"let the source send UTC; it seems to stand in a zone with UTC-{hours}"
    return [Finding("clock", what, remedy, "likely", series.asset, (series.sensor,), count=len(series.lag_us))]
