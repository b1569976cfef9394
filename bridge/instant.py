"""Times as sources write them, to microseconds since 1970 UTC."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Unit = Literal["iso", "s", "ms", "us", "ns"]
PER_UNIT: Final = {"s": 1_000_000, "ms": 1000, "us": 1}
NS_PER_US: Final = 1000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Instant:
    """How a source writes times.

    Attributes:
        unit: iso (ISO 8601) or numbers since 1970 UTC.
        zone: of ISO times without an offset of their own.
    """

    unit: Unit = "iso"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def read(self, value: object) -> int:
        """Microseconds since 1970 UTC.

        >>> Instant("ms").read(1500), Instant().read("1970-01-01T01:00:00+01:00")
        (1500000, 0)

        Raises:
            ValueError: it is no such time, or a local time that was twice or never; the message says which.
        """
        if self.unit == "iso":
            return self._iso(value)
        count = value if isinstance(value, int) else float(value) if isinstance(value, float | str) else math.nan
        if isinstance(value, bool) or not math.isfinite(count):
            raise ValueError(f"{value!r:.60} is no number of {self.unit} since 1970")
        return round(count / NS_PER_US) if self.unit == "ns" else round(count * PER_UNIT[self.unit])

    def _iso(self, value: object) -> int:
        if not isinstance(value, str):
            raise ValueError(f"{value!r:.60} is no ISO 8601 time; set time.unit to s, ms, us or ns")  # noqa: TRY004  data, not a type of ours
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = self._local(moment)
        return (moment - EPOCH) // MICROSECOND

    def _local(self, moment: datetime) -> datetime:
        first, second = (moment.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            exists = first.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) == moment
            raise ValueError(f"{moment} {'was twice' if exists else 'never was'} in {self.zone.key}; let the source send UTC")
        return first
