"""A span: records of one partition and the offsets [start, end) the broker answered for.

A hole inside a span is void by the broker's own answer (transaction markers, aborted or compacted records),
so nothing is read again. A hole between two spans is a lost chunk or an expired range.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import numpy as np
from aiokafka.consumer import fetcher

Range = tuple[int, int]
OFFSET = attrgetter("offset")


class Span(list[Any]):
    """aiokafka ConsumerRecords in offset order, taken from [start, end); may hold no record at all."""

    __slots__ = ("end", "start")

    def __init__(self, records: list[Any], start: int, end: int) -> None:
        super().__init__(records)
        self.start, self.end = start, end

    def __bool__(self) -> bool:
        """Also an empty span must pass the fetcher's `if not records`: it moves the position."""
        return True


def cut(span: Span, size: int) -> Iterator[Span]:
    """Pieces of at most `size` records whose ranges tile the span."""
    for first in range(0, max(len(span), 1), size):
        last = first + size
        start = span.start if first == 0 else span[first - 1].offset + 1
        end = span.end if last >= len(span) else span[last - 1].offset + 1
        yield Span(span[first:last], start, end)


def rest(span: Span, position: int) -> Span:
    """The part of the span at or after `position`."""
    if position <= span.start:
        return span
    return Span([record for record in span if record.offset >= position], position, max(span.end, position))


def voids(span: Span) -> list[Range]:
    """Ranges [from, to) inside the span that hold no record."""
    if span.end - span.start == len(span):
        return []
    offsets = np.fromiter(map(OFFSET, span), np.int64, len(span))
    edges = np.concatenate(([span.start - 1], offsets, [span.end]))
    gaps = np.flatnonzero(np.diff(edges) > 1)
    return [(int(edges[gap]) + 1, int(edges[gap + 1])) for gap in gaps]


class SpanResult(fetcher.FetchResult):
    """aiokafka's fetch result that also tells which offsets it covered."""

    def getall(self, max_records: int | None = None) -> list[Any]:
        """Records as a Span, or an empty list when the position did not move."""
        tp = self._topic_partition
        if not self.check_assignment(tp) or not self.has_more():
            return []
        start = self._partition_records.next_fetch_offset
        records = super().getall(max_records)
        end = self._assignment.state_value(tp).position
        return Span(records, start, end) if end > start else records


def install() -> None:
    """Make aiokafka's fetcher return spans; both places in it look the class up at each use."""
    fetcher.FetchResult = SpanResult
