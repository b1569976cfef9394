from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.faults import EXITS_MAX, Faults, Piece, Suspect
from streams.transport.span import Span
from tests.streams.building import at

PART = ("ns.readings", 1)


def span(start: int, end: int) -> Span:
    return Span(at(range(start, end)), start, end)


def faults(folder: Path) -> Faults:
    return Faults(folder / "faults.json", ["ns.readings"])


def run(folder: Path, killer: int) -> list[Piece] | None:
    """One life of a process that dies at a record: what it applied, or None."""
    now = faults(folder)
    done = []
    for piece in now.pieces(PART, span(0, 100)):
        if piece.refused is None and piece.taken.start <= killer < piece.taken.end:
            now.count(PART, piece.taken.start, piece.taken.end, "Traceback: boom")
            return None
        done.append(piece)
    return done


def test_a_record_that_kills_is_found_and_refused_after_three_exits(tmp_path: Path) -> None:
    assert [run(tmp_path, 42) for _ in range(EXITS_MAX)] == [None] * EXITS_MAX
    done = run(tmp_path, 42)
    assert done is not None
    (refused,) = [piece for piece in done if piece.refused is not None]
    assert refused.taken.start == 42
    assert "3 times: Traceback: boom" in refused.detail
    assert sorted(record.offset for piece in done for record in piece.taken.records) == list(range(100))


def test_a_durable_snapshot_forgets_what_it_passed(tmp_path: Path) -> None:
    now = faults(tmp_path)
    now.count(PART, 10, 20, "")
    now.forget(PART, 15)
    assert len(list(now.pieces(PART, span(0, 30)))) > 1
    now.forget(PART, 20)
    assert len(list(faults(tmp_path).pieces(PART, span(0, 30)))) == 1


def test_a_process_that_vanished_while_applying_is_counted(tmp_path: Path) -> None:
    now = faults(tmp_path)
    (piece,) = now.pieces(PART, span(5, 9))
    now.enter(PART, piece.taken)
    pieces = list(faults(tmp_path).pieces(PART, span(0, 12)))
    assert [(each.taken.start, each.taken.end) for each in pieces] == [(0, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 12)]


def test_a_process_that_ended_between_chunks_is_not(tmp_path: Path) -> None:
    now = faults(tmp_path)
    (piece,) = now.pieces(PART, span(5, 9))
    now.enter(PART, piece.taken)
    now.leave()
    assert len(list(faults(tmp_path).pieces(PART, span(0, 12)))) == 1


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5), st.integers(1, 4)), max_size=5))
def test_pieces_tile_the_span_whatever_is_suspect(suspects: list[tuple[int, int, int]]) -> None:
    now = Faults.__new__(Faults)
    now._suspects = [Suspect(*PART, start, start + size, exits, "") for start, size, exits in suspects]
    pieces = list(now.pieces(PART, Span(at(range(1, 40, 3)), 0, 45)))
    assert [piece.taken.start for piece in pieces] == [0, *(piece.taken.end for piece in pieces[:-1])]
    assert pieces[-1].taken.end == 45
    assert [record.offset for piece in pieces for record in piece.taken.records] == list(range(1, 40, 3))


@pytest.mark.parametrize("part", [("ns.readings", 2), ("ns.other", 1)])
def test_other_partitions_are_not_suspect(tmp_path: Path, part: tuple[str, int]) -> None:
    now = faults(tmp_path)
    now.count(PART, 0, 100, "")
    assert len(list(now.pieces(part, span(0, 30)))) == 1
