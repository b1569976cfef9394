"""The examples for upstream teams, run as they stand in docs/producer.md."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from confluent_kafka import Consumer

from schemas.codec import encode
from schemas.diagnosis import Message, diagnose
from schemas.manifest import ROOM
from settings import Settings

PAGE = (Path(__file__).parents[1] / "docs/producer.md").read_text(encoding="utf-8")
PRODUCER, READER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
RECORDS = 3


def lines(code: str) -> int:
    return sum(bool(line.strip()) for line in code.splitlines())


def block() -> bytes:
    packed = {
        "offset_u4": [0, 2],
        "sensor_u2": [1, 0],
        "flags_u2": [0, 0],
        "ts_i8": [10, 20],
        "known_at_i8": [11, 21],
        "value_f8": [1.5, np.nan],
        "status_u4": [0, 0],
        "score_f4": [0.5, 2.5],
        "rejected_u4": [1],
    }
    columns = {name: np.array(column, "<" + name[-2:]).tobytes() for name, column in packed.items()}
    sensors = [{"sensor_id": name, "asset_id": "P1", "quantity": "", "state": "learning"} for name in ("P1.a", "P1.b")]
    place = {"topic": "t", "topic_id": "i", "partition": 0, "start": 0, "end": 3}
    lists: dict[str, list[Any]] = {"voids": [], "expired": [], "counts": []}
    return encode("ScoredBlock", {**place, **lists, **columns, "sensors": sensors, "rows": 2, "kernel": "1"})


def test_the_examples_are_short() -> None:
    assert lines(PRODUCER) <= 30
    assert lines(READER) <= 10


def run(folder: Path, code: str, avsc: str, environment: dict[str, str]) -> str:
    """Runs an example beside its schema, as its reader would; returns what it prints."""
    shutil.copy(ROOM / "avsc" / avsc, folder)
    (folder / "example.py").write_text(code, encoding="utf-8")
    given = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "example.py"], cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_reader_reads_a_block(tmp_path: Path) -> None:
    (tmp_path / "block.bin").write_bytes(block())
    show = "\nfor row in rows(open('block.bin', 'rb').read()): print(*row)\n"
    assert run(tmp_path, READER + show, "scored_block.v1.avsc", {}) == "P1.b 10 1.5 0.5\nP1.a 20 nan 2.5\n"


@pytest.mark.integration
def test_the_platform_accepts_what_the_producer_sends(tmp_path: Path, instance_ready: Settings) -> None:
    topic = instance_ready.topic("readings.raw.v1")
    run(tmp_path, PRODUCER, "reading.v1.avsc", {"KAFKA_BOOTSTRAP_SERVERS": instance_ready.kafka_bootstrap_servers, "TOPIC": topic})
    consumer = Consumer({**instance_ready.kafka, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    received = consumer.consume(RECORDS, timeout=30)
    consumer.close()
    assert len(received) == RECORDS
    for record in received:
        message = Message(
            record.value(),
            record.key(),
            partition=record.partition(),
            partitions=instance_ready.partitions,
            timestamp_us=record.timestamp()[1] * 1000,
        )
        found = diagnose(message, expected=("Reading", "Mark"))
        assert found.outcome == "accepted", found.findings
        assert found.name == "Reading"
