"""A Rejection record for one input record, wherever it was refused."""

from hashlib import sha256
from typing import Any

from processors.outcome import Reason
from streams.work import Place, Record

KEPT_BYTES = 65_536  # of a rejected value


def rejection(place: Place, record: Record, reason: Reason, detail: str) -> dict[str, Any]:
    """The record of topic rejections."""
    value = record.value or b""
    return {
        "topic": place.topic,
        "origin": {"topic_id": place.topic_id, "partition": place.partition, "offset": record.offset, "nth": 0},
        "known_at": record.timestamp * 1000,
        "reason": reason,
        "detail": detail,
        "key": record.key,
        "value": value[:KEPT_BYTES],
        "length": len(value),
        "sha256": sha256(value).hexdigest(),
        "sensor_id": None,
    }
