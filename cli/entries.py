"""The catalogue in force, read from its compacted topic without a database, and new entries into it."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalogue.entry import Entry, Subject, catalogue
from schemas.codec import Decoded, decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Consumer

    from settings import Settings

WAIT_S = 30.0  # longest time for the whole topic
RETRY_S = 0.1


def in_force(settings: "Settings") -> dict[Subject, Entry]:
    """Every entry in force.

    Raises:
        SystemExit: no broker answers, there is no such topic, or it could not be read to its end.
    """
    from confluent_kafka import Consumer, KafkaException

    if not settings.kafka_bootstrap_servers:
        raise SystemExit("catalogue: no broker is configured; start one with `maint up` or set KAFKA_BOOTSTRAP_SERVERS")
    reading = {"group.id": f"{settings.namespace}catalogue", "enable.auto.commit": False, "log_level": 2}
    consumer = Consumer({**settings.kafka, **reading, "isolation.level": "read_committed"})
    try:
        values = _values(consumer, settings)
    except KafkaException as error:
        raise SystemExit(f"catalogue: the broker does not answer: {error.args[0].str()}; see `maint status`") from None
    finally:
        consumer.close()
    return catalogue(_entries(values))


def publish(settings: "Settings", entries: list[Entry]) -> None:
    """Publish entries, assets first, and return when the broker has them.

    Raises:
        UndeliveredError: it has not.
    """
    from simulator.announce import catalogue as announce
    from simulator.publish import Publisher
    from streams.topics import CATALOGUE

    publisher = Publisher(settings)
    publisher.check(CATALOGUE)
    announce(publisher, sorted(entries, key=lambda entry: entry["kind"]))
    publisher.settle()


def _values(consumer: "Consumer", settings: "Settings") -> list[bytes]:
    """Values of the topic up to its present ends; an end may be a transaction's marker, so position decides, not offsets."""
    from confluent_kafka import TopicPartition

    ends = _ends(consumer, settings)
    consumer.assign([TopicPartition(topic, partition, start) for (topic, partition), (start, _) in ends.items()])
    left = {part: end for part, (_, end) in ends.items()}
    values: list[bytes] = []
    deadline = time.monotonic() + WAIT_S
    while left:
        if time.monotonic() > deadline:
            raise SystemExit(f"catalogue: not read to its end within {WAIT_S:.0f} s; is the broker up? (`maint status`)")
        values += [value for record in consumer.consume(1000, timeout=0.2) if not record.error() and (value := record.value()) is not None]
        for place in consumer.position([TopicPartition(*part) for part in left]):
            if place.offset >= left[place.topic, place.partition]:
                del left[place.topic, place.partition]
    return values


def _ends(consumer: "Consumer", settings: "Settings") -> dict[tuple[str, int], tuple[int, int]]:
    """First and next offset of each partition that holds records."""
    from streams.topics import CATALOGUE
    from streams.transport.identity import Brokers

    topic = settings.topic(CATALOGUE)
    known = consumer.list_topics(topic, timeout=WAIT_S).topics[topic]
    if known.error or not known.partitions:
        raise SystemExit(f"catalogue: no topic {topic}; create it with `maint up` or `maint topics create`")
    brokers, parts = Brokers(settings.kafka), [(topic, partition) for partition in known.partitions]
    starts, ends = _led(lambda: brokers.starts(parts)), _led(lambda: brokers.committed_ends(parts))
    return {part: (starts[part], ends[part]) for part in parts if ends[part] > starts[part]}


def _led(ask: "Callable[[], dict[tuple[str, int], int]]") -> dict[tuple[str, int], int]:
    """An answer of the brokers. A partition that was just made or moved has no leader for a moment: asked again."""
    from confluent_kafka import KafkaError, KafkaException

    moving = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in moving or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_S)


def _entries(values: list[bytes]) -> Iterator[Entry]:
    """Entries of the values, oldest first; what is none is none of ours."""
    for value in values:
        found = decode(value)
        if isinstance(found, Decoded) and found.name == "CatalogueEntry":
            yield found.record
