"""Connections to the database. Every session has a name, UTC, and time limits, so that a stopped process holds no lock for long."""

from enum import StrEnum
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from settings import Settings

CONNECT_S: Final = 5
LIMITS: Final = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout={idle_ms} -c lock_timeout={lock_ms} -c statement_timeout={statement_ms}"
)


class Role(StrEnum):
    """What a session is for; it decides its time limits and is seen in pg_stat_activity."""

    SINK = "sink"
    MAINTENANCE = "maintenance"
    MIGRATE = "migrate"
    COMMAND = "command"


IDLE_MS: Final = 20_000  # a stopped or cut off sink gives up its locks after this time
STATEMENT_MS: Final = {Role.SINK: 120_000, Role.MAINTENANCE: 600_000, Role.MIGRATE: 0, Role.COMMAND: 60_000}
LOCK_MS: Final = {Role.SINK: 30_000, Role.MAINTENANCE: 30_000, Role.MIGRATE: 60_000, Role.COMMAND: 10_000}


class Unconfigured(Exception):  # noqa: N818  it is a state of the settings, told to a person
    """No database is configured; the message names the remedy."""


def address(settings: Settings) -> str:
    """Connection string of the database.

    Raises:
        Unconfigured: there is none.
    """
    url = settings.database_url.get_secret_value()
    if not url:
        raise Unconfigured("no database: run `maint up`, or set DATABASE_URL to an existing one")
    return url


def connect(settings: Settings, *, role: Role = Role.COMMAND, autocommit: bool = False) -> psycopg.Connection:
    """Open a session. Statements are planned with their values each time: partitions are then excluded while planning.

    Raises:
        Unconfigured: no database is configured.
        psycopg.OperationalError: the server does not answer or refuses.
    """
    limits = LIMITS.format(idle_ms=IDLE_MS, lock_ms=LOCK_MS[role], statement_ms=STATEMENT_MS[role])
    return psycopg.connect(
        with_options(address(settings), limits),
        autocommit=autocommit,
        prepare_threshold=None,
        connect_timeout=CONNECT_S,
        application_name=f"maint-{role}",
        tcp_user_timeout=30_000,
        keepalives_idle=10,
    )


def with_options(url: str, options: str) -> str:
    """The connection string with further session options behind those it has."""
    given = conninfo_to_dict(url)
    return make_conninfo(url, options=f"{given.get('options') or ''} {options}".strip())
