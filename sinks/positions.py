"""Positions in the database: one row per consumed partition, which is also the lock of the sink that writes from it."""

from collections.abc import Iterable, Mapping
from typing import Final

import psycopg

from sinks.errors import Fault, Stale

MAKE: Final = """insert into store.position (topic, partition, topic_id) select %s, p, %s from unnest(%s::int[]) p
  where not exists (select from store.position o where (o.topic, o.partition) = (%s, p)) order by p on conflict do nothing"""
READ: Final = "select partition, topic_id, off from store.position where topic = %s and partition = any(%s)"
LOCK: Final = READ + " order by partition for update"
SKIP: Final = """update store.position p set off = u.start from unnest(%s::int[], %s::bigint[], %s::bigint[]) u (partition, off, start)
  where p.topic = %s and p.partition = u.partition and p.off = u.off returning p.partition"""
ADVANCE: Final = """update store.position p set off = u.off from unnest(%s::int[], %s::bigint[]) u (partition, off)
  where p.topic = %s and p.partition = u.partition"""
REBASE: Final = "`maint rebase` starts again with the topic as it is now"


def load(connection: psycopg.Connection, topic: str, topic_id: str, partitions: Iterable[int]) -> dict[int, int]:
    """Next offset to read by partition; 0 for a partition never seen.

    Raises:
        Fault: the topic is another one than the positions belong to.
    """
    wanted = sorted(partitions)
    with connection.transaction():
        connection.execute(MAKE, (topic, topic_id, wanted, topic))
        found = connection.execute(READ, (topic, wanted)).fetchall()
    wrong = sorted(partition for partition, known_id, _ in found if known_id != topic_id)
    if wrong:
        raise Fault(f"topic {topic} was made anew (partitions {wrong} are stored up to offsets of the old one): {REBASE}")
    return {partition: off for partition, _, off in found}


def skip(connection: psycopg.Connection, topic: str, spans: Mapping[int, tuple[int, int]]) -> set[int]:
    """Move positions over spans [off, start) that are gone; returns the partitions moved, not those somebody else moved before."""
    columns = [list(column) for column in zip(*((partition, *span) for partition, span in spans.items()), strict=True)]
    with connection.transaction():
        return {partition for (partition,) in connection.execute(SKIP, (*columns, topic)).fetchall()}


def lock(cursor: psycopg.Cursor, topic: str, expected: Mapping[int, int]) -> None:
    """Lock the positions of partitions and compare them with where this sink left them.

    Raises:
        Stale: another sink has been here.
    """
    found = {partition: off for partition, _, off in cursor.execute(LOCK, (topic, list(expected))).fetchall()}
    if found != dict(expected):
        raise Stale(f"{topic}: the database is at {found}, this sink at {dict(expected)}")


def advance(cursor: psycopg.Cursor, topic: str, offsets: Mapping[int, int]) -> None:
    """Move positions (locked before)."""
    cursor.execute(ADVANCE, (list(offsets), list(offsets.values()), topic))
