"""Reading and writing the state topics: whole partitions are read with librdkafka, snapshots go through Outputs."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from streams.transport.outputs import Epoch, Output, Outputs
from streams.transport.snapshot import Shelf, Snapshot, Written, older, write

READING = {
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
    "queued.max.messages.kbytes": 65_536,
    "fetch.message.max.bytes": 4_194_304,
    "fetch.wait.max.ms": 20,
    "fetch.queue.backoff.ms": 10,
}

Place = tuple[str, int]  # state topic (for Changelog without the namespace), partition


class Unreadable(RuntimeError):  # noqa: N818  named for what happened
    """A state topic could not be read to its end: nothing may be consumed from this assignment."""


def read(kafka: Mapping[str, Any], places: Iterable[Place], *, group: str, silence_s_max: float = 30.0) -> dict[Place, Shelf]:
    """Shelves of the partitions, each read from its begin to its end at this moment. Blocks.

    Raises:
        Unreadable: a topic is missing, or the brokers said nothing for `silence_s_max`.
    """
    shelves = {place: Shelf() for place in places}
    if not shelves:
        return shelves
    consumer = Consumer({**READING, **kafka, "group.id": group})
    try:
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for topic, partition in shelves])
        _drain(consumer, shelves, silence_s_max)
    finally:
        consumer.close()
    return shelves


def _drain(consumer: Any, shelves: dict[Place, Shelf], silence_s_max: float) -> None:
    missing = set(shelves)
    while missing:
        message = consumer.poll(silence_s_max)
        if message is None:
            raise Unreadable(f"no answer for {silence_s_max:.0f} s while reading {min(missing)}")
        place, error = (message.topic(), message.partition()), message.error()
        if error is None:
            shelves[place].put(message.key(), message.value())
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  the library's own name
            missing.discard(place)
        elif error.code() in {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC} or not error.retriable():  # noqa: SLF001
            raise Unreadable(f"{place[0]}[{place[1]}]: {error.str()}")


class Changelog:
    """Writes the snapshots of one partition; knows which records a new snapshot supersedes."""

    def __init__(self, outputs: Outputs, place: Place, known: set[bytes]) -> None:
        self._outputs, self._place, self._known = outputs, place, known
        self._writer = uuid4().hex[:8]

    async def parts(self, snapshot: Snapshot) -> tuple[Written, Epoch]:
        """Send the parts of a snapshot; wait for the epoch before the manifest is sent."""
        written, epoch = write(self._place[1], snapshot, self._writer), Epoch()
        for key, value in written.parts:
            await self._send(epoch, key, value)
        return written, epoch

    async def manifest(self, written: Written) -> Epoch:
        """Send the manifest; the snapshot is durable when the epoch is."""
        epoch = Epoch()
        await self._send(epoch, *written.manifest)
        return epoch

    async def tidy(self, written: Written) -> None:
        """Send tombstones for what the durable snapshot supersedes; a lost one only costs space until the next."""
        for key in older(self._known, written):
            await self._send(Epoch(), key, None)
        self._known = {key for key, _ in written.parts} | {written.manifest[0]}

    async def _send(self, epoch: Epoch, key: bytes, value: bytes | None) -> None:
        await self._outputs.send(epoch, Output(self._place[0], value, key, self._place[1]))
