"""Builders of input records for tests of agents."""

from collections.abc import Iterable
from typing import Any

from schemas.codec import encode
from streams.transport.records import Record, Records
from streams.transport.span import Span, voids
from streams.work import Place, Taken

START_MS = 1_790_000_000_000


class Input(Record):
    def __init__(self, offset: int, value: bytes | None, key: bytes | None = b"P1", timestamp: int = START_MS) -> None:
        super().__init__(offset, timestamp, key, value)


def reading(offset: int, sensor: str = "P1.temp", value: float = 1.0) -> Input:
    at_ms = START_MS + offset * 1000
    body = encode("Reading", {"sensor_id": sensor, "ts": at_ms * 1000, "value": value})
    return Input(offset, body, timestamp=at_ms)


def tick(offset: int) -> Input:
    at_ms = START_MS + offset * 1000
    return Input(offset, encode("Mark", {"kind": "tick", "version": at_ms // 1000}), key=None, timestamp=at_ms)


def taken(records: list[Any], start: int, end: int) -> Taken:
    columns = Records.of(records)
    return Taken(columns, start, end, voids(Span(columns, start, end)), [])


def place(topic: str, partitions: int = 1) -> Place:
    return Place(topic, "topic-id", 0, partitions)


def at(offsets: Iterable[int]) -> Records:
    """Records of nothing at these offsets."""
    return Records.of([Input(offset, None) for offset in offsets])
