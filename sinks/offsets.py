"""What the brokers say of topics, asked by a client of its own: ids, log starts and end offsets."""

import time
from collections.abc import Iterable, Mapping
from typing import Final

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from settings import Settings
from store.ledger import End
from streams import topics

ANSWER_S: Final = 10
PATIENCE_S: Final = ANSWER_S + 5  # the client's own timeout comes first, as an error of Kafka
PAUSE_S: Final = 0.2
PASSING: Final = {"NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE"}  # while a topic is being made or a leader elected
INPUTS: Final = (topics.RAW, topics.FRAMES)


class Brokers:
    """Asks the cluster; one connection for the life of the object."""

    def __init__(self, settings: Settings) -> None:
        self._admin = AdminClient({**settings.kafka, "client.id": "maint-offsets"})

    def partitions(self, names: Iterable[str]) -> dict[str, tuple[str, list[int]]]:
        """Id and partitions of each topic that exists.

        Raises:
            KafkaException: the brokers do not answer.
        """
        found = {}
        for name, answer in self._admin.describe_topics(TopicCollection(list(names)), request_timeout=ANSWER_S).items():
            try:
                described = answer.result(PATIENCE_S)
            except KafkaException as error:
                if error.args[0].name() != "UNKNOWN_TOPIC_OR_PART":
                    raise
                continue
            found[name] = (str(described.topic_id), sorted(partition.id for partition in described.partitions))
        return found

    def ends(self, wanted: Mapping[str, Iterable[int]]) -> dict[tuple[str, int], int]:
        """End offset (the next one to be written) by topic and partition.

        Raises:
            KafkaException: the brokers do not answer, or a partition has no leader.
        """
        return self._ask(wanted, OffsetSpec.latest())

    def starts(self, wanted: Mapping[str, Iterable[int]]) -> dict[tuple[str, int], int]:
        """Log start (the oldest offset still kept) by topic and partition.

        Raises:
            KafkaException: the brokers do not answer, or a partition has no leader.
        """
        return self._ask(wanted, OffsetSpec.earliest())

    def _ask(self, wanted: Mapping[str, Iterable[int]], which: OffsetSpec) -> dict[tuple[str, int], int]:
        until = time.monotonic() + ANSWER_S
        while True:
            try:
                return self._offsets(wanted, which)
            except KafkaException as error:
                if error.args[0].name() not in PASSING or time.monotonic() > until:
                    raise
                time.sleep(PAUSE_S)

    def _offsets(self, wanted: Mapping[str, Iterable[int]], which: OffsetSpec) -> dict[tuple[str, int], int]:
        asked = {TopicPartition(name, partition): which for name, partitions in wanted.items() for partition in partitions}
        if not asked:
            return {}
        answers = self._admin.list_offsets(asked, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=ANSWER_S)
        return {(place.topic, place.partition): answer.result(PATIENCE_S).offset for place, answer in answers.items()}


def received(settings: Settings, brokers: Brokers) -> tuple[list[End], dict[int, int]]:
    """What the input topics hold, and the end offset of each partition of the rejections.

    Raises:
        KafkaException: the brokers do not answer.
    """
    rejections = settings.topic(topics.REJECTIONS)
    described = brokers.partitions([*map(settings.topic, INPUTS), rejections])
    ends = brokers.ends({name: partitions for name, (_, partitions) in described.items()})
    inputs = [End(name, described[name][0], partition, end) for (name, partition), end in ends.items() if name != rejections]
    return inputs, {partition: end for (name, partition), end in ends.items() if name == rejections}
