from hypothesis import given
from hypothesis import strategies as st

from streams.transport.span import Span, cut, rest, voids
from tests.streams.building import at


def span(offsets: list[int], start: int, end: int) -> Span:
    return Span(at(offsets), start, end)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 1000))
    end = start + draw(st.integers(1, 60))
    offsets = sorted(draw(st.sets(st.integers(start, end - 1))))
    return span(offsets, start, end)


@given(spans(), st.integers(1, 20))
def test_pieces_tile_the_span_and_keep_every_record(whole: Span, size: int) -> None:
    pieces = list(cut(whole, size))
    assert [piece.start for piece in pieces] == [whole.start, *(piece.end for piece in pieces[:-1])]
    assert pieces[-1].end == whole.end
    assert [record for piece in pieces for record in piece.records] == list(whole.records)
    assert all(len(piece) <= size for piece in pieces)


@given(spans(), st.integers(1, 20))
def test_every_offset_is_a_record_or_void_however_the_span_is_cut(whole: Span, size: int) -> None:
    pieces = list(cut(whole, size))
    void = [offset for piece in pieces for start, end in voids(piece) for offset in range(start, end)]
    assert sorted([*void, *(record.offset for record in whole.records)]) == list(range(whole.start, whole.end))


@given(spans(), st.integers(0, 1100))
def test_the_rest_begins_at_the_position(whole: Span, position: int) -> None:
    left = rest(whole, position)
    assert left.start == max(whole.start, position)
    assert [record.offset for record in left.records] == [record.offset for record in whole.records if record.offset >= position]


def test_an_empty_span_is_true_because_it_moves_the_position() -> None:
    assert span([], 3, 9)
    assert voids(span([], 3, 9)) == [(3, 9)]
