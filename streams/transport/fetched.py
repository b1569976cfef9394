"""What a broker answered for one partition, as spans: takes the place of three classes inside aiokafka's fetcher.

`Batches` for MemoryRecords, `Fetched` for PartitionRecords, `SpanResult` for FetchResult (aiokafka 0.14.0). Theirs make
an object per record, the dearest step of a worker; and they do not tell which offsets an answer covered.
"""

import sys
from collections.abc import Iterator
from struct import Struct
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.control_record import ABORT_MARKER, ControlRecord
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch

from streams.transport.records import MAGIC_AT, NEW_FORMAT, NONE, Parse, plain
from streams.transport.span import Range, Span, head, rest, tied

HEAD = Struct(">qi")  # base offset, bytes that follow


class Batches:
    """Record batches in the bytes of an answer; the last one may be cut off."""

    def __init__(self, answer: Any) -> None:
        self._answer = memoryview(answer or b"")
        self._at = 0

    def size_in_bytes(self) -> int:
        """Bytes of the whole answer."""
        return len(self._answer)

    def has_next(self) -> bool:
        """Whether a whole batch is left."""
        return self._end() <= len(self._answer)

    def __iter__(self) -> Iterator[memoryview]:
        while self.has_next():
            begin, self._at = self._at, self._end()
            if self._at - begin <= MAGIC_AT:
                raise CorruptRecordException(f"a record batch of {self._at - begin} bytes")
            yield self._answer[begin : self._at]

    def _end(self) -> int:
        """Position behind the next batch."""
        if self._at + HEAD.size > len(self._answer):
            return len(self._answer) + 1
        return self._at + HEAD.size + max(0, int(HEAD.unpack_from(self._answer, self._at)[1]))


class Fetched:
    """Spans of an answer, read batch by batch."""

    parse: Parse = staticmethod(plain)

    def __init__(  # noqa: PLR0913, PLR0917  aiokafka's signature
        self,
        tp: Any,
        batches: Batches,
        aborted: list[Range] | None,
        fetch_offset: int,
        _key: Any,
        _value: Any,
        check_crcs: bool,  # noqa: FBT001  the same
        isolation_level: int,
    ) -> None:
        self._name = f"{tp.topic}[{tp.partition}]"
        self._batches = iter(batches)
        self._check_crcs = check_crcs
        self._committed = isolation_level == fetcher.READ_COMMITTED
        self._aborted = sorted(aborted or [], key=lambda each: each[1])  # (producer id, first offset)
        self._aborting: set[int] = set()
        self._left: Span | None = None
        self.next_fetch_offset = fetch_offset
        self.over = False

    def take(self, size: int) -> Span:
        """The next records, at most `size`, with all the offsets they stand for.

        Raises:
            CorruptRecordException: a batch is damaged. What follows it must not be taken: fetch again from the position.
        """
        parts = [Span(NONE, self.next_fetch_offset, self.next_fetch_offset)]
        while size > 0 and (span := self._left or self._open()) is not None:
            part = head(span, size)
            self._left = rest(span, part.end) if part.end < span.end else None
            self.next_fetch_offset = part.end
            parts.append(part)
            size -= len(part)
        return tied(parts)

    def _open(self) -> Span | None:
        """The next batch, from the position on; one that nobody may read is a span without records."""
        batch = next(self._batches, None)
        if batch is None:
            self.over = True
            return None
        magic = batch[MAGIC_AT]
        header = DefaultRecordBatch(batch) if magic >= NEW_FORMAT else LegacyRecordBatch(batch, magic)
        if self._check_crcs and not header.validate_crc():
            raise CorruptRecordException(f"wrong checksum in {self._name} at offset {header.base_offset}: it is fetched again")
        hidden = self._is_aborted(header, batch) or header.is_control_batch
        start = self.next_fetch_offset
        records = NONE if hidden else type(self).parse(batch)
        return Span(records.part(records.place(start), len(records)), start, max(start, header.next_offset))

    def _is_aborted(self, header: Any, batch: memoryview) -> bool:
        """Whether the batch belongs to an aborted transaction; a marker of an abort ends it."""
        if not self._committed or header.producer_id is None:
            return False
        while self._aborted and self._aborted[0][1] <= header.base_offset:
            self._aborting.add(self._aborted.pop(0)[0])
        if header.is_control_batch and ControlRecord.parse(plain(batch).keys[0]) == ABORT_MARKER:
            self._aborting.discard(header.producer_id)
        return header.is_transactional and header.producer_id in self._aborting


class SpanResult(fetcher.FetchResult):
    """aiokafka's fetch result that hands out spans."""

    _partition_records: Fetched | None

    def getall(self, max_records: int | None = None) -> Any:
        """Records as a Span, or an empty list when the position did not move."""
        tp, fetched = self._topic_partition, self._partition_records
        if fetched is None or not self.check_assignment(tp):
            return []
        self._partition_records = None  # if a batch is damaged, nothing behind it may be handed out
        span = fetched.take(sys.maxsize if max_records is None else max_records)
        self._assignment.state_value(tp).consumed_to(fetched.next_fetch_offset)
        if not fetched.over:
            self._partition_records = fetched
        return span if span.end > span.start else []


def install(parse: Parse = plain) -> None:
    """Make aiokafka's fetcher return spans whose batches are read by `parse`; it looks the classes up at each use."""
    Fetched.parse = staticmethod(parse)
    fetcher.MemoryRecords, fetcher.PartitionRecords, fetcher.FetchResult = Batches, Fetched, SpanResult
