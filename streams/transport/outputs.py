"""Outputs through one idempotent librdkafka producer, awaited up to a snapshot point without flush().

flush() hides delivery errors; counting the delivery reports of an interval does not.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

Headers = list[tuple[str, bytes]]

PAUSE_S = 0.003  # between two looks at the delivery reports
FULL_S = 0.01  # between two tries while the queue is full
DELIVERY = {
    "enable.idempotence": True,
    "acks": "all",
    "linger.ms": 10,
    "compression.type": "lz4",
    "message.timeout.ms": 0,  # never: one that fails while the next is delivered would be repeated behind it, and be dropped as older
    "queue.buffering.max.kbytes": 65_536,
    "reconnect.backoff.max.ms": 500,
    "retry.backoff.ms": 50,
    "topic.metadata.refresh.interval.ms": 5000,
    "partitioner": "murmur2_random",
}


class Undelivered(RuntimeError):  # noqa: N818  named for what happened
    """A record cannot be delivered: the process must restart from its last snapshot."""


class Epoch:
    """What one partition sent between two snapshot points.

    `sent` is written by the event loop only, `acked` inside poll() only: no lock is needed.
    """

    __slots__ = ("acked", "error", "sent")

    def __init__(self) -> None:
        self.sent = self.acked = 0
        self.error: str | None = None

    def ack(self, error: object, _message: object) -> None:
        """Delivery report of one record."""
        if error is not None:
            self.error = str(error)
        self.acked += 1


@dataclass(frozen=True, slots=True)
class Output:
    """A record to send; `topic` without the namespace, partition -1 means by murmur2 of the key."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int = -1
    headers: Headers = field(default_factory=list)


class Outputs:
    """The producer of a process; `waiting` counts coroutines that wait for the brokers.

    Args:
        kafka: servers and security.
        namespace: prefix of all topics.
        record_bytes_max: largest record, with its headers.
        producer: another producer, for tests.
    """

    def __init__(self, kafka: Mapping[str, Any], *, namespace: str, record_bytes_max: int, producer: Any = None) -> None:
        settings = {**DELIVERY, **kafka, "message.max.bytes": record_bytes_max}
        self._producer: Any = producer or Producer(settings)
        self._namespace = namespace
        self.waiting = 0

    async def send(self, epoch: Epoch, output: Output) -> None:
        """Return when the producer has taken the record; waits with a free event loop while its queue is full.

        Raises:
            KafkaException: the record is too large, which is its own fault.
            Undelivered: the producer takes no records.
        """
        while not self._take(epoch, output):
            self.waiting += 1
            try:
                self._producer.poll(0)
                await asyncio.sleep(FULL_S)
            finally:
                self.waiting -= 1
        epoch.sent += 1
        self._producer.poll(0)

    def _take(self, epoch: Epoch, output: Output) -> bool:
        topic, headers = self._namespace + output.topic, output.headers
        try:
            self._producer.produce(topic, output.value, output.key, output.partition, on_delivery=epoch.ack, headers=headers)
        except BufferError:
            return False
        except KafkaException as problem:
            if problem.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                raise
            raise Undelivered(str(problem.args[0])) from problem
        return True

    async def durable(self, epoch: Epoch) -> None:
        """Return when everything sent in the epoch is acknowledged.

        Raises:
            Undelivered: on the first error.
        """
        self.waiting += 1
        try:
            while epoch.acked < epoch.sent and epoch.error is None:
                self._producer.poll(0)
                await asyncio.sleep(PAUSE_S)
        finally:
            self.waiting -= 1
        if epoch.error is not None:
            raise Undelivered(epoch.error)

    def poll(self) -> None:
        """Serve delivery reports."""
        self._producer.poll(0)
