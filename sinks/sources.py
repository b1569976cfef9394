"""Input partitions as the blocks name them: watermark, holes, and the tentative moves of one batch."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import psycopg

from sinks.errors import Fault, Stale
from sinks.positions import REBASE
from sinks.rows import microseconds

READ: Final = """select s.topic, s.partition, s.source, s.topic_id, s.src_off, s.gap_start, s.gap_end, s.gap_since,
    (select max(l.minute) from store.ledger l where l.source = s.source)
  from store.source s where s.partition = any(%s) and s.retired_at is null"""
MAKE: Final = """insert into store.source (topic, topic_id, partition) select %(topic)s, %(topic_id)s, %(partition)s
  where not exists (select from store.source where topic = %(topic)s and partition = %(partition)s and retired_at is null)
  on conflict do nothing"""
MARKS: Final = "select source, src_off from store.source where source = any(%s)"
ADVANCE: Final = """update store.source s set src_off = u.off, gap_start = u.gap_start, gap_end = u.gap_end,
    gap_since = case when u.gap_start is null then null else coalesce(s.gap_since, now()) end
  from unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[]) u (source, off, gap_start, gap_end) where s.source = u.source"""


@dataclass(slots=True, eq=False)
class Source:
    """One input partition.

    `src_off` is the newest offset whose outcome is stored; [`gap_start`, `gap_end`) are missing, if blocks beyond them came;
    `held` is the block offset of the first of those; `minute` the newest minute in the ledger (microseconds).
    """

    number: int
    topic: str
    topic_id: str
    src_off: int
    minute: int
    gap_start: int | None = None
    gap_end: int | None = None
    gap_since: datetime | None = None
    held: int | None = None


@dataclass(slots=True)
class Cursor:
    """Where one partition of the block topic stands.

    `off` as the database has it, its sources by topic, and the block offset of a record set aside since the last good block:
    a hole behind it may be its fault.
    """

    off: int
    sources: dict[str, Source] = field(default_factory=dict)
    aside: int | None = None

    def next_off(self, read: int) -> int:
        """The offset to store after everything before `read` was looked at: never beyond a block that waits for a hole to close."""
        return min([read, *(source.held for source in self.sources.values() if source.held is not None)])


def load(connection: psycopg.Connection, offsets: dict[int, int]) -> dict[int, Cursor]:
    """Cursors of partitions whose positions are `offsets`."""
    cursors = {partition: Cursor(off) for partition, off in offsets.items()}
    for topic, partition, number, topic_id, src_off, *gap, minute in connection.execute(READ, (list(offsets),)).fetchall():
        newest = microseconds(minute) if minute else 0
        cursors[partition].sources[topic] = Source(number, topic, topic_id, src_off, newest, *gap)
    return cursors


def find(connection: psycopg.Connection, cursor: Cursor, topic: str, topic_id: str, partition: int) -> Source:
    """The source a block belongs to; made at first sight.

    Raises:
        Fault: the block is of another topic of the same name.
    """
    if topic not in cursor.sources:
        with connection.transaction():
            connection.execute(MAKE, {"topic": topic, "topic_id": topic_id, "partition": partition})
        cursor.sources = load(connection, {partition: cursor.off})[partition].sources | cursor.sources  # what was moved already stays
    source = cursor.sources[topic]
    if source.topic_id != topic_id:
        raise Fault(f"topic {topic} was made anew: partition {partition} is stored up to offset {source.src_off} of the old one: {REBASE}")
    return source


def compare(cursor: psycopg.Cursor, sources: list[Source]) -> None:
    """Compare the stored watermarks with ours; the position lock keeps them still.

    Raises:
        Stale: another sink, or a person, moved one.
    """
    found: dict[int, int] = dict(cursor.execute(MARKS, ([source.number for source in sources],)).fetchall())
    wrong = [source for source in sources if found.get(source.number) != source.src_off]
    if wrong:
        raise Stale(f"{wrong[0].topic}: the database is at {found.get(wrong[0].number)}, this sink at {wrong[0].src_off}")


def advance(cursor: psycopg.Cursor, sources: list[Source]) -> None:
    """Store watermarks and holes."""
    columns = zip(*((source.number, source.src_off, source.gap_start, source.gap_end) for source in sources), strict=True)
    cursor.execute(ADVANCE, [list(column) for column in columns])
