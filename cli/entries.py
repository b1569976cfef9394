"""The catalogue in force, read from its compacted topic without a database, and new entries into it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalogue.entry import Entry, Subject, catalogue
from schemas.codec import Decoded, decode

if TYPE_CHECKING:
    from confluent_kafka import Consumer

    from settings import Settings


def in_force(settings: "Settings") -> dict[Subject, Entry]:
    """Every entry in force.

    Raises:
        SystemExit: no broker answers, there is no such topic, or it could not be read to its end.
    """
    from confluent_kafka import Consumer, KafkaException

    if not settings.kafka_bootstrap_servers:
        raise SystemExit("catalogue: no broker is configured; start one with `maint up` or set KAFKA_BOOTSTRAP_SERVERS")
    reading = {"group.id": f"{settings.namespace}catalogue", "enable.auto.commit": False}
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
    """Values of the topic up to its present ends, oldest first in each partition."""
    from cli.tail import WAIT_S, led, read
    from streams.topics import CATALOGUE
    from streams.transport.identity import Brokers

    topic = settings.topic(CATALOGUE)
    known = consumer.list_topics(topic, timeout=WAIT_S).topics[topic]
    if known.error or not known.partitions:
        raise SystemExit(f"catalogue: no topic {topic}; create it with `maint up` or `maint topics create`")
    brokers, parts = Brokers(settings.kafka), [(topic, partition) for partition in known.partitions]
    starts, ends = (
        {partition: offset for (_, partition), offset in led(ask).items()}
        for ask in (lambda: brokers.starts(parts), lambda: brokers.committed_ends(parts))
    )
    received, complete = read(consumer, topic, starts, ends)
    if not complete:
        raise SystemExit(f"catalogue: not read to its end within {WAIT_S:.0f} s; is the broker up? (`maint status`)")
    return [value for record in received if (value := record.value()) is not None]


def _entries(values: list[bytes]) -> Iterator[Entry]:
    """Entries of the values, oldest first; what is none is none of ours."""
    for value in values:
        found = decode(value)
        if isinstance(found, Decoded) and found.name == "CatalogueEntry":
            yield found.record
