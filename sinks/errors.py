"""What can go wrong while writing, and what the sink does about it.

Transient: a dependency is away or busy; tried again with growing pauses, nothing skipped.
Unreachable: as before, but of one topic only: that topic waits, the others flow.
Poison: a record cannot be written as it is; set aside in store.poison with its bytes and counted, the rest is written.
Fault: only a person can help; the partition waits, health says what to do, it is looked at again every few seconds.
Stale: another sink has moved the position; read it again and go on from there.
"""

from typing import Final

import psycopg
from confluent_kafka import KafkaException


class Transient(Exception):  # noqa: N818  it names the class of the error, see the module
    """A dependency is away or busy."""


class Unreachable(Transient):
    """A dependency of one topic alone is away."""


class Poison(Exception):  # noqa: N818  as above
    """A record cannot be written; the message says why."""


class Fault(Exception):  # noqa: N818  as above
    """A person must act; the message names the remedy."""


class Stale(Exception):  # noqa: N818  as above
    """The position in the database is not the one this sink left."""


# connection, transaction state, deadlock, resources, locks, shutdown, system, internal
TRANSIENT: Final = {"08", "25", "40", "53", "55", "57", "58", "XX"}
POISON: Final = {"22", "23"}  # data, integrity
REMEDY: Final = {
    "28": "check user and password in DATABASE_URL",
    "3D": "create the database, or correct its name in DATABASE_URL",
    "3F": "run `maint migrate`",
    "42": "run `maint migrate`, or give the role its rights",
}


def classify(error: Exception) -> Transient | Poison | Fault:
    """The class of an error of the database or of Kafka, with its first line as the message."""
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, KafkaException):
        return Transient(f"kafka: {text}")
    if not isinstance(error, psycopg.Error):
        return Fault(f"{type(error).__name__}: {text}")
    kind = (error.sqlstate or "")[:2]
    if not kind and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Transient(f"database: {text}")
    if kind in TRANSIENT:
        return Transient(f"database: {text} ({error.sqlstate})")
    if kind in POISON or isinstance(error, psycopg.DataError):
        return Poison(f"{text} ({error.sqlstate or type(error).__name__})")
    return Fault(f"database: {text} ({error.sqlstate}): {REMEDY.get(kind, 'see the log')}")
