"""Deletes what has been known for longer than the settings say: measurements by whole partitions or chunks, spectra by row."""

from datetime import datetime, timedelta
from typing import Final

import psycopg
from psycopg import sql

PLAIN: Final = """select c.oid::regclass::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'store.measurement'::regclass order by 1"""
CHUNKS: Final = "select show_chunks('store.measurement', older_than => %s)::text order by 1"


def expire(connection: psycopg.Connection, flavour: str, now: datetime, days: float) -> list[str]:
    """Drop what was known before now - days, with the revisions of that time; returns the dropped tables. 0 days: nothing.

    A partition in which anything is newer is kept: an old reading that arrived late lives as long as any other.
    """
    if not days:
        return []
    limit = now - timedelta(days=days)
    query, values = (CHUNKS, (limit,)) if flavour == "timescale" else (PLAIN, ())
    dropped = [table for (table,) in connection.execute(query, values).fetchall() if drop(connection, table, limit)]
    if dropped:
        connection.execute("delete from store.measurement_revision where known_at < %s", (limit,))
    return dropped


def expire_spectra(connection: psycopg.Connection, now: datetime, days: float) -> int:
    """Delete spectra that were known before now - days; returns how many. 0 days: nothing."""
    if not days:
        return 0
    return connection.execute("delete from store.spectrum where known_at < %s", (now - timedelta(days=days),)).rowcount


def drop(connection: psycopg.Connection, table: str, limit: datetime) -> bool:
    """Drop one partition if everything in it was known before the limit."""
    name = sql.Identifier(*(part.strip('"') for part in table.split(".")))
    found = connection.execute(
        sql.SQL("select exists (select from {0}), exists (select from {0} where known_at >= %s)").format(name), (limit,)
    ).fetchall()
    filled, newer = found[0]
    if newer or not filled:
        return False
    connection.execute(sql.SQL("drop table {}").format(name))
    return True
