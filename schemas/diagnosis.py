"""What the platform makes of one message, in words a gateway's programmer can act on. Knows records and keys, not topics or servers."""

import datetime as dt
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.codec import UNKNOWN_SCHEMA, Resolve, Undecodable, decode
from schemas.identifiers import key_flaw, partition_of

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
YEAR_2000_US: Final = 946_684_800 * SECOND_US
FUTURE_US: Final = 5 * MINUTE_US  # a reading further ahead of the broker's clock is refused
ZONES_US: Final = 14 * HOUR_US  # no time zone is further from UTC
JITTER_US: Final = 2 * MINUTE_US  # way from the sensor to the broker
TEXT_BYTES_MAX: Final = 200  # keys and sensor ids
UNITS: Final = (("seconds", 1_000_000, 1), ("milliseconds", 1_000, 1), ("nanoseconds", 1, 1_000))  # times, divided by
ID_HEADERS: Final = ("__value_schema_id", "apicurio.value.globalId", "apicurio.value.contentId")
PREFIX_REMEDY: Final = "set the serializer to write magic 0 and a 4-byte id in front"
KEY_REMEDY: Final = "send the asset_id as UTF-8 bytes, without quotes or schema id (StringSerializer)"


@dataclass(frozen=True, slots=True)
class Message:
    """A record as Kafka holds it; what is not known is None.

    Attributes:
        keyed: False if it is not known whether there is a key: then nothing is said about it.
        timestamp_us: Kafka's timestamp, microseconds since 1970-01-01 UTC.
        partitions: partitions of the topic.
    """

    value: bytes | None
    key: bytes | None = None
    keyed: bool = True
    partition: int | None = None
    partitions: int | None = None
    timestamp_us: int | None = None
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or doubtful.

    Attributes:
        reason: word of `processors.outcome.Reason` if the record is refused for it; empty if it is stored nevertheless.
        detail: what was found.
        remedy: what the sender changes.
    """

    reason: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What became of one message: its record, if it is one, and everything found."""

    name: str
    record: dict[str, Any] | None
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Literal["accepted", "doubtful", "refused"]:
        """Refused: not stored. Doubtful: stored, but hardly as meant."""
        if any(finding.reason for finding in self.findings):
            return "refused"
        return "doubtful" if self.findings else "accepted"


def diagnose(message: Message, *, expected: Sequence[str] = ("Reading", "Frame", "Mark"), resolve: Resolve | None = None) -> Diagnosis:
    """Everything that can be said about one message.

    Args:
        message: the record.
        expected: records its topic takes.
        resolve: looks up foreign schema ids, see `codec.Resolve`.
    """
    decoded = decode(message.value, resolve)
    if isinstance(decoded, Undecodable):
        return Diagnosis("", None, (_undecodable(message, decoded), *_key(message)))
    name, record = decoded.name, decoded.record
    if name not in expected:
        finding = Finding(UNKNOWN_SCHEMA, f"a {name} in a topic of {' and '.join(expected)}", "send it to the topic of its record")
        return Diagnosis(name, record, (finding,))
    if name not in ("Reading", "Frame"):
        return Diagnosis(name, record, ())
    return Diagnosis(name, record, (*_key(message), *_time(record["ts"], message.timestamp_us), *_content(name, record)))


def _undecodable(message: Message, found: Undecodable) -> Finding:
    headers = [name for name, _ in message.headers if name in ID_HEADERS]
    if headers and found.reason != "schema_pending":
        return Finding(
            UNKNOWN_SCHEMA, f"the schema id stands in header {headers[0]}", "set the serializer to write magic 0 and a 4-byte id in front"
        )
    detail, _, remedy = found.detail.partition(": ")
    return Finding(found.reason, found.detail if not remedy else detail, remedy or "send the record as its schema says")


def _key(message: Message) -> list[Finding]:
    key = message.key
    if not message.keyed:
        return []
    if not key:
        return [Finding("wrong_key", "no key" if key is None else "an empty key", KEY_REMEDY)]
    if len(key) > TEXT_BYTES_MAX:
        return [Finding("wrong_key", f"a key of {len(key)} bytes; {TEXT_BYTES_MAX} are the most", KEY_REMEDY)]
    flaw = key_flaw(key)
    if flaw:
        return [Finding("wrong_key", f"the key {key[:20]!r} {flaw}", KEY_REMEDY)]
    return _partition(key, message.partition, message.partitions)


def _partition(key: bytes, partition: int | None, partitions: int | None) -> list[Finding]:
    if partition is None or not partitions or partition == partition_of(key, partitions):
        return []
    used = "librdkafka's default (CRC32)" if partition == zlib.crc32(key) % partitions else "another partitioner"
    detail = f"key {key.decode()!r} stands in partition {partition} of {partitions}, murmur2 gives {partition_of(key, partitions)}: {used}"
    return [Finding("wrong_key", detail, "set partitioner=murmur2_random, and send through one producer configuration only")]


def _time(ts: int, now_us: int | None) -> list[Finding]:
    """The event time beside Kafka's: wrong unit, wrong zone, wrong clock."""
    now = now_us if now_us is not None else int(dt.datetime.now(tz=dt.UTC).timestamp() * SECOND_US)
    if YEAR_2000_US <= ts <= now + FUTURE_US:
        return _zone(ts, now, "")
    for unit, times, divisor in UNITS:
        if YEAR_2000_US <= ts * times // divisor <= now + ZONES_US:
            return [Finding("bad_timestamp", f"ts {ts} looks like {unit} since 1970", "send microseconds since 1970-01-01 UTC")]
    if ts < YEAR_2000_US:
        return [Finding("bad_timestamp", f"ts {_iso(ts)} lies before the year 2000", "set the clock of the source, and send UTC")]
    ahead = [Finding("bad_timestamp", f"ts {_iso(ts)} is ahead of Kafka's {_iso(now)}", "set the clock of the source, and send UTC")]
    return _zone(ts, now, "bad_timestamp") or ahead


def _zone(ts: int, now: int, reason: str) -> list[Finding]:
    """Whole hours, or the quarters that some zones have, between event time and Kafka's time."""
    shift = ts - now
    for step in (HOUR_US, HOUR_US // 4):
        whole = round(shift / step) * step
        # An event is older when it arrives: the true shift is a little more than what is seen. Quarters only ahead of time.
        exact = -JITTER_US <= shift - whole <= SECOND_US and 0 < abs(whole) <= ZONES_US
        if exact and (step == HOUR_US or whole > 0):
            detail = f"ts {_iso(ts)} is {whole / HOUR_US:+g} h off Kafka's {_iso(now)}: looks like local time"
            return [Finding(reason, detail, "send UTC, not local time")]
    return []


def _content(name: str, record: dict[str, Any]) -> list[Finding]:
    found: list[Finding] = []
    sensor = len(record["sensor_id"].encode())
    if not 0 < sensor <= TEXT_BYTES_MAX:
        found.append(Finding("missing_field", f"sensor_id of {sensor} bytes", f"name the sensor with 1 to {TEXT_BYTES_MAX} bytes of UTF-8"))
    if name == "Reading" and not math.isfinite(record["value"]):
        found.append(Finding("", f"value {record['value']} is stored as no value with Bad status", "send the status of the source instead"))
    if not 0 <= record["status"] < 2**32:
        found.append(Finding("", f"status {record['status']} is no OPC UA code", "send an unsigned code of 32 bits, 0 is Good"))
    return found


def _iso(ts: int) -> str:
    """A time for people; a bare number where a calendar has no such year."""
    try:
        return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=ts)).isoformat()
    except OverflowError:
        return str(ts)
