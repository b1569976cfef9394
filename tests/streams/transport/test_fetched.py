"""Answers of a broker as spans: every offset once, aborted transactions and markers void, nothing behind a damaged batch."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.errors import CorruptRecordException
from aiokafka.record.control_record import ABORT_MARKER, COMMIT_MARKER
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.fetched import Batches, Fetched, SpanResult
from streams.transport.records import Parse, plain
from streams.transport.span import Span, tied, voids
from streams.transport.split import columns, warm

TP = SimpleNamespace(topic="t", partition=0)
SIZES = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1, max_size=6)
PARSERS: list[Parse] = [plain, columns]
CONTROL_BIT, ATTRIBUTES_AT, CRC_AT = 0x20, 22, 17


warm()


def batch(first: int, size: int, *, producer: int = -1, hole: int = 0) -> bytes:
    """Offsets [first, first + size); the last `hole` ones were compacted away."""
    builder = DefaultRecordBatchBuilder(2, 0, int(producer >= 0), producer, 0, 0, 1 << 20)
    for number in range(size - hole):
        builder.append(number, 1000 + first + number, b"k", str(first + number).encode(), [])
    return sealed(bytearray(builder.build()), first, last_delta=size - 1)


def marker(at: int, producer: int, kind: Any) -> bytes:
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional=1, producer_id=producer, producer_epoch=0, base_sequence=-1, batch_size=1 << 20
    )
    builder.append(0, 1000 + at, kind.version.to_bytes(2, "big") + kind.type_.to_bytes(2, "big"), b"\0\0\0\0\0\0", [])
    built = bytearray(builder.build())
    built[ATTRIBUTES_AT] |= CONTROL_BIT
    return sealed(built, at, last_delta=0)


def sealed(raw: bytearray, first: int, *, last_delta: int) -> bytes:
    from aiokafka.record.util import calc_crc32c

    raw[:8] = first.to_bytes(8, "big")
    raw[23:27] = last_delta.to_bytes(4, "big")
    raw[CRC_AT:21] = calc_crc32c(raw[21:]).to_bytes(4, "big")
    return bytes(raw)


def fetched(answer: bytes, offset: int = 0, aborted: Any = None, parse: Parse = plain) -> Fetched:
    made = Fetched(TP, Batches(answer), aborted, offset, None, None, True, READ_COMMITTED)
    made.parse = parse
    return made


def all_of(source: Fetched, size: int) -> Span:
    spans = []
    while not source.over:
        spans.append(source.take(size))
        assert len(spans[-1]) <= size
    return tied(spans)


@pytest.mark.parametrize("parse", PARSERS)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1, max_size=6),
    size=st.integers(1, 9),
    offset=st.integers(0, 12),
)
def test_every_offset_of_an_answer_is_a_record_or_void(parse: Parse, sizes: list[tuple[int, int]], size: int, offset: int) -> None:
    kept: list[int] = []
    answer, first = b"", 0
    for count, hole in sizes:
        hole = min(hole, count)  # noqa: PLW2901
        answer += batch(first, count, hole=hole)
        kept += range(first, first + count - hole)
        first += count
    offset = min(offset, first)
    span = all_of(fetched(answer, offset, parse=parse), size)
    assert (span.start, span.end) == (offset, first)
    wanted = [each for each in kept if each >= offset]
    assert span.records.offsets.tolist() == wanted
    assert [value.decode() for value in span.records.values if value is not None] == [str(each) for each in wanted]
    assert sorted([*wanted, *(each for a, b in voids(span) for each in range(a, b))]) == list(range(offset, first))


@pytest.mark.parametrize("parse", PARSERS)
def test_aborted_transactions_and_markers_are_void(parse: Parse) -> None:
    answer = (
        batch(0, 2, producer=7)
        + batch(2, 1, producer=8)
        + marker(3, 7, ABORT_MARKER)
        + batch(4, 1, producer=7)
        + marker(5, 7, COMMIT_MARKER)
        + marker(6, 8, COMMIT_MARKER)
    )
    span = all_of(fetched(answer, aborted=[(7, 0)], parse=parse), 100)
    assert span.records.offsets.tolist() == [2, 4]
    assert voids(span) == [(0, 2), (3, 4), (5, 7)]


def test_a_batch_that_was_cut_off_waits_for_the_next_answer() -> None:
    answer = batch(0, 3) + batch(3, 3)[:-1]
    assert all_of(fetched(answer), 100).end == 3
    assert not Batches(answer[:20]).has_next()
    assert not Batches(b"").has_next()


class Assignment:
    """Position of the partition, as aiokafka keeps it."""

    active, paused, position = True, False, 0

    def state_value(self, _: Any) -> "Assignment":
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def test_nothing_behind_a_damaged_batch_is_handed_out() -> None:
    damaged = bytearray(batch(2, 2))
    damaged[-1] ^= 1
    assignment = Assignment()
    result = SpanResult(TP, assignment=assignment, partition_records=fetched(batch(0, 2) + bytes(damaged) + batch(4, 2)), backoff=0)
    with pytest.raises(CorruptRecordException, match=r"t\[0\] at offset 2"):
        result.getall(100)
    assert result.getall(100) == []
    assert assignment.position == 0


def test_a_result_moves_the_position_and_is_over_when_all_is_taken() -> None:
    assignment = Assignment()
    result = SpanResult(TP, assignment=assignment, partition_records=fetched(batch(0, 4)), backoff=0)
    assert [result.getall(3).end, assignment.position, result.has_more()] == [3, 3, True]
    assert [result.getall(3).end, assignment.position] == [4, 4]
    assert result.getall(3) == []
    assert not result.has_more()
