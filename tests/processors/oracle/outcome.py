"""What becomes of a record, said plainly: codec and rules, one record at a time, a dictionary as state."""

import math
from dataclasses import dataclass, field

from processors.outcome import Flag, Status
from schemas.codec import Decoded, decode
from schemas.identifiers import partition_of

FUTURE_US = 300_000_000
YEAR_2000_US = 946_684_800_000_000


@dataclass
class Rules:
    """Rules of one partition of readings; knows sensors only by what it was given."""

    partition: int
    partitions: int
    record_bytes_max: int
    asset_of: dict[str, str] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)

    def judge(self, value: bytes | None, key: bytes | None, known_at_us: int) -> str:  # noqa: PLR0911  one line per rule
        """A reason, "mark" or "row"."""
        if value is not None and len(value) > self.record_bytes_max:
            return "oversized"
        found = decode(value)
        if not isinstance(found, Decoded):
            return found.reason
        if found.name == "Mark":
            return "mark"
        if found.name != "Reading":
            return "unknown_schema"
        sensor, ts = found.record["sensor_id"], found.record["ts"]
        if not key or len(key) > 200:
            return "wrong_key"
        if not 1 <= len(sensor.encode()) <= 200:
            return "missing_field"
        if not YEAR_2000_US <= ts <= known_at_us + FUTURE_US:
            return "bad_timestamp"
        return "row" if self._belongs(sensor, key) else "wrong_key"

    def row(self, value: bytes) -> tuple[int, float, int, int]:
        """ts, value (None for NaN), status and flags of a stored reading, without detectors."""
        found = decode(value)
        assert isinstance(found, Decoded)
        record = found.record
        number, status, flags = record["value"], record["status"], 0
        if not 0 <= status < 2**32:
            status = Status.BAD
        if not math.isfinite(number):
            number, flags, status = math.nan, int(Flag.NO_VALUE), max(status, Status.BAD)
        if record["ts"] <= self.newest.get(record["sensor_id"], -(2**63)):
            flags |= Flag.LATE
        else:
            self.newest[record["sensor_id"]] = record["ts"]
        return record["ts"], number, status, int(flags)

    def _belongs(self, sensor: str, key: bytes) -> bool:
        try:
            asset = key.decode()
        except UnicodeDecodeError:
            return False
        if key[:1] in {b"\0", b'"', b"{"} or key.strip() != key:
            return False
        if partition_of(key, self.partitions) != self.partition:
            return False
        return self.asset_of.setdefault(sensor, asset) == asset
