"""The newest records of a topic, read without a group and without leaving a trace. Our own marks among them are left out."""

import time
from typing import TYPE_CHECKING

from schemas.codec import frame
from schemas.diagnosis import Message
from schemas.manifest import ENTRIES

if TYPE_CHECKING:
    from confluent_kafka import Consumer
    from confluent_kafka import Message as Received

    from settings import Settings

WAIT_S = 20.0  # longest time for a broker to answer
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
        raise SystemExit(f"check: the broker does not answer: {error.args[0]}") from None
    finally:
        consumer.close()
    newest = sorted(received, key=lambda record: (record.timestamp()[1], record.partition(), record.offset()))[-count:]
    return [(record.partition(), record.offset(), _message(record, len(known.partitions))) for record in newest]


def _newest(consumer: "Consumer", topic: str, bounds: dict[int, tuple[int, int]], reach: int) -> list["Received"]:
    """Records but marks among the newest `reach` of each partition."""
    from confluent_kafka import TopicPartition

    ends = {partition: high for partition, (low, high) in bounds.items() if high > low}
    consumer.assign([TopicPartition(topic, partition, max(bounds[partition][0], high - reach)) for partition, high in ends.items()])
    return [record for record in _read(consumer, ends) if not (record.value() or b"").startswith(MARKS)]


def _bounds(consumer: "Consumer", topic: str, partition: int) -> tuple[int, int]:
    """First and next offset. A partition that was just made or moved has no leader for a moment: asked again."""
    from confluent_kafka import KafkaError, KafkaException, TopicPartition

    moving = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)  # this call's errors do not say that they pass
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=WAIT_S)
        except KafkaException as error:
            if error.args[0].code() not in moving or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_S)
        else:
            return low, high


def _read(consumer: "Consumer", ends: dict[int, int]) -> list["Received"]:
    """Everything up to the ends; an end may be a transaction's marker, so position decides, not offsets."""
    from confluent_kafka import TopicPartition

    received: list[Received] = []
    deadline = time.monotonic() + WAIT_S
    while ends and time.monotonic() < deadline:
        received += [record for record in consumer.consume(1000, timeout=0.2) if not record.error()]
        for place in consumer.position([TopicPartition(part.topic, part.partition) for part in consumer.assignment()]):
            if place.offset >= ends.get(place.partition, place.offset + 1):
                del ends[place.partition]
    return received


def _message(record: "Received", partitions: int) -> Message:
    return Message(
        value=record.value(),
        key=record.key(),
        partition=record.partition(),
        partitions=partitions,
        timestamp_us=record.timestamp()[1] * 1000,
        headers=record.headers() or (),
    )
