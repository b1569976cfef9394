"""A worker of the echo agent as a process of its own, and plain clients beside it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from settings import Settings
from streams.topics import RAW, SCORED

ROOT = Path(__file__).parents[2]
ECHO = Path(__file__).with_name("echo.py")
DEADLINE_S = 60.0
Block = dict[str, Any]
T = TypeVar("T")


@contextmanager
def worker(settings: Settings, command: list[str] | None = None, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker; killed at the end if it still runs."""
    environment = {**os.environ, "MAINT_HOME": str(settings.home), "PYTHONPATH": str(ROOT), **more}
    with (settings.home / "worker.log").open("ab") as log:
        process = subprocess.Popen(command or [sys.executable, str(ECHO)], env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait()


def until(ask: Callable[[], T], enough: Callable[[T], bool], what: str) -> T:
    """The first answer that is enough."""
    end = time.monotonic() + DEADLINE_S
    while not enough(answer := ask()):
        assert time.monotonic() < end, f"{what}: {str(answer)[:500]}"
        time.sleep(0.05)
    return answer


class Blocks:
    """Everything the echo agent wrote so far."""

    def __init__(self, settings: Settings, topic: str = SCORED) -> None:
        self._consumer = Consumer({**settings.kafka, "group.id": "test", "fetch.wait.max.ms": 50})
        self._consumer.assign([TopicPartition(settings.topic(topic), each, OFFSET_BEGINNING) for each in range(settings.partitions)])
        self.all: list[Block] = []

    def read(self) -> list[Block]:
        while messages := self._consumer.consume(500, 0.2):
            self.all += [{**json.loads(message.value()), "partition": message.partition()} for message in messages if not message.error()]
        return self.all

    def await_end(self, ends: dict[int, int]) -> list[Block]:
        """Blocks when each partition is covered up to its end."""

        def covered(blocks: list[Block]) -> bool:
            reached = {part: max((block["end"] for block in blocks if block["partition"] == part), default=0) for part in ends}
            return all(reached[part] >= end for part, end in ends.items())

        return until(self.read, covered, f"blocks up to {ends}")

    def close(self) -> None:
        self._consumer.close()


def first_copies(blocks: list[Block], partition: int) -> list[Block]:
    """What a sink keeps: a block below its watermark is skipped, an overlapping one is cut by records."""
    kept: list[Block] = []
    position = 0
    for block in blocks:
        if block["partition"] != partition or block["end"] <= position:
            continue
        assert block["start"] <= position, f"hole in partition {partition}: {position} to {block['start']}"
        kept.append({**block, "offsets": [offset for offset in block.get("offsets", []) if offset >= position]})
        position = block["end"]
    return kept


def produce(settings: Settings, count: int, *, start: int = 0, topic: str = RAW, partitions: int | None = None) -> None:
    """`count` plain records, round robin over the partitions."""
    producer = Producer({**settings.kafka, "linger.ms": 5})
    for number in range(start, start + count):
        producer.produce(settings.topic(topic), f"record {number}".encode(), b"key", number % (partitions or settings.partitions))
        producer.poll(0)
    assert producer.flush(30) == 0
