"""A session for commands that read; what goes wrong becomes one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@contextmanager
def reading() -> Iterator["psycopg.Connection"]:
    """An autocommit session; errors of the database end the command with their reason and the remedy."""
    import psycopg

    from settings import load
    from sinks.errors import classify
    from store.database import Unconfigured, connect

    try:
        with connect(load(), autocommit=True) as connection:
            yield connection
    except Unconfigured as problem:
        raise SystemExit(str(problem)) from None
    except psycopg.Error as error:
        raise SystemExit(str(classify(error))) from None
