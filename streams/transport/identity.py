"""Is this still the topic the state was built from? Topic ids and log ends, asked with a client of our own."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import structlog
from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

REQUEST_S = 10
AGAIN_S = 1.0

Part = tuple[str, int]  # topic, partition
Item = TypeVar("Item")
Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


class Fault(RuntimeError):  # noqa: N818  the platform's word for it
    """The topic is not the one the state was built from: nothing may be applied until a person decides."""


class Brokers:
    """Blocking questions to the brokers; call them in a thread.

    Raises (every method):
        KafkaException: the brokers did not answer.
    """

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        self._admin: Any = AdminClient({**kafka, "reconnect.backoff.max.ms": 500})

    def topic_ids(self, topics: Iterable[str]) -> dict[str, str]:
        """Kafka's id of each topic that exists."""
        names = list(topics)
        answers = self._admin.describe_topics(TopicCollection(names), request_timeout=REQUEST_S) if names else {}
        return {name: found for name, future in answers.items() if (found := _id(future))}

    def starts(self, parts: Iterable[Part]) -> dict[Part, int]:
        """First offset that still exists."""
        return self._offsets(parts, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED)

    def ends(self, parts: Iterable[Part]) -> dict[Part, int]:
        """Offset behind the last record."""
        return self._offsets(parts, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)

    def committed_ends(self, parts: Iterable[Part]) -> dict[Part, int]:
        """Offset up to which a read_committed consumer can read: an open transaction holds it back."""
        return self._offsets(parts, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED)

    def _offsets(self, parts: Iterable[Part], spec: OffsetSpec, isolation: IsolationLevel) -> dict[Part, int]:
        wanted = {TopicPartition(topic, partition): spec for topic, partition in parts}
        if not wanted:
            return {}
        answers = self._admin.list_offsets(wanted, isolation_level=isolation, request_timeout=REQUEST_S)
        return {(part.topic, part.partition): future.result().offset for part, future in answers.items()}


async def ask(question: Callable[[Iterable[Item]], Answer], about: Iterable[Item]) -> Answer:
    """The answer to a blocking question, asked in a thread and again until the brokers answer: their absence is no fault of ours."""
    while True:
        try:
            return await asyncio.get_running_loop().run_in_executor(None, question, about)
        except KafkaException as problem:
            log.warning("brokers_away", reason=problem.args[0].str())
            await asyncio.sleep(AGAIN_S)


def _id(future: Any) -> str | None:
    try:
        return str(future.result().topic_id)
    except KafkaException as error:
        if error.args[0].name() == "UNKNOWN_TOPIC_OR_PART":
            return None
        raise


def verify(part: Part, *, built_from: str | None, topic_id: str, position: int, end: int) -> None:
    """Compare state and log; `built_from` is None when there is no state yet.

    Raises:
        Fault: another topic id, or a log that ends below the position.
    """
    where = f"{part[0]}[{part[1]}]"
    if built_from is not None and built_from != topic_id:
        reason = f"{where} was recreated: its id was {built_from}, is {topic_id}"
    elif end < position:
        reason = f"{where} was truncated: it ends at {end}, the state stands at {position}"
    else:
        return
    raise Fault(f"{reason}. Nothing is consumed until `maint rebase` accepts the new topic")
