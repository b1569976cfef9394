"""The blocks of one transaction: what is new in them, and where the positions move. Writes nothing itself."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from schemas import codec
from schemas.codec import Undecodable
from sinks import block as blocks
from sinks import sources
from sinks.block import Block
from sinks.errors import Poison
from sinks.layout import Layout
from sinks.names import Names
from sinks.record import Aside, Record
from sinks.rows import ROW, Rows
from sinks.sources import Cursor, Source


@dataclass(slots=True)
class Batch:
    """Blocks as they come; `cursors` holds tentative moves, the caller's own stay as the database has them."""

    names: Names
    layout: Layout
    cursors: dict[int, Cursor] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)  # partition -> next block offset
    pieces: list[Rows] = field(default_factory=list)
    size: int = 0
    others: Counter[tuple[int, int, str]] = field(default_factory=Counter)  # source, minute, outcome
    asides: list[Aside] = field(default_factory=list)
    skipped: int = 0  # blocks that were stored before

    def add(self, connection: psycopg.Connection, record: Record, known: Cursor) -> None:
        """Take in one message of the block topic.

        Raises:
            Fault: it belongs to another topic of the same name.
            psycopg.Error: sensors or sources could not be noted.
        """
        if record.offset < known.off:
            return  # read again after an error, stored already
        cursor = self.cursors.setdefault(record.partition, tentative(known))
        self.read[record.partition] = record.offset + 1
        try:
            found = decode(record, self.layout)
        except Poison as problem:
            self.refuse(record, known, str(problem))
            return
        source = sources.find(connection, cursor, found.topic, found.topic_id, found.partition)
        known.sources.setdefault(found.topic, replace(source))
        if found.end - 1 <= source.src_off:
            self.skipped += 1
        elif found.start > source.src_off + 1:
            hold(cursor, source, record.offset, found.start)
        else:
            self._take(connection, source, found)
            cursor.aside = None

    def refuse(self, record: Record, known: Cursor, detail: str) -> None:
        """Set a message aside and go on behind it."""
        self.cursors.setdefault(record.partition, tentative(known)).aside = record.offset
        self.read[record.partition] = record.offset + 1
        self.asides.append(Aside(record, detail))

    def _take(self, connection: psycopg.Connection, source: Source, found: Block) -> None:
        beyond = source.src_off
        source.minute = max(source.minute, found.newest_us or 0)
        for (minute, outcome), n in blocks.others(found, beyond).items():
            self.others[source.number, source.minute if minute is None else minute, outcome] += n
        if (found.columns["offset"] > beyond).any():
            numbers = self.names.learn(connection, found.sensors, source.number)
            self.pieces.append(rows_of(found, beyond, numbers, source.number))
            self.size += len(self.pieces[-1])
        source.src_off, source.held, source.gap_start, source.gap_end = found.end - 1, None, None, None

    @property
    def rows(self) -> Rows:
        """All new rows (ROW)."""
        return np.concatenate(self.pieces) if self.pieces else np.empty(0, ROW)

    @property
    def offsets(self) -> dict[int, int]:
        """Positions to store."""
        return {partition: self.cursors[partition].next_off(read) for partition, read in self.read.items()}


def hold(cursor: Cursor, source: Source, offset: int, start: int) -> None:
    """Note a block beyond a hole: the position stays before it, so that it is read again if it must be."""
    if source.held is None:
        source.held, source.gap_end = offset if cursor.aside is None else cursor.aside, start
    source.gap_start = source.src_off + 1


def tentative(known: Cursor) -> Cursor:
    """A cursor that may be moved without moving the one it was made from."""
    return replace(known, sources={topic: replace(source) for topic, source in known.sources.items()})


def decode(record: Record, layout: Layout) -> Block:
    """The block in a message.

    Raises:
        Poison: it is none, or contradicts itself.
    """
    try:
        found = blocks.read(layout.read(record.value) or fields(record.value))
    except ValueError as problem:  # bytes that are no whole number of items
        raise Poison(f"a column cannot be read: {problem}") from problem
    if found.partition != record.partition:
        raise Poison(f"a block of partition {found.partition} in partition {record.partition}")
    return found


def fields(value: bytes | None) -> dict[str, Any]:
    """The record of a block in any form.

    Raises:
        Poison: it is none.
    """
    decoded = codec.decode(value)
    if isinstance(decoded, Undecodable):
        raise Poison(f"{decoded.reason}: {decoded.detail}")
    if decoded.name != "ScoredBlock":
        raise Poison(f"a {decoded.name} in the topic of blocks")
    return decoded.record


def rows_of(found: Block, beyond: int, numbers: NDArray[np.int32], source: int) -> Rows:
    """Rows of a block above input offset `beyond`, ready to be written; `numbers` are those of its sensors."""
    columns = found.columns
    if beyond >= found.start:
        mask = columns["offset"] > beyond
        columns = {name: column[mask] for name, column in columns.items()}
    rows = np.empty(len(columns["offset"]), ROW)
    rows["sensor_id"] = numbers[columns["sensor"]]
    rows["status"] = columns["status"].view(np.int32)
    rows["flags"] = columns["flags"].view(np.int16)
    rows["off"] = columns["offset"]
    rows["source"] = source
    for name in ("ts", "value", "known_at", "score"):
        rows[name] = columns[name]
    return rows
