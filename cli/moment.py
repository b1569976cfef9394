"""Times as options: UTC unless they say otherwise."""

from datetime import UTC, datetime
from typing import Final

FORMATS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


def seconds(moment: datetime | None) -> float | None:
    """Seconds since 1970.

    >>> seconds(datetime(2024, 1, 1)), seconds(None)
    (1704067200.0, None)
    """
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
