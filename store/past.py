"""Failures of classes as the plant's own work orders tell them: what is needed to count them, and where the counts go."""

from collections.abc import Sequence
from typing import Final

import psycopg

from store.look import Row

ASSETS: Final = """select name as asset, coalesce(class, '') as class, state is not distinct from 'decommissioned' as gone
  from store.asset where version >= 0 order by name"""
CURRENT: Final = "select class, failures, machine_days from plant.class_history where current"
KEEP: Final = """insert into store.class_history (class, "begin", "end", assets, failures, machine_days, source)
  values (%(class)s, %(begin)s, %(end)s, %(assets)s, %(failures)s, %(machine_days)s, %(source)s)"""


def keep(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    """Store one row a class, all or none. They count from now on; earlier ones of the same class stay to be looked at.

    Args:
        connection: outside of a transaction.
        rows: with class, begin, end, assets, failures, machine_days, source.

    Raises:
        psycopg.Error: the server does not answer or refuses.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(KEEP.encode(), rows)
