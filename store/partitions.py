"""Monthly partitions of store.measurement on plain PostgreSQL, made when a row first needs them."""

from datetime import UTC, datetime
from typing import Final

import psycopg
from psycopg import sql

ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(7305)"
HAVE: Final = """select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'store.measurement'::regclass"""
IS_PLAIN: Final = "select relkind = 'p' from pg_class where oid = 'store.measurement'::regclass"

Month = tuple[int, int]  # year, month


def month_of(time: datetime) -> Month:
    """The month of a time, UTC."""
    utc = time.astimezone(UTC)
    return utc.year, utc.month


def following(month: Month) -> Month:
    """The month after.

    >>> following((2026, 12))
    (2027, 1)
    """
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def name(month: Month) -> str:
    """Table of a month.

    >>> name((2026, 3))
    'measurement_2026_03'
    """
    return f"measurement_{month[0]}_{month[1]:02d}"


class Months:
    """Remembers which months have a partition. TimescaleDB makes its chunks itself: nothing to do there."""

    def __init__(self) -> None:
        self._have: set[Month] = set()
        self._plain: bool | None = None

    def ensure(self, connection: psycopg.Connection, months: set[Month]) -> None:
        """Make what is missing, in a transaction of its own."""
        if self._plain is None:
            self._plain = bool(connection.execute(IS_PLAIN).fetchall()[0][0])
        missing = months - self._have
        if not self._plain or not missing:
            return
        with connection.transaction():
            connection.execute(ONE_AT_A_TIME)
            have = {row[0] for row in connection.execute(HAVE).fetchall()}
            for month in sorted(missing):
                if name(month) not in have:
                    make(connection, month)
        self._have |= missing

    def forget(self) -> None:
        """Look again at the next `ensure`: retention may have dropped a month."""
        self._have.clear()


def make(connection: psycopg.Connection, month: Month) -> None:
    """Make the partition apart and attach it: PARTITION OF would wait for every open writer."""
    begin, end = (datetime(year, number, 1, tzinfo=UTC).isoformat() for year, number in (month, following(month)))
    parts = {"table": sql.Identifier("store", name(month)), "begin": sql.Literal(begin), "end": sql.Literal(end)}
    for statement in (
        "create table {table} (like store.measurement including all)",
        "alter table {table} add constraint month check (ts >= {begin} and ts < {end})",  # so that attaching scans nothing
        "alter table store.measurement attach partition {table} for values from ({begin}) to ({end})",
        "alter table {table} drop constraint month",
    ):
        connection.execute(sql.SQL(statement).format(**parts))
