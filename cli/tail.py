"""The newest records of a topic, read without a group and without leaving a trace. Our own marks among them are left out."""

import time
from typing import TYPE_CHECKING, TypeVar

from schemas.codec import frame
from schemas.diagnosis import Message
from schemas.manifest import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Consumer
    from confluent_kafka import Message as Received

    from settings import Settings

T = TypeVar("T")
WAIT_S = 30.0  # longest time for a broker to answer
RETRY_S = 0.1
REACH_MAX = 20_000  # records of a partition that are looked at
MARKS = tuple(frame(entry.id) for entry in ENTRIES if entry.name == "Mark")


def last(settings: "Settings", topic: str, count: int) -> list[tuple[int, int, Message]]:
    """Partition, offset and message of the newest `count` records that are no marks, oldest first.

    Raises:
        SystemExit: no broker answers, or it has no such topic.
    """
    from confluent_kafka import Consumer, KafkaException

    consumer = Consumer({**settings.kafka, "group.id": f"{settings.namespace}check", "enable.auto.commit": False})
    try:
        known = consumer.list_topics(topic, timeout=WAIT_S).topics[topic]
        if known.error or not known.partitions:
            raise SystemExit(f"check: no topic {topic}; `maint topics` lists them")
        bounds = {partition: _bounds(consumer, topic, partition) for partition in known.partitions}
        received, reach = _newest(consumer, topic, bounds, count), count
        while len(received) < count and reach < REACH_MAX and any(high - low > reach for low, high in bounds.values()):
            reach *= 10
            received = _newest(consumer, topic, bounds, reach)
    except KafkaException as error:
        servers = settings.kafka_bootstrap_servers or "none configured"
        raise SystemExit(f"check: no broker answers ({servers}: {error.args[0].str()}); start one with `maint up`") from None
    finally:
        consumer.close()
    newest = sorted(received, key=lambda record: (record.timestamp()[1], record.partition(), record.offset()))[-count:]
    return [(record.partition(), record.offset(), _message(record, len(known.partitions))) for record in newest]


def _newest(consumer: "Consumer", topic: str, bounds: dict[int, tuple[int, int]], reach: int) -> list["Received"]:
    """Records but marks among the newest `reach` of each partition."""
    ends = {partition: high for partition, (low, high) in bounds.items() if high > low}
    starts = {partition: max(bounds[partition][0], high - reach) for partition, high in ends.items()}
    return [record for record in read(consumer, topic, starts, ends)[0] if not (record.value() or b"").startswith(MARKS)]


def _bounds(consumer: "Consumer", topic: str, partition: int) -> tuple[int, int]:
    """First and next offset."""
    from confluent_kafka import TopicPartition

    low, high = led(lambda: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=WAIT_S))
    return low, high


def led(ask: "Callable[[], T]") -> T:
    """An answer of the brokers. A partition that was just made or moved has no leader for a moment: asked again."""
    from confluent_kafka import KafkaError, KafkaException

    moving = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)  # its errors do not say that they pass
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in moving or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_S)


def read(consumer: "Consumer", topic: str, starts: dict[int, int], ends: dict[int, int]) -> "tuple[list[Received], bool]":
    """Everything from the starts up to the ends, and whether they were reached in time.

    An end may be a transaction's marker, so position decides, not offsets.
    """
    from confluent_kafka import TopicPartition

    consumer.assign([TopicPartition(topic, partition, start) for partition, start in starts.items()])
    received: list[Received] = []
    left = {partition: end for partition, end in ends.items() if end > starts[partition]}
    deadline = time.monotonic() + WAIT_S
    while left and time.monotonic() < deadline:
        received += [record for record in consumer.consume(1000, timeout=0.2) if not record.error()]
        for place in consumer.position([TopicPartition(topic, partition) for partition in left]):
            if place.offset >= left[place.partition]:
                del left[place.partition]
    return received, not left


def _message(record: "Received", partitions: int) -> Message:
    return Message(
        value=record.value(),
        key=record.key(),
        partition=record.partition(),
        partitions=partitions,
        timestamp_us=record.timestamp()[1] * 1000,
        headers=record.headers() or (),
    )
