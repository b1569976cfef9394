"""Headers of events: CloudEvents' Kafka binding (binary mode) and W3C traceparent, both functions of the record."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from streams.transport.outputs import Headers
from telemetry.traces import Point, point


def event_id(origin: Mapping[str, Any]) -> str:
    """The id of an output: where its input stood and which output of it this is."""
    return f"{origin['topic_id']}/{origin['partition']}/{origin['offset']}/{origin['nth']}"


def cloud_event(schema: str, source: str, record: Mapping[str, Any]) -> Headers:
    """Headers of a record that has `origin` and `known_at`."""
    version, kind, place, content = _constant(schema, source)
    return [version, ("ce_id", event_id(record["origin"]).encode()), kind, place, ("ce_time", _time(record["known_at"])), content]


@lru_cache(maxsize=64)
def _constant(schema: str, source: str) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_type", f"maintenance.v1.{schema}".encode()),
        ("ce_source", source.encode()),
        ("content-type", b"application/avro"),
    ]


def _time(at_us: int) -> bytes:
    second, rest_us = divmod(at_us, 1_000_000)
    return b"%s.%03d+00:00" % (_second(second), rest_us // 1000)


@lru_cache(maxsize=1024)  # a datetime costs twenty times the rest, and records of a batch share their seconds
def _second(at_s: int) -> bytes:
    return datetime.fromtimestamp(at_s, UTC).replace(tzinfo=None).isoformat().encode()


def traced(record: Mapping[str, Any]) -> Point:
    """Trace context of a record: one trace per correlation id, one span per output, the same in every replay."""
    return point(record["correlation_id"], event_id(record["origin"]))
