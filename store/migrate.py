"""Migrations up and down. Both may be repeated; several processes may call them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from settings import Settings
from store import classes, flavour, reader
from store.database import Role, connect

HERE: Final = Path(__file__).parent
ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(7300)"


def upgrade(settings: Settings) -> flavour.Flavour:
    """Bring the database to the newest tables, views and classes, and give readers their rights.

    Raises:
        Unsuitable: the server is too old or of another flavour than asked for.
        Unconfigured: no database is configured.
        psycopg.Error: the server does not answer or refuses.
    """
    with session(settings) as bound:
        command.upgrade(config(bound, settings), "head")
        classes.fill(driver(bound))
        reader.grant(driver(bound), settings)
        decided = flavour.stored(driver(bound))
    assert decided is not None  # noqa: S101  the first migration stores it
    return decided


def downgrade(settings: Settings, revision: str = "base") -> None:
    """Go back to a revision; base removes all tables with their data."""
    with session(settings) as bound:
        command.downgrade(config(bound, settings), revision)


@contextmanager
def session(settings: Settings) -> Iterator[Connection]:
    """One transaction on a connection of SQLAlchemy, which Alembic needs; others who migrate wait."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(settings, role=Role.MIGRATE), poolclass=NullPool)
    with engine.begin() as bound:
        driver(bound).execute(ONE_AT_A_TIME)
        flavour.check(driver(bound), settings.database_flavour)
        yield bound


def config(bound: Connection, settings: Settings) -> Config:
    """Alembic's configuration; it needs no file."""
    made = Config()
    made.set_main_option("script_location", str(HERE / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes.update(connection=bound, flavour=settings.database_flavour)
    return made


def driver(bound: Connection) -> psycopg.Connection:
    """Psycopg's connection below SQLAlchemy's: our files hold several statements each."""
    found = bound.connection.driver_connection
    assert isinstance(found, psycopg.Connection)  # noqa: S101  session() gave SQLAlchemy one
    return found


def script(name: str) -> bytes:
    """Text of store/sql/<name>.sql."""
    return resources.files("store").joinpath("sql", f"{name}.sql").read_bytes()
