"""Faust's consumer for spans: one Faust event is a chunk of one partition, position and commit follow our snapshots.

Each override names what it replaces in Faust 0.15.3 and aiokafka 0.14.0 and why.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import faust
from faust.transport import drivers
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP, ConsumerMessage

from streams.transport.span import Span, cut

SCHEME = "span"


@dataclass(frozen=True, slots=True)
class Fetching:
    """How records are fetched: longest wait, bytes wanted, records of a chunk."""

    wait_ms: int
    bytes_min: int
    chunk_records_max: int


class App(faust.App):
    """A Faust app whose topics are read as spans.

    `positions` gives the next offset to apply per partition, `durable` the next offset behind the newest snapshot.
    """

    fetching: Fetching
    positions: Callable[[], Mapping[TP, int]]
    durable: Callable[[], Mapping[TP, int]]


class Scheduler(DefaultSchedulingStrategy):
    """Round robin over partitions, a chunk at a time; `size` is set by the consumer."""

    size = 1000

    def iterate(self, records: Mapping[TP, Span]) -> Iterator[tuple[TP, Span]]:
        """Pieces of every partition's span in turn."""
        work = deque((tp, cut(span, self.size)) for tp, span in records.items())
        while work:
            tp, pieces = work.popleft()
            piece = next(pieces, None)
            if piece is not None:
                yield tp, piece
                work.append((tp, pieces))


class Thread(driver.AIOKafkaConsumerThread):
    """aiokafka's consumer with our fetch settings; Faust hard-codes 1,500 ms, 1 byte and read_uncommitted."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        fetching: Fetching = self.app.fetching
        consumer._fetch_max_wait_ms = fetching.wait_ms  # noqa: SLF001
        consumer._fetch_min_bytes = fetching.bytes_min  # noqa: SLF001
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        return consumer

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's complaint about missing acks: nothing is acknowledged here, the watchdog looks instead."""


class ReadOffsets(dict[TP, int | None]):
    """Faust drops every message below its read offset, also one that a seek asked for again; our position decides."""

    def __getitem__(self, tp: TP) -> None:
        return None


class Consumer(driver.Consumer):
    """Hands out chunks; seeks and commits by the app's own positions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = ReadOffsets()
        self.scheduler.size = self.app.fetching.chunk_records_max
        self.polled_at = time.monotonic()

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Span) -> ConsumerMessage:
        generation = self.app.consumer_generation_id
        return ConsumerMessage(tp.topic, tp.partition, record.end - 1, 0.0, 0, (), None, record, None, 0, 0, tp, generation_id=generation)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109  Faust's signature
        records = await super()._getmany(active_partitions, timeout)
        self.polled_at = time.monotonic()
        return records

    async def perform_seek(self) -> None:
        """Position = snapshot offset + 1, whatever Kafka's committed offset says."""
        mine = self.assignment()
        positions = {tp: offset for tp, offset in self.app.positions().items() if tp in mine}
        if positions:
            await self._thread.seek_wait(positions)

    async def reseek(self, tp: TP, offset: int) -> None:
        """Read again from `offset`: chunks were lost between fetcher and agent."""
        await self._thread.seek_wait({tp: offset})

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        yield from (tp for tp in list(self.app.durable()) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        durable: int | None = self.app.durable().get(tp)
        return durable

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002
        before = {tp: self._committed_offset[tp] for tp in offsets}
        done: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if not done:  # Faust notes a failed commit as done and never tries it again
            self._committed_offset.update({tp: offset for tp, offset in before.items() if tp in self._committed_offset})
        return done


class Transport(driver.Transport):
    """The transport behind span:// broker addresses."""

    Consumer = Consumer


class Schema(faust.Schema):
    """Hands spans through untouched: agents decode."""

    def compile(self, app: Any, **_: Any) -> Callable[..., Any]:
        """A decoder of messages for Faust's conductor."""
        create = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:  # noqa: ARG001  Faust's signature
            return create(None, message.value, {}, message)

        return decode


def addresses(servers: Iterable[str]) -> list[str]:
    """Broker addresses as Faust wants them."""
    return [f"{SCHEME}://{server}" for server in servers]


drivers.TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"
