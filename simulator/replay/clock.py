"""Local times to UTC: what a wall clock shows is not always a time, and not always one time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Gap = Literal["refuse", "forward", "skip"]
Overlap = Literal["refuse", "first", "second", "order"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOURS_TWICE = timedelta(hours=2)  # longer than any hour that comes twice
NUMBERS = {"s": 1_000_000.0, "ms": 1000.0, "us": 1.0}


class TimeError(ValueError):
    """A cell is no usable time; the message names the remedy."""


@dataclass(slots=True)
class Clock:
    """Reads the time column of one file, line by line.

    Attributes:
        zone: IANA name of the zone local times are in; times that carry an offset of their own ignore it.
        form: iso, s, ms, us (numbers since 1970), or a strptime pattern.
        gap: a local time that never was (clocks went forward): refuse it, shift it forward as most clocks do, or skip the row.
        overlap: a local time that was twice (clocks went back): refuse it, take the first, take the second, or decide by
            the order of the rows of a sensor: the first until the times no longer move on, then the second.
        local: times without an offset of their own were read, so the zone has decided them.
    """

    zone: str = "UTC"
    form: str = "iso"
    gap: Gap = "refuse"
    overlap: Overlap = "refuse"
    local: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        try:
            self._zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise TimeError(f"no time zone {self.zone!r} on this machine; use a name like Europe/Zurich (Debian: install tzdata)") from None

    _zone: ZoneInfo = field(init=False)
    _previous: dict[str, tuple[datetime, int]] = field(init=False, default_factory=dict)  # by sensor: local time, pass

    def read(self, cell: str, sensor: str = "") -> int | None:
        """Microseconds since 1970 UTC; None where a row is to be skipped.

        Args:
            cell: text of the time column.
            sensor: whose row it is, for `overlap="order"`.

        Raises:
            TimeError: it is no time, or one that the options refuse.
        """
        if self.form in NUMBERS:
            return self._number(cell)
        moment = self._parsed(cell)
        if moment.tzinfo is not None:
            return (moment - EPOCH) // MICROSECOND
        self.local = True
        return self._local(moment, sensor)

    def _number(self, cell: str) -> int:
        try:
            return round(float(cell) * NUMBERS[self.form]) if "." in cell else int(cell) * int(NUMBERS[self.form])
        except ValueError:
            raise TimeError(f"{cell!r} is no number of {self.form} since 1970; see --time-format") from None

    def _parsed(self, cell: str) -> datetime:
        try:
            return datetime.fromisoformat(cell.strip()) if self.form == "iso" else datetime.strptime(cell.strip(), self.form)  # noqa: DTZ007
        except ValueError:
            wanted = "no ISO 8601 time" if self.form == "iso" else f"does not fit {self.form!r}"
            raise TimeError(f"{cell!r}: {wanted}; see --time-format (iso, s, ms, us, or a pattern like '%d.%m.%Y %H:%M')") from None

    def _local(self, moment: datetime, sensor: str) -> int | None:
        first, second = (moment.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        before, after = first.utcoffset(), second.utcoffset()
        fold = 0
        if before != after:
            exists = first.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) == moment
            if not exists:
                return self._absent(first)
            fold = self._twice(moment, sensor)
        if self.overlap == "order":
            self._previous[sensor] = (moment, fold)
        return (moment.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) - EPOCH) // MICROSECOND

    def _absent(self, first: datetime) -> int | None:
        if self.gap == "refuse":
            raise TimeError(
                f"{first.replace(tzinfo=None)} never was in {self.zone} (clocks went forward); is the zone right? "
                "else --gap forward or --gap skip"
            )
        return None if self.gap == "skip" else (first.astimezone(UTC) - EPOCH) // MICROSECOND

    def _twice(self, moment: datetime, sensor: str) -> int:
        if self.overlap == "refuse":
            raise TimeError(
                f"{moment} was twice in {self.zone} (clocks went back); --overlap first, second, or order if the rows are in order"
            )
        if self.overlap != "order":
            return 0 if self.overlap == "first" else 1
        before, fold = self._previous.get(sensor, (datetime.min, 0))  # noqa: DTZ901  a local time, as all here
        return int(abs(moment - before) < HOURS_TWICE and (moment <= before or fold == 1))
