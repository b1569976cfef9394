"""The independent judge: reads the input topic with a plain consumer and fastavro and applies the rules in plain Python.

Shares no code with the platform but the .avsc files: decoding, murmur2 and rules are written a second time here.
"""

import io
import json
import math
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import fastavro
from confluent_kafka import Consumer, TopicPartition

AVSC = Path(__file__).parents[2] / "schemas/avsc"
IDS = {entry["id"]: entry for entry in json.loads((AVSC.parent / "manifest.json").read_text())}
YEAR_2000_US = 946_684_800_000_000
FUTURE_US = 300_000_000
NAME_BYTES_MAX = 200
GOOD, BAD, ALL_BITS = 0, 0x80000000, 0xFFFFFFFF
NAN = struct.pack("<d", math.nan)

Version: TypeAlias = tuple[str, int, bytes, int]  # sensor, ts in us, bits of the value, status


@dataclass
class Record:
    """One record as a plain consumer delivers it; known_at in us."""

    offset: int
    key: bytes | None
    value: bytes | None
    known_at: int


@dataclass
class Expected:
    """What one partition of the input demands.

    Attributes:
        versions: offset of every reading that must be stored or kept as a revision.
        current: offset of the newest version per (sensor, ts).
        rejected: reason per offset.
        assets: asset of each sensor, as the first accepted reading bound them.
    """

    partition: int
    partitions: int
    record_bytes_max: int = 1_000_000
    outcomes: Counter[str] = field(default_factory=Counter)
    versions: dict[int, Version] = field(default_factory=dict)
    current: dict[tuple[str, int], int] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    assets: dict[str, bytes] = field(default_factory=dict)

    def judge(self, record: Record) -> str:
        """Count the record's outcome and return it."""
        reason, decoded = self._reason(record)
        if reason:
            self.rejected[record.offset] = reason
        outcome = "rejected" if reason else "mark" if decoded is None else self._store(record, decoded)
        self.outcomes[outcome] += 1
        return outcome

    def _reason(self, record: Record) -> tuple[str, dict[str, Any] | None]:
        """(why it is refused, its reading); neither for a mark."""
        if record.value is not None and len(record.value) > self.record_bytes_max:
            return "oversized", None
        found = decode(record.value)
        if isinstance(found, str):
            return found, None
        name, reading = found
        if name == "Mark":
            return "", None
        if name != "Reading":
            return "unknown_schema", None
        return self._unusable(record, reading), reading

    def _unusable(self, record: Record, reading: dict[str, Any]) -> str:
        key, sensor = record.key, reading["sensor_id"]
        if not key or len(key) > NAME_BYTES_MAX:
            return "wrong_key"
        if not 1 <= len(sensor.encode()) <= NAME_BYTES_MAX:
            return "missing_field"
        if not YEAR_2000_US <= reading["ts"] <= record.known_at + FUTURE_US:
            return "bad_timestamp"
        if self.assets.get(sensor) == key:
            return ""
        if not _is_text(key) or murmur2(key) % self.partitions != self.partition or sensor in self.assets:
            return "wrong_key"
        self.assets[sensor] = key
        return ""

    def _store(self, record: Record, reading: dict[str, Any]) -> str:
        place = (reading["sensor_id"], reading["ts"])
        version = (*place, *accepted(reading["value"], reading["status"]))
        before = self.current.get(place)
        if before is not None and same(self.versions[before], version):
            return "duplicate"
        self.versions[record.offset] = version
        self.current[place] = record.offset
        return "stored" if before is None else "corrected"


def accepted(value: float, status: int) -> tuple[bytes, int]:
    """Bits and status as they must be stored: no value is Bad, and so is a status that is no OPC UA code."""
    status = status if 0 <= status <= ALL_BITS else BAD
    if math.isfinite(value):
        return struct.pack("<d", value), status
    return NAN, status if status >> 31 else BAD


def same(one: Version, other: Version) -> bool:
    """Whether a database would call both values equal: -0.0 is 0.0."""
    return one[3] == other[3] and (one[2] == other[2] or struct.unpack("<d", one[2]) == struct.unpack("<d", other[2]))


class Log:
    """A topic, read partition by partition with a plain consumer.

    Args:
        kafka: client settings.
        topic: full name.
    """

    def __init__(self, kafka: dict[str, str], topic: str) -> None:
        self._topic = topic
        self._consumer = Consumer(
            {**kafka, "group.id": "checker-unused", "enable.auto.commit": False, "isolation.level": "read_committed", "log_level": 2}
        )
        self.partitions = len(self._consumer.list_topics(topic, timeout=20).topics[topic].partitions)

    def close(self) -> None:
        self._consumer.close()

    def bounds(self, partition: int) -> tuple[int, int]:
        """First offset that still exists and the one behind the last."""
        low, high = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), timeout=20)
        return int(low), int(high)

    def records(self, partition: int) -> Iterator[Record]:
        """Every record that a reader of committed records sees, in order."""
        low, high = self.bounds(partition)
        place = TopicPartition(self._topic, partition, low)
        self._consumer.assign([place])
        at = low
        while at < high:
            for message in self._consumer.consume(5000, timeout=1):
                assert message.error() is None, message.error()
                if message.offset() < high:
                    yield Record(message.offset(), message.key(), message.value(), message.timestamp()[1] * 1000)
            at = max(at, self._consumer.position([place])[0].offset)

    def expected(self, partition: int) -> Expected:
        """The partition judged. Offsets without a record are void, those before the log's begin expired."""
        low, high = self.bounds(partition)
        expected = Expected(partition, self.partitions)
        for record in self.records(partition):
            expected.judge(record)
        seen = expected.outcomes.total()
        expected.outcomes.update(received=high, expired=low, void=high - low - seen)
        return expected


def decode(value: bytes | None) -> tuple[str, dict[str, Any]] | str:
    """(name, record) of a framed value, or the reason it must be refused; times as plain integers."""
    if value is None:
        return "undecodable"
    if len(value) < 5 or value[0] != 0:
        return _unframed(value)
    number = struct.unpack(">I", value[1:5])[0]
    if number not in WRITERS:
        return "unknown_schema"
    name, body = IDS[number]["name"], io.BytesIO(value[5:])
    try:
        record = fastavro.schemaless_reader(body, WRITERS[number], None)
    except Exception:  # noqa: BLE001  whatever a library raises on corrupt bytes means the same
        return "undecodable"
    if body.read(1) or (name == "Reading" and not strict(value)):
        return "undecodable"
    return name, record


def _unframed(value: bytes) -> str:
    """A bare record or single-object encoding is somebody's other framing; all else is no record at all."""
    bare = value[:2] == b"\xc3\x01" or any(_bare(value, number) for number in WRITERS if IDS[number]["name"] in ("Reading", "Frame"))
    return "unknown_schema" if bare and value.lstrip()[:1] not in (b"{", b"[") else "undecodable"


def _bare(value: bytes, number: int) -> bool:
    framed = b"\0" + struct.pack(">I", number) + value
    return not isinstance(decode(framed), str)


def strict(value: bytes) -> bool:
    """Whether a framed Reading keeps the rules Avro libraries differ in: numbers of 64 bits, lengths and branches in range."""
    try:
        size, at = _long(value, 5)
        if size < 0 or at + size > len(value):
            return False
        value[at : at + size].decode()
        _, at = _long(value, at + size)
        _, at = _long(value, at + 8)
        branch, at = _long(value, at)
        if branch == 1:
            _, at = _long(value, at)
    except (ValueError, IndexError):
        return False
    return branch in (0, 1) and at == len(value)


def _long(value: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while value[at] & 0x80:
        number |= (value[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if shift > 63:
            raise ValueError
    number |= value[at] << shift
    if number >> 64:
        raise ValueError
    return (number >> 1) ^ -(number & 1), at + 1


def _writer(entry: dict[str, Any]) -> Any:
    """The schema with times as integers: a corrupt time must not raise in a calendar."""
    text = json.dumps(json.loads((AVSC / entry["file"]).read_text()))
    return fastavro.parse_schema(json.loads(text.replace('"logicalType": "timestamp-micros"', '"note": "us"')))


WRITERS = {number: _writer(entry) for number, entry in IDS.items()}


def _is_text(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return key[:1] not in {b"\0", b'"', b"{"} and key == key.strip()


def murmur2(key: bytes) -> int:
    """Kafka's hash of a key without its sign (org.apache.kafka.common.utils.Utils.murmur2)."""
    factor, mask = 0x5BD1E995, ALL_BITS
    state = 0x9747B28C ^ len(key)
    whole = len(key) // 4 * 4
    for (word,) in struct.iter_unpack("<I", key[:whole]):
        mixed = word * factor & mask
        mixed = (mixed ^ mixed >> 24) * factor & mask
        state = (state * factor & mask) ^ mixed
    if key[whole:]:
        state = (state ^ int.from_bytes(key[whole:], "little")) * factor & mask
    state = (state ^ state >> 13) * factor & mask
    return (state ^ state >> 15) & 0x7FFFFFFF
