"""A finding: what is wrong with data, since when, how sure, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import floor, isfinite, log10
from typing import Final, Literal

Sure = Literal["certain", "likely", "possible"]
RANK: Final[dict[Sure, int]] = {"certain": 0, "likely": 1, "possible": 2}
COUNTED: Final = ("duplicate", "conflicting", "out_of_order")
DIGITS: Final = 3  # that mean something, of a figure for people
SHARED_MIN: Final = 3  # sensors of an asset
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        kind: a word of a closed set: gap, ended, duplicate, conflicting, out_of_order, by_exception, stuck, invalid, out_of_range,
            unit, clock, swapped, apart, refused.
        what: the fact in one sentence.
        remedy: what to do.
        sure: certain (counted), likely (nothing else explains it easily), possible (look).
        asset, sensors: where; both may be empty: the whole file.
        since_us, until_us: from when till when, microseconds since 1970 UTC; None: all the time.
        count: how often or how many readings.
    """

    kind: str
    what: str
    remedy: str
    sure: Sure = "certain"
    asset: str = ""
    sensors: Sequence[str] = ()
    since_us: int | None = None
    until_us: int | None = None
    count: int = 0


def gathered(findings: Sequence[Finding]) -> list[Finding]:
    """Counts that many sensors of an asset share, as one finding each: they have one cause."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for at, item in enumerate(findings):
        alone = "" if item.kind in COUNTED and len(item.sensors) == 1 else str(at)
        groups.setdefault((item.asset, item.kind, item.remedy, alone), []).append(item)
    return [item for group in groups.values() for item in ([_gathered(group)] if len(group) >= SHARED_MIN else group)]


def _gathered(group: Sequence[Finding]) -> Finding:
    most = max(group, key=lambda item: item.count)
    total = sum(item.count for item in group)
    what = f"{most.what} in {most.sensors[0]}; {total} in all {len(group)} sensors"
    return replace(most, what=what, sensors=tuple(item.sensors[0] for item in group), count=total)


def instant(ts_us: int | None) -> str:
    """A time for people, UTC; empty for None.

    >>> instant(1_700_000_000_000_000), instant(None)
    ('2023-11-14 22:13:20Z', '')
    """
    return "" if ts_us is None else f"{EPOCH + timedelta(microseconds=ts_us):%Y-%m-%d %H:%M:%S}Z"


def span(seconds: float) -> str:
    """A length of time for people.

    >>> span(0.5), span(90), span(7_200), span(200_000)
    ('0.5 s', '90 s', '2 h', '2.3 d')
    """
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}" if length < 86_400 else f"{seconds / length:.2g} {unit}"
    return f"{seconds:.3g} s"


def figure(value: float) -> str:
    """A value for people: three digits that mean something, and no digit before the point is lost.

    >>> figure(0.0123456), figure(1480.31), figure(999.7), figure(-2.0), figure(12), figure(float("inf"))
    ('0.0123', '1480', '1000', '-2', '12', 'inf')
    """
    if not isfinite(value) or not value:
        return f"{value:g}"
    places = DIGITS - 1 - floor(log10(abs(value)))
    plain = f"{value:.{max(places, 0)}f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Ordered by certainty, then by place and time."""
    return sorted(findings, key=lambda item: (RANK[item.sure], item.asset, item.sensors, item.since_us or 0, item.kind))
