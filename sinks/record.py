"""What the sink needs of a Kafka message, and where records go that cannot be written."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import psycopg

from sinks.names import text
from telemetry.metrics import ERRORS

KEEP: Final = """insert into store.poison (topic, topic_id, partition, off, detail, value) values (%s, %s, %s, %s, %s, %s)
  on conflict do nothing"""


class Record(NamedTuple):
    """One message of a partition."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Aside(NamedTuple):
    """A record that cannot be written, and why."""

    record: Record
    detail: str


def keep(cursor: psycopg.Cursor, topic: str, topic_id: str, items: Iterable[Aside]) -> None:
    """Set records aside with their bytes; a second copy changes nothing."""
    rows = [(topic, topic_id, record.partition, record.offset, text(detail), record.value) for record, detail in items]
    if rows:
        cursor.executemany(KEEP, rows)
        ERRORS.labels("deliver", "poison").inc(len(rows))
