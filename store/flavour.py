"""Which of the two flavours a database has: decided once, when its tables are made, and stored there."""

from typing import Final, Literal, TypeAlias, cast

import psycopg

Flavour: TypeAlias = Literal["timescale", "plain"]

# The loader's own setting is readable by everybody and exists only where the library is preloaded. CREATE EXTENSION
# without that ends the session, and no handler catches it: so it is never tried on suspicion.
DETECT: Final = """select exists (select from pg_available_extensions where name = 'timescaledb')
  and current_setting('timescaledb.max_background_workers', true) is not null
  and coalesce(current_setting('timescaledb.license', true), '') <> 'apache'"""
VERSION_MIN: Final = 150000  # server_version_num


class Unsuitable(Exception):  # noqa: N818  the server, not the program, is wrong
    """The server cannot hold the tables as wished; the message names the remedy."""


def decide(connection: psycopg.Connection, wish: str) -> Flavour:
    """The flavour of a database that has no tables yet.

    Raises:
        Unsuitable: the server is too old, or `timescale` is wished and not offered.
    """
    if connection.info.server_version < VERSION_MIN:
        raise Unsuitable(f"PostgreSQL {connection.info.server_version // 10000} is too old: 15 or newer is needed")
    offered = bool(connection.execute(DETECT).fetchall()[0][0])
    if wish == "timescale" and not offered:
        raise Unsuitable("MAINT_DATABASE_FLAVOUR=timescale, but the server does not offer TimescaleDB with its community licence: "
                         "install and preload it, or set plain")  # fmt: skip
    return "timescale" if offered and wish != "plain" else "plain"


def stored(connection: psycopg.Connection) -> Flavour | None:
    """The flavour this database was made with; None before the first migration."""
    if connection.execute("select to_regclass('store.flavour')").fetchall()[0][0] is None:
        return None
    return cast("Flavour", connection.execute("select flavour from store.flavour").fetchall()[0][0])


def check(connection: psycopg.Connection, wish: str) -> None:
    """Refuse a wish that differs from what the database has.

    Raises:
        Unsuitable: flavours are never changed in place.
    """
    has = stored(connection)
    if has and wish not in ("auto", has):
        raise Unsuitable(f"this database was made as {has}, MAINT_DATABASE_FLAVOUR asks for {wish}: set it to auto or use a new database")
