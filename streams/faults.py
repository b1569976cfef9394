"""A record that kills: exits are counted per record; at the third the record is refused and the rest goes on.

The first exit only says which chunk it was, so on the next try its records are applied one by one (any cutting gives the same
state). A process that dies without an exception (a crash inside a kernel) is found by the note it left before each chunk.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from struct import Struct

import orjson
import structlog

from streams.transport.span import Span, between, voids
from streams.work import Record, Taken

EXITS_MAX = 3
TRACE_CHARS = 2000  # kept of a traceback
NOTE = Struct("<?iqq")  # at work, place in the list of topics, start, end; the partition stands in the upper bits of the place
PARTITIONS = 1 << 16
DIED = "the process ended without an exception while it applied this record"

log = structlog.get_logger(__name__)

Part = tuple[str, int]  # full name of the topic, partition


@dataclass(frozen=True, slots=True)
class Suspect:
    """Offsets [start, end) of a partition at which the process ended `exits` times."""

    topic: str
    partition: int
    start: int
    end: int
    exits: int
    trace: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch to apply, or one record to refuse and why."""

    taken: Taken
    refused: Record | None = None
    detail: str = ""


class Faults:
    """Counts of exits of one process, kept in a file.

    Args:
        path: the file; beside it stands the note (.now).
        topics: full names of the input topics, in a fixed order.
    """

    def __init__(self, path: Path, topics: list[str]) -> None:
        self._path, self._topics = path, topics
        self._suspects = [Suspect(**each) for each in orjson.loads(path.read_bytes())] if path.exists() else []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._note = _open(path.with_suffix(".now"))
        busy, place, start, end = NOTE.unpack_from(self._note)
        if busy and place // PARTITIONS < len(topics):
            self.count((topics[place // PARTITIONS], place % PARTITIONS), start, end, DIED)
        self.leave()

    def enter(self, part: Part, taken: Taken) -> None:
        """Note what is being applied, about 1 us."""
        NOTE.pack_into(self._note, 0, True, self._topics.index(part[0]) * PARTITIONS + part[1], taken.start, taken.end)

    def leave(self) -> None:
        """Nothing is being applied any more."""
        self._note[0] = 0

    def count(self, part: Part, start: int, end: int, trace: str) -> None:
        """The process ends, or ended, at [start, end)."""
        before = [each for each in self._of(part) if each.start < end and start < each.end]
        exits = max((each.exits for each in before), default=0) + 1
        kept = [each for each in self._suspects if each not in before]
        self._write([*kept, Suspect(*part, start, end, exits, trace[-TRACE_CHARS:])])

    def forget(self, part: Part, position: int) -> None:
        """A durable snapshot passed these offsets."""
        if self._suspects:
            kept = [each for each in self._suspects if (each.topic, each.partition) != part or each.end > position]
            if kept != self._suspects:
                self._write(kept)

    def pieces(self, part: Part, span: Span) -> Iterator[Piece]:
        """The span cut so that suspect records stand alone; those at their limit are to be refused."""
        suspects = self._of(part)
        if not suspects:  # nearly always: no look at single records
            yield Piece(_taken(span))
            return
        start = span.start
        for record in span.records:
            suspect = next((each for each in suspects if each.start <= record.offset < each.end), None)
            if suspect is None:
                continue
            if record.offset > start:
                yield Piece(_taken(between(span, start, record.offset)))
            yield _alone(between(span, record.offset, record.offset + 1), record, suspect)
            start = record.offset + 1
        if span.end > start:
            yield Piece(_taken(between(span, start, span.end)))

    def _of(self, part: Part) -> list[Suspect]:
        return [each for each in self._suspects if (each.topic, each.partition) == part]

    def _write(self, suspects: list[Suspect]) -> None:
        self._suspects = suspects
        new = self._path.with_suffix(".new")
        try:
            new.write_bytes(orjson.dumps([asdict(each) for each in suspects]))
            new.replace(self._path)
        except OSError as problem:  # a full disk forgets exits, it must not add some
            log.warning("exits_not_written", reason=str(problem))


def _alone(span: Span, record: Record, suspect: Suspect) -> Piece:
    if suspect.exits < EXITS_MAX or suspect.end - suspect.start > 1:
        return Piece(_taken(span))
    return Piece(_taken(span), record, f"ended the worker {suspect.exits} times: {suspect.trace}")


def _taken(span: Span) -> Taken:
    return Taken(span.records, span.start, span.end, voids(span), [])


def _open(path: Path) -> mmap.mmap:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(handle, 0, NOTE.size)  # on a full disk a hole in the file would end the process at the first note
        return mmap.mmap(handle, NOTE.size)
    finally:
        os.close(handle)
