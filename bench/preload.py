"""Records that stand in a topic before the clock starts."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from confluent_kafka import Consumer, Producer, TopicPartition

from settings import Settings
from streams.topics import RAW
from tests.faults.load import Mix, Plan

BATCH = 10_000


def clean_plan(settings: Settings, rate: float, assets: int = 200, sensors: int = 5) -> Plan:
    """A load of sound readings in order."""
    sound = Plan(settings.kafka_bootstrap_servers, settings.topic(RAW), settings.partitions, rate, assets, sensors)
    return replace(sound, odd=0, again=0, corrected=0, late=0, transactions=False)


def producer(settings: Settings) -> Producer:
    """A fast producer that keeps order."""
    return Producer(
        {**settings.kafka, "enable.idempotence": True, "partitioner": "murmur2_random", "compression.type": "lz4", "linger.ms": 20,
         "batch.size": 500_000, "queue.buffering.max.messages": 1_000_000, "queue.buffering.max.kbytes": 500_000, "log_level": 2}
    )  # fmt: skip


def fill(settings: Settings, topic: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Send (key, value) pairs to a topic (name without namespace) and wait until the broker has them; returns how many."""
    sender, name, count = producer(settings), settings.topic(topic), 0
    for key, value in records:
        while True:
            try:
                sender.produce(name, value, key)
                break
            except BufferError:
                sender.poll(0.05)
        count += 1
        if count % BATCH == 0:
            sender.poll(0)
    left = sender.flush(120)
    if left:
        raise RuntimeError(f"{left} records of {name} were not confirmed")
    return count


def readings(plan: Plan, count: int, start_us: int) -> Iterable[tuple[bytes, bytes]]:
    """The first `count` readings of a plan."""
    mix = Mix(plan, start_us)
    while mix.sent < count:
        batch = mix.batch(min(BATCH, count - mix.sent))
        keys = mix.keys
        yield from ((keys[sensor], value) for value, sensor in zip(mix.encoder.encode(batch), batch.sensor.tolist(), strict=True))


def progress(settings: Settings, group: str, topic: str) -> Callable[[], int]:
    """A function that tells how many offsets a group (name without namespace) has committed in a topic."""
    consumer = Consumer({**settings.kafka, "group.id": settings.topic(group), "log_level": 2})
    parts = [TopicPartition(settings.topic(topic), number) for number in range(settings.partitions)]
    return lambda: sum(max(0, part.offset) for part in consumer.committed(parts, timeout=10))
