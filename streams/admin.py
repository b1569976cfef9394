"""Topics of an instance: their settings, their creation, and the plan for the administrator of a foreign cluster."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from settings import Settings
from streams.agents import AGENTS
from streams.topics import TOPICS, Topic
from streams.transport.identity import Brokers
from telemetry import broker
from telemetry.health import Health

REQUEST_S = 30
VISIBLE_S = 60  # longest wait until new partitions have leaders
PAUSE_S = 0.1
DAY_MS = 86_400_000
BATCH_BYTES = 1_048_588  # the brokers' own default for the largest batch
ENVELOPE_BYTES = 100_000  # what a batch adds to its largest record

Config = dict[str, str]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """A topic as it must exist."""

    name: str
    partitions: int
    replication_factor: int
    config: Config


@dataclass(frozen=True, slots=True)
class Grant:
    """One access right; `resource` is topic or group, `name` its full name."""

    principal: str
    operation: str
    resource: str
    name: str


def planned(settings: Settings) -> list[Planned]:
    """Every topic of the instance: the table of topics, then the state of each agent."""
    named = [(topic.name, _config(topic, settings)) for topic in TOPICS]
    named += [(agent.state, _state_config(settings)) for agent in AGENTS]
    return [Planned(settings.topic(name), settings.partitions, settings.replication_factor, config) for name, config in named]


def create_topics(settings: Settings) -> list[str]:
    """Create what is missing and wait until every partition has a leader; returns the names created.

    Raises:
        SystemExit: the brokers refuse or cannot be reached; says what to do.
    """
    admin = AdminClient({**settings.kafka})
    wanted = planned(settings)
    try:
        created = [name for name, future in _request(admin, wanted).items() if _new(future)]
        _await_visible(admin, wanted)
    except KafkaException as problem:
        servers = settings.kafka_bootstrap_servers or "none configured"
        raise SystemExit(
            f"cannot create topics at {servers}: {problem.args[0].str()}. `maint topics plan` shows what an administrator must create"
        ) from None
    return created


def topic_ids(settings: Settings) -> dict[str, str]:
    """Kafka's ids of the instance's topics that exist, by full name."""
    return Brokers(settings.kafka).topic_ids(topic.name for topic in planned(settings))


def await_topics(settings: Settings, names: Iterable[str], health: Health) -> None:
    """Wait until the brokers answer and the topics exist; health and the log say what is missing."""
    wanted, said = sorted({settings.topic(name) for name in names}), ""
    while reason := _lacking(settings, wanted):
        health.set("kafka", False, reason)
        if reason != said:
            log.warning("waiting", reason=reason)
        said = reason
        time.sleep(PAUSE_S)
    if said:
        health.drop("kafka")  # from here on each part of the worker says itself how the brokers are


def _lacking(settings: Settings, wanted: Iterable[str]) -> str:
    try:
        there = Brokers(settings.kafka).topic_ids(wanted)
    except KafkaException as problem:
        return f"the brokers do not answer ({broker.probe(settings.kafka) or problem.args[0].str()})"
    missing = [name for name in wanted if name not in there]
    return f"no topic {', '.join(missing)}: `maint topics create` makes those of the instance" if missing else ""


def plan(settings: Settings) -> dict[str, Any]:
    """What an administrator must prepare: topics with settings, principals with their rights."""
    return {"topics": [asdict(topic) for topic in planned(settings)], "acls": [asdict(grant) for grant in grants(settings)]}


def grants(settings: Settings) -> list[Grant]:
    """Least rights of each process; names of principals are proposals."""
    found = [Grant("User:gateway", "Write", "topic", settings.topic(topic.name)) for topic in TOPICS if "gateways" in topic.writer]
    for topic in TOPICS:
        name = settings.topic(topic.name)
        if "marks" in topic.writer:
            found.append(Grant("User:control", "Write", "topic", name))
        if "marks" in topic.readers:
            found.append(Grant("User:control", "Read", "topic", name))
        if "sink" in topic.readers:
            found.append(Grant("User:deliver", "Read", "topic", name))
        if "models" in topic.readers:
            found.append(Grant("User:control", "Read", "topic", name))
        if topic.writer in {"catalogue", "models"}:
            found.append(Grant("User:operator", "Write", "topic", name))
        found.append(Grant("User:deliver", "Describe", "topic", name))
    for agent in AGENTS:
        principal = f"User:{agent.plane}"
        found.append(Grant(principal, "Read", "topic", settings.topic(agent.topic)))
        found += [Grant(principal, operation, "topic", settings.topic(agent.state)) for operation in ("Read", "Write")]
        found += [Grant(principal, "Write", "topic", settings.topic(name)) for name in agent.writes]
    groups = {"User:data": ("data", "state-reader"), "User:control": ("control", "marks", "state-reader"), "User:deliver": ("deliver",)}
    found += [Grant(principal, "Read", "group", settings.topic(group)) for principal, names in groups.items() for group in names]
    return list(dict.fromkeys(found))


def _config(topic: Topic, settings: Settings) -> Config:
    config = _common(settings)
    if topic.log_append_time:
        config["message.timestamp.type"] = "LogAppendTime"
    if topic.cleanup == "compact":
        return {**config, "cleanup.policy": "compact", "segment.ms": str(DAY_MS)}
    kept_ms = int(settings.topic_retention_days * DAY_MS)
    kept_bytes = max(4 * 1024**2, settings.topic_retention_bytes // settings.partitions)
    return {
        **config,
        "cleanup.policy": "delete",
        "retention.ms": str(kept_ms),
        "retention.bytes": str(kept_bytes),  # per partition
        "segment.ms": str(min(DAY_MS, max(60_000, kept_ms // 4))),
        "segment.bytes": str(max(4 * 1024**2, min(1024**3, kept_bytes // 4))),  # only closed segments are deleted
    }


def _state_config(settings: Settings) -> Config:
    """Snapshots supersede each other every second: compact soon, so that a restore reads little."""
    return {
        **_common(settings),
        "cleanup.policy": "compact",
        "segment.ms": "60000",
        "segment.bytes": str(16 * 1024**2),
        "min.cleanable.dirty.ratio": "0.1",
        "min.compaction.lag.ms": "0",
        "delete.retention.ms": "60000",
    }


def record_bytes_max(settings: Settings) -> int:
    """Bytes of the largest record in any topic, with its envelope."""
    return ENVELOPE_BYTES + max(settings.record_bytes_max, settings.block_bytes_max)


def _common(settings: Settings) -> Config:
    return {
        "max.message.bytes": str(max(BATCH_BYTES, record_bytes_max(settings))),
        "min.insync.replicas": str(max(1, settings.replication_factor - 1)),
        "unclean.leader.election.enable": "false",
    }


def _request(admin: AdminClient, wanted: Iterable[Planned]) -> dict[str, Any]:
    topics = [NewTopic(topic.name, topic.partitions, topic.replication_factor, config=topic.config) for topic in wanted]
    answers: dict[str, Any] = admin.create_topics(topics, request_timeout=REQUEST_S)
    return answers


def _new(future: Any) -> bool:
    try:
        future.result(REQUEST_S)
    except KafkaException as problem:
        if problem.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
        return False
    return True


def _await_visible(admin: AdminClient, wanted: Iterable[Planned]) -> None:
    missing = {topic.name: topic.partitions for topic in wanted}
    deadline = time.monotonic() + VISIBLE_S
    while True:
        seen = admin.list_topics(timeout=REQUEST_S).topics
        missing = {name: count for name, count in missing.items() if not _visible(seen.get(name), count)}
        if not missing:
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"topics without leaders after {VISIBLE_S} s: {', '.join(sorted(missing))}")
        time.sleep(PAUSE_S)


def _visible(topic: Any, count: int) -> bool:
    return topic is not None and len(topic.partitions) >= count and all(part.leader >= 0 for part in topic.partitions.values())
