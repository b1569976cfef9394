"""Builders of records for the sinks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas import codec
from sinks.record import Record

BASE_US = 1_767_225_600_000_000  # 2026-01-01
MINUTE_US = 60_000_000
TOPIC_ID = "raw-topic-id"


@dataclass(frozen=True)
class Reading:
    """One input record of a partition; outcome row, rejected or mark."""

    sensor: str = "s0"
    ts: int = 0  # microseconds after BASE_US
    value: float = 1.0
    known_at: int = 0  # microseconds after BASE_US
    outcome: str = "row"
    flags: int = 0
    status: int = 0
    score: float = math.nan


def block(readings: Sequence[Reading], start: int = 0, **changed: Any) -> bytes:
    """A framed block of consecutive offsets."""
    return codec.encode("ScoredBlock", block_record(readings, start) | changed)


def block_record(readings: Sequence[Reading], start: int = 0) -> dict[str, Any]:
    placed = list(enumerate(readings))
    rows = [(at, item) for at, item in placed if item.outcome == "row"]
    names = sorted({item.sensor for _, item in rows})
    minutes = sorted({item.known_at // MINUTE_US for item in readings})
    counts = [
        {
            "minute": BASE_US + minute * MINUTE_US,
            "received": sum(item.known_at // MINUTE_US == minute for item in readings),
            "rejected": sum(item.outcome == "rejected" and item.known_at // MINUTE_US == minute for item in readings),
            "mark": sum(item.outcome == "mark" and item.known_at // MINUTE_US == minute for item in readings),
            "late": 0,
        }
        for minute in minutes
    ]
    return {
        "topic": "readings.raw.v1",
        "topic_id": TOPIC_ID,
        "partition": 0,
        "start": start,
        "end": start + len(readings),
        "voids": [],
        "expired": [],
        "sensors": [{"sensor_id": name, "asset_id": "pump", "quantity": "general", "state": "monitored"} for name in names],
        "counts": counts,
        "rows": len(rows),
        "offset_u4": np.array([at for at, _ in rows], "<u4").tobytes(),
        "sensor_u2": np.array([names.index(item.sensor) for _, item in rows], "<u2").tobytes(),
        "flags_u2": np.array([item.flags for _, item in rows], "<u2").tobytes(),
        "ts_i8": np.array([BASE_US + item.ts for _, item in rows], "<i8").tobytes(),
        "known_at_i8": np.array([BASE_US + item.known_at for _, item in rows], "<i8").tobytes(),
        "value_f8": np.array([item.value for _, item in rows], "<f8").tobytes(),
        "status_u4": np.array([item.status for _, item in rows], "<u4").tobytes(),
        "score_f4": np.array([item.score for _, item in rows], "<f4").tobytes(),
        "rejected_u4": np.array([at for at, item in placed if item.outcome == "rejected"], "<u4").tobytes(),
        "kernel": "test",
    }


def records(values: Sequence[bytes], *, partition: int = 0, first: int = 0) -> list[Record]:
    """Messages with consecutive offsets."""
    return [Record(partition, first + at, None, value) for at, value in enumerate(values)]
