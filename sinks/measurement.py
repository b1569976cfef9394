"""Rows into store.measurement by the law of corrections, inside the caller's transaction.

The current value of a (sensor, ts) is the version with the greatest (known_at, source, offset); every other version is kept in
store.measurement_revision; a version that equals its predecessor is a duplicate. Rows in order go straight into the table
(COPY); all others go through the temporary table `stage`, and what became of them is counted from what the database did.
"""

from datetime import timedelta
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray

from sinks import statements as sql
from sinks.rows import Rows, microseconds, wire

DAY: Final = timedelta(days=1)
KEY: Final = ("off", "source", "known_at", "ts", "sensor_id")  # least significant first

Counts = dict[tuple[int, int], int]  # (source, minute in microseconds) -> records


def prepare(connection: psycopg.Connection) -> None:
    """Make the session's temporary tables; once per connection."""
    for statement in sql.TEMPORARY:
        connection.execute(statement)


def store(cursor: psycopg.Cursor, rows: Rows, in_order: NDArray[np.bool_]) -> tuple[Counts, Counts]:
    """Write rows (ROW); returns records stored and corrected out of the staged ones. Rows in order are all stored.

    Raises:
        psycopg.errors.UniqueViolation: a row said to be in order was there already; stage the whole batch instead.
    """
    direct, staged = np.flatnonzero(in_order), np.flatnonzero(~in_order)
    if len(direct):
        # sensor by sensor: neighbours in the index, which then costs the server less, and in the table for those who read it
        copy(cursor, sql.COPY, rows.take(direct[np.argsort(rows["sensor_id"].take(direct), kind="stable")]))
    if not len(staged):
        return {}, {}
    # one order of keys for all sinks: no deadlocks between them
    copy(cursor, sql.COPY_STAGE, rows.take(staged[np.lexsort([rows[name].take(staged) for name in KEY])]))
    stored, written = counted(cursor, sql.STORE)
    return stored, correct(cursor) if written < len(staged) else {}


def correct(cursor: psycopg.Cursor) -> Counts:
    """Judge the refused rows: corrections are written, the rest are duplicates."""
    days = [day for (day,) in cursor.execute(sql.DAYS).fetchall()]
    if not find(cursor, days):
        return {}
    cursor.execute(sql.ONE_AT_A_TIME)  # two sinks that correct one key at once would lose a version
    cursor.execute(sql.FORGET)
    find(cursor, days)
    for statement in (sql.NO_LIMIT, sql.JUDGE, sql.KEEP, sql.RENEW):
        cursor.execute(statement)
    return counted(cursor, sql.CORRECTED)[0]


def find(cursor: psycopg.Cursor, days: list[Any]) -> int:
    """Collect current rows that differ from refused ones; returns how many."""
    return sum(cursor.execute(sql.FIND, (day, day + DAY) * 2).rowcount for day in days)


def counted(cursor: psycopg.Cursor, statement: str) -> tuple[Counts, int]:
    """Run a statement that reports (source, minute, records, rows): records by source and minute, and all rows."""
    found = cursor.execute(statement).fetchall()
    return {(source, microseconds(minute)): records for source, minute, records, _ in found}, sum(row[3] for row in found)


def copy(cursor: psycopg.Cursor, statement: str, rows: Rows) -> None:
    """Send rows by binary COPY."""
    with cursor.copy(statement) as sink:
        sink.write(wire(rows))
