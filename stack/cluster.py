"""Is the Kafka cluster fit: reachable, message size, retention, timestamps, topic ids, clock."""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from settings import Settings
from stack.check import Check, judged
from telemetry import broker

TIMEOUT_S = 10.0
CLOCK_S_MAX = 1.0


def checks(settings: Settings, topics: Mapping[str, bool]) -> Iterator[Check]:
    """Findings about the cluster.

    Args:
        settings: where it is and what we ask of it.
        topics: full names of our topics; True where the broker must stamp the time of arrival.
    """
    reason = broker.probe(settings.kafka, timeout_s=TIMEOUT_S)
    yield judged("broker", reason or settings.kafka_bootstrap_servers, fine=not reason, remedy="`maint up`, or KAFKA_BOOTSTRAP_SERVERS")
    if reason:
        return
    admin = AdminClient({**settings.kafka, "log_level": 0})
    yield clock(settings, admin)
    yield from _topics(settings, admin, topics)


def clock(settings: Settings, admin: AdminClient) -> Check:
    """How far the broker's clock is from ours: a record in a topic of its own tells."""
    name = f"{settings.namespace}doctor.{uuid.uuid4().hex[:8]}"
    topic = NewTopic(name, 1, 1, config={"message.timestamp.type": "LogAppendTime"})
    try:
        admin.create_topics([topic], operation_timeout=TIMEOUT_S)[name].result(TIMEOUT_S)
    except KafkaException as error:
        return Check("broker clock", "warn", f"cannot be measured ({error.args[0].str()})", "allow this user to create and delete topics")
    try:
        offset_s = _offset_s(settings, name)
    finally:
        admin.delete_topics([name])[name].result(TIMEOUT_S)
    if offset_s is None:
        return Check("broker clock", "warn", "cannot be measured: the record was not delivered", "try again")
    fine = abs(offset_s) <= CLOCK_S_MAX
    return judged("broker clock", f"{offset_s:+.3f} s from ours", fine=fine, remedy="synchronise clocks (NTP)", otherwise="warn")


def _offset_s(settings: Settings, topic: str) -> float | None:
    """Broker's clock minus ours in seconds, taken in the middle of the round trip."""
    answers: list[float] = []

    def note(error: KafkaError | None, message: Message) -> None:
        if error is None:
            stamp: int = message.timestamp()[1]
            answers.append(stamp / 1000 - (sent + time.time()) / 2)

    producer = Producer({**settings.kafka, "log_level": 0, "linger.ms": 0, "message.timeout.ms": int(TIMEOUT_S * 1000)})
    for _ in range(2):  # the first pays for connecting
        sent = time.time()
        producer.produce(topic, b"", on_delivery=note)
        producer.flush(TIMEOUT_S)
    return answers[-1] if answers else None


def _topics(settings: Settings, admin: AdminClient, topics: Mapping[str, bool]) -> Iterator[Check]:
    there = admin.list_topics(timeout=TIMEOUT_S).topics
    missing = sorted(set(topics) - set(there))
    yield judged(
        "topics", f"missing: {', '.join(missing)}" if missing else f"{len(topics)} present", fine=not missing, remedy="maint topics create"
    )
    present = sorted(set(topics) & set(there))
    if not present:
        return
    described = admin.describe_topics(TopicCollection(present), request_timeout=TIMEOUT_S)
    ids = {name: str(future.result(TIMEOUT_S).topic_id) for name, future in described.items()}
    yield Check("topic ids", "ok", ", ".join(f"{name} {ids[name]}" for name in present))
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in present]
    found = admin.describe_configs(resources, request_timeout=TIMEOUT_S)
    configured = {resource.name: future.result(TIMEOUT_S) for resource, future in found.items()}
    for name in present:
        yield from _configuration(settings, name, configured[name], arrival=topics[name])


def _configuration(settings: Settings, name: str, found: Mapping[str, Any], *, arrival: bool) -> Iterator[Check]:
    values = {key: entry.value for key, entry in found.items()}
    size = int(values["max.message.bytes"])
    least = max(settings.record_bytes_max, settings.block_bytes_max)
    yield judged(f"{name} message size", f"{size} bytes", fine=size >= least, remedy=f"set max.message.bytes to {least} or more")
    stamp = values["message.timestamp.type"]
    if arrival:
        remedy = "set message.timestamp.type=LogAppendTime: ages and silence are judged by it"
        yield judged(f"{name} timestamps", stamp, fine=stamp == "LogAppendTime", remedy=remedy)
    if "delete" in values["cleanup.policy"]:
        days = int(values["retention.ms"]) / 86_400_000
        fine = days < 0 or days >= settings.topic_retention_days
        text = "without end" if days < 0 else f"{days:.1f} days"
        remedy = f"set retention.ms to {settings.topic_retention_days:g} days, or what is down longer loses data"
        yield judged(f"{name} retention", text, fine=fine, remedy=remedy, otherwise="warn")
