"""The outlet to Kafka: an idempotent producer that never gives up a record by itself."""

import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from bridge.reading import Record
from settings import Settings
from streams.topics import RAW


class Kafka:
    """Sends to the raw topic. Not thread-safe.

    Args:
        settings: brokers, security and namespace.
        name: of this bridge, for the broker's logs.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self._topic = settings.topic(RAW)
        self._settings: dict[str, Any] = {
            **settings.kafka,
            "client.id": f"{settings.namespace}bridge-{name}",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "compression.type": "lz4",
            "linger.ms": 5,
            "message.timeout.ms": 0,  # a broker that is away is waited for
            "log_level": 3,
        }
        self._producer = Producer(self._settings)
        self._left, self._failure = 0, ""

    def send(self, records: Sequence[Record]) -> None:
        """Put records on their way; there is always room, the forwarder sends a batch at a time."""
        for record in records:
            try:
                self._producer.produce(self._topic, record.value, record.key, on_delivery=self._report)
            except KafkaException as error:  # a producer that cannot go on says so here
                self._failure = self._failure or str(error.args[0])
                return
            self._left += 1

    def left(self, wait_s: float) -> int:
        """How many are still on their way after waiting a while; none while nothing was sent."""
        until = time.monotonic() + wait_s
        while self._left and not self._failure and (rest := until - time.monotonic()) > 0:
            self._producer.poll(rest)
        return self._left

    def failure(self) -> str:
        """Why a record was refused."""
        return self._failure

    def renew(self) -> None:
        """A new producer: the numbers of the old one end with it."""
        self._producer.purge()
        self._producer.poll(0)
        self._producer = Producer(self._settings)
        self._left, self._failure = 0, ""

    def _report(self, error: KafkaError | None, _message: Message) -> None:
        self._left -= 1
        if error is not None:
            self._failure = self._failure or error.str()
