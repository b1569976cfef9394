"""Times as options: UTC unless they say otherwise."""

import re
from datetime import UTC, datetime
from typing import Final

import typer

FORMATS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


def seconds(moment: datetime | None) -> float | None:
    """Seconds since 1970.

    >>> seconds(datetime(2024, 1, 1)), seconds(None)
    (1704067200.0, None)
    """
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def utc(given: datetime) -> datetime:
    """A time as given on the command line, UTC unless it says otherwise."""
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def past(begin: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The period of --from and --to, which must have been.

    Raises:
        typer.BadParameter: it ends before it begins, or is not over; names the option, its value and the remedy.

    >>> past(datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 2, 1, tzinfo=UTC))[0].isoformat()
    '2024-01-01T00:00:00+00:00'
    """
    first, last = utc(begin), utc(end)
    for name, moment in (("--from", first), ("--to", last)):
        if moment > now:
            raise typer.BadParameter(
                f"{moment.isoformat()} lies in the future: name a period that is over (now: {now.isoformat(timespec='minutes')})",
                param_hint=f"'{name}'",
            )
    if last <= first:
        told = f"{last.isoformat()} is not later than --from {first.isoformat()}: --to is the end of the period, swap the two"
        raise typer.BadParameter(told, param_hint="'--to'")
    return first, last


LENGTHS: Final = {"min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def duration_us(text: str) -> int:
    """Microseconds of a length of time such as 90d or 12h.

    Raises:
        typer.BadParameter: it is none.

    >>> duration_us("1.5h")
    5400000000
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(min|h|d|w)\s*", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no length of time: write 30min, 12h, 90d or 2w")
    return round(float(found[1]) * LENGTHS[found[2]] * 1e6)
