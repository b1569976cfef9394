"""The sink's Kafka consumer: group membership, records by topic, offsets for lag tools. The database decides where reading begins."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from settings import Settings
from sinks.record import Record

log = structlog.get_logger()
GROUP: Final = "deliver"
REST_S: Final = 0.005  # in which the other partitions of a fetch arrive
MESSAGES_MAX: Final = 1000  # of one call: blocks hold up to thousands of rows each, other records one

Place = tuple[str, int]  # topic, partition


class Inbox:
    """Consumes topics as one member of the group. After a rebalance nothing arrives until `begin`."""

    def __init__(self, settings: Settings, names: Iterable[str]) -> None:
        self.assigned: set[Place] = set()
        self.changed = False  # the assignment is new: positions must be loaded
        self.error = ""  # last word of the brokers, empty while they answer
        self._wait_s = settings.sink_wait_s
        self._consumer = Consumer(self._config(settings))
        self._consumer.subscribe(list(names), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke)

    def _config(self, settings: Settings) -> dict[str, Any]:
        return {
            **settings.kafka,
            "group.id": settings.topic(GROUP),
            "client.id": "maint-deliver",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # what expired while we read is told by whoever loads positions anew, never skipped
            "isolation.level": "read_committed",
            "session.timeout.ms": int(settings.session_timeout_s * 1000),
            "fetch.wait.max.ms": settings.fetch_wait_ms,
            "fetch.min.bytes": settings.fetch_bytes_min,
            "fetch.queue.backoff.ms": 10,
            "queued.max.messages.kbytes": 65_536,
            "max.partition.fetch.bytes": 4_194_304,
            "topic.metadata.refresh.interval.ms": 5000,
            "reconnect.backoff.max.ms": 1000,
            "allow.auto.create.topics": False,
            "error_cb": self._on_error,
        }

    def take(self) -> dict[str, list[Record]]:
        """Records by topic, in the order of the log within a partition; empty after `sink_wait_s` without any.

        Raises:
            KafkaException: the consumer cannot go on.
        """
        found: dict[str, list[Record]] = defaultdict(list)
        for message in self._messages():
            if message.error():
                self._on_error(message.error())
                continue
            place = (message.topic(), message.partition())
            if place in self.assigned and not self.changed:
                found[place[0]].append(Record(place[1], message.offset(), message.key(), message.value()))
                self.error = ""
        return found

    def _messages(self) -> list[Message]:
        """All of a fetch: the broker gathers, so whoever waited for its first record need not wait for a full batch, too."""
        first: list[Message] = self._consumer.consume(1, self._wait_s)
        return first + self._consumer.consume(MESSAGES_MAX - 1, REST_S) if first else first

    def begin(self, positions: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets, no others."""
        self.changed = False
        self._consumer.assign([TopicPartition(topic, partition, off) for (topic, partition), off in sorted(positions.items())])

    def idle(self, seconds: float) -> None:
        """Stay in the group without reading; records that were fetched are dropped, so `begin` must follow."""
        self._consumer.assign([])
        self._consumer.poll(seconds)

    def commit(self, positions: Mapping[Place, int]) -> None:
        """Tell Kafka the positions, for lag tools only: a failure is of no consequence."""
        mine = [
            TopicPartition(topic, partition, off) for (topic, partition), off in positions.items() if (topic, partition) in self.assigned
        ]
        if mine:
            try:
                self._consumer.commit(offsets=mine, asynchronous=True)
            except KafkaException as error:
                log.debug("commit_failed", reason=str(error))

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        self.assigned = {(place.topic, place.partition) for place in places}
        self.changed = True
        consumer.assign([])  # nothing is read before the database has said from where
        log.info("assigned", partitions=len(places))

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        self.assigned -= {(place.topic, place.partition) for place in places}
        self.changed = True
        consumer.unassign()

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            self.changed = True
            return
        if error.code() == KafkaError._ALL_BROKERS_DOWN or not error.retriable():  # noqa: SLF001  the library's public constants
            self.error = error.str()
