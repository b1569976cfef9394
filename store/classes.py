"""Failure modes and symptoms of the classes into the database: the views of coverage join them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

from catalogue import coverage

TABLES: Final = (("failure_mode", coverage.modes), ("symptom", coverage.symptoms))


def fill(connection: psycopg.Connection) -> None:
    """Replace what a former release wrote; call it within a transaction."""
    for name, rows in TABLES:
        connection.execute(sql.SQL("delete from store.{}").format(sql.Identifier(name)))
        _insert(connection, name, rows())


def _insert(connection: psycopg.Connection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    values = sql.SQL(", ").join(map(sql.Placeholder, rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(sql.SQL("insert into store.{} ({}) values ({})").format(sql.Identifier(name), columns, values), rows)
