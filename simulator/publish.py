"""To Kafka: an idempotent producer whose keys land in the partitions Kafka's own clients would choose."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from settings import Settings

POLL_ROWS = 10_000  # delivery reports are served at least this often
FULL_WAIT_S = 0.05  # how long a full queue is left to drain before the next try


class UndeliveredError(RuntimeError):
    """Records did not reach the broker; the message says how many and why."""


class Outlet(Protocol):
    """Where records go: Kafka, or a list in a test."""

    def check(self, topic: str) -> int:
        """Partitions of a topic (name without namespace); raises UndeliveredError when there is no such topic or broker."""

    def send(self, topic: str, values: Iterable[bytes], keys: Iterable[bytes]) -> None:
        """Queue records; waits while the queue is full."""

    def settle(self, timeout_s: float = 60.0) -> None:
        """Return when everything sent so far is stored by the broker.

        Raises:
            UndeliveredError: it was not within the time, or the broker refused a record.
        """


@dataclass(slots=True)
class Sent:
    """What a publisher has handed over so far."""

    records: int = 0
    bytes: int = 0
    waited_s: float = 0.0  # for room in the queue: the broker is the limit


class Publisher:
    """An outlet to Kafka. Not thread-safe.

    Args:
        settings: brokers, security and namespace.
        linger_ms: longest a record waits for company.
    """

    def __init__(self, settings: Settings, *, linger_ms: int = 20) -> None:
        self.sent = Sent()
        self._settings = settings
        self._failures: list[str] = []
        self._producer = Producer(
            {
                **settings.kafka,
                "client.id": f"{settings.namespace}simulator",
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": linger_ms,
                "batch.size": 500_000,
                "queue.buffering.max.messages": 200_000,
                "queue.buffering.max.kbytes": 131_072,
                "message.timeout.ms": 300_000,
                "delivery.report.only.error": True,
            }
        )

    def check(self, topic: str, timeout_s: float = 10.0) -> int:
        """Partitions of a topic (name without namespace).

        Raises:
            UndeliveredError: no broker answers, or the topic does not exist; the message names the remedy.
        """
        name = self._settings.topic(topic)
        try:
            metadata = self._producer.list_topics(name, timeout=timeout_s).topics[name]
        except KafkaException as error:
            servers = self._settings.kafka_bootstrap_servers or "no broker configured"
            raise UndeliveredError(f"no broker answers ({servers}: {error.args[0].str()}); start one with `maint up`") from None
        if metadata.error is not None or not metadata.partitions:
            raise UndeliveredError(f"topic {name} does not exist; create it with `maint up` or `maint migrate`")
        return len(metadata.partitions)

    def send(self, topic: str, values: Iterable[bytes], keys: Iterable[bytes]) -> None:
        """Queue records; waits while the queue is full.

        Raises:
            UndeliveredError: the broker has refused a record sent earlier.
        """
        name, produce, count, size = self._settings.topic(topic), self._producer.produce, 0, 0
        for value, key in zip(values, keys, strict=True):
            try:
                produce(name, value, key, on_delivery=self._report)
            except BufferError:
                self._wait(name, value, key)
            count += 1
            size += len(value)
            if count % POLL_ROWS == 0:
                self._producer.poll(0)
        self._producer.poll(0)
        self.sent.records += count
        self.sent.bytes += size
        self._complain()

    def settle(self, timeout_s: float = 60.0) -> None:
        """Return when everything sent so far is stored by the broker.

        Raises:
            UndeliveredError: it was not within the time, or the broker refused a record.
        """
        left = self._producer.flush(timeout_s)
        self._complain()
        if left:
            raise UndeliveredError(f"{left} records not confirmed within {timeout_s:.0f} s; is the broker up? (`maint status`)")

    def _wait(self, name: str, value: bytes, key: bytes) -> None:
        began = time.monotonic()
        while True:
            self._producer.poll(FULL_WAIT_S)
            try:
                self._producer.produce(name, value, key, on_delivery=self._report)
            except BufferError:
                self._complain()
                continue
            self.sent.waited_s += time.monotonic() - began
            return

    def _report(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failures.append(error.str())

    def _complain(self) -> None:
        if self._failures:
            raise UndeliveredError(f"{len(self._failures)} records refused by the broker: {self._failures[0]}")


def now_us() -> int:
    """The wall clock in microseconds since 1970 (UTC)."""
    return time.time_ns() // 1000


def summary(sent: Sent, seconds: float) -> dict[str, Any]:
    """Figures for people and --json."""
    return {
        "records": sent.records,
        "bytes": sent.bytes,
        "seconds": round(seconds, 3),
        "records_per_s": round(sent.records / seconds) if seconds else 0,
        "waited_for_broker_s": round(sent.waited_s, 3),
    }
