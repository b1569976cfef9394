"""A span: records of one partition and the offsets [start, end) the broker answered for.

A hole inside a span is void by the broker's own answer (transaction markers, aborted or compacted records),
so nothing is read again. A hole between two spans is a lost chunk or an expired range.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from streams.transport.records import Records, chained

Range = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Records taken from [start, end); may hold no record at all."""

    records: Records
    start: int
    end: int

    def __len__(self) -> int:
        """Number of records: aiokafka counts them."""
        return len(self.records)

    def __bool__(self) -> bool:
        """Also an empty span must pass the fetcher's `if not records`: it moves the position."""
        return True


def head(span: Span, size: int) -> Span:
    """The first `size` records and what stands between them; all of the span if it has no more."""
    if size >= len(span):
        return span
    return Span(span.records.part(0, size), span.start, int(span.records.offsets[size - 1]) + 1)


def rest(span: Span, position: int) -> Span:
    """The part of the span at or after `position`."""
    if position <= span.start:
        return span
    return Span(span.records.part(span.records.place(position), len(span)), position, max(span.end, position))


def cut(span: Span, size: int) -> Iterator[Span]:
    """Pieces of at most `size` records whose ranges tile the span."""
    piece = head(span, size)
    yield piece
    while piece.end < span.end:
        piece = head(rest(span, piece.end), size)
        yield piece


def between(span: Span, start: int, end: int) -> Span:
    """The part of the span in [start, end), which lies within it."""
    records = span.records
    return Span(records.part(records.place(start), records.place(end)), start, end)


def tied(spans: list[Span]) -> Span:
    """One span of several that follow each other without a gap."""
    return Span(chained([span.records for span in spans if len(span)]), spans[0].start, spans[-1].end)


def voids(span: Span) -> list[Range]:
    """Ranges [from, to) inside the span that hold no record."""
    if span.end - span.start == len(span):
        return []
    edges = np.concatenate(([span.start - 1], span.records.offsets, [span.end]))
    gaps = np.flatnonzero(np.diff(edges) > 1)
    return [(int(edges[gap]) + 1, int(edges[gap + 1])) for gap in gaps]
