"""After a topic was recreated or truncated: forget the state that was built from the old one, on a person's word.

The next worker begins the new topic at its first offset; rows already stored stay.
"""

from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from settings import Settings
from streams.agents import AGENTS
from streams.transport.changelog import read
from streams.transport.identity import Brokers, Fault, verify
from streams.transport.snapshot import Shelf
from streams.work import Agent

DELIVERY_S = 30


@dataclass(frozen=True, slots=True)
class Rebased:
    """A partition whose state no longer fits its topic, and why."""

    agent: str
    topic: str
    partition: int
    reason: str


def rebase(settings: Settings, *, dry_run: bool = False) -> list[Rebased]:
    """Forget the snapshots that do not fit their topics; with `dry_run` only say which.

    Raises:
        SystemExit: workers of the group are still running, or the brokers do not answer.
    """
    found = [(rebased, keys) for agent in AGENTS for rebased, keys in _unfit(settings, agent)]
    if found and not dry_run:
        _forget_marks(settings)
        _forget(settings, found)
    return [rebased for rebased, _ in found]


def _unfit(settings: Settings, agent: Agent) -> list[tuple[Rebased, set[bytes]]]:
    topic, state = settings.topic(agent.topic), settings.topic(agent.state)
    brokers = Brokers(settings.kafka)
    topic_id = brokers.topic_ids([topic]).get(topic, "none")
    ends = brokers.ends([(topic, partition) for partition in range(settings.partitions)])
    shelves = read(settings.kafka, [(state, partition) for partition in range(settings.partitions)], group=settings.topic("state-reader"))
    unfit = []
    for (_, partition), shelf in shelves.items():
        reason = _reason(shelf, (topic, partition), topic_id, ends[topic, partition])
        if reason:
            unfit.append((Rebased(agent.name, topic, partition, reason), shelf.keys()))
    return unfit


def _reason(shelf: Shelf, part: tuple[str, int], topic_id: str, end: int) -> str:
    newest = shelf.newest()
    if newest is None:
        return ""
    try:
        verify(part, built_from=newest.head["topic_id"], topic_id=topic_id, position=newest.offset + 1, end=end)
    except Fault as fault:
        return str(fault).partition(". Nothing")[0]
    return ""


def _forget(settings: Settings, found: list[tuple[Rebased, set[bytes]]]) -> None:
    states = {agent.name: settings.topic(agent.state) for agent in AGENTS}
    producer = Producer({**settings.kafka, "enable.idempotence": True})
    for rebased, keys in found:
        for key in sorted(keys):
            producer.produce(states[rebased.agent], None, key, rebased.partition)
            producer.poll(0)
    if producer.flush(DELIVERY_S):
        raise SystemExit("the brokers did not take every tombstone: run `maint rebase` again")


def _forget_marks(settings: Settings) -> None:
    """The catalogue must be marked again: the new topic does not hold its marks."""
    group = settings.topic("marks")
    admin = AdminClient({**settings.kafka})
    try:
        admin.delete_consumer_groups([group])[group].result(DELIVERY_S)
    except KafkaException as problem:
        code = problem.args[0].code()
        if code == KafkaError.NON_EMPTY_GROUP:
            raise SystemExit("workers are running: stop them (`maint down`), then run `maint rebase` again") from None
        if code != KafkaError.GROUP_ID_NOT_FOUND:
            raise SystemExit(f"cannot reset the marks: {problem.args[0].str()}") from None
