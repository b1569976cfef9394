"""Databases of both flavours.

TimescaleDB is in no package registry: its server is the container when a Docker daemon answers, or what a variable names.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import psycopg
import pytest
from pydantic import SecretStr

from settings import Settings
from settings.instance import instance_values, write_instance
from store import reader
from tests.containers import daemon_answers

VARIABLE: Final = "TIMESCALE_DATABASE_URL"  # an administrator's database on a server that preloads TimescaleDB
MISSING: Final = f"{VARIABLE} is not set and no Docker daemon answers: nothing of TimescaleDB is run"
OFFERED: Final = VARIABLE in os.environ or daemon_answers()
TIMESCALE: Final = pytest.param("timescale", marks=pytest.mark.skipif(not OFFERED, reason=MISSING))
FLAVOURS: Final = ("plain", TIMESCALE)


class Makes(Protocol):
    """A server that makes and drops databases: this one, or those of tests/conftest.py."""

    def database(self, name: str) -> str: ...
    def execute(self, statement: str) -> None: ...


@dataclass(frozen=True)
class Server:
    """A server outside of the tests; `database_url` is an administrator's database."""

    database_url: str

    def database(self, name: str) -> str:
        return f"{self.database_url.rsplit('/', 1)[0]}/{name}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())


def timescale(url: str) -> Server:
    """The server that the variable names, else the container at this address."""
    return Server(os.environ.get(VARIABLE) or url)


@contextmanager
def of(flavour: str, plain: Settings) -> Iterator[Settings]:
    """The instance with a database of this flavour, its instance file too; a made database lives as long as the block."""
    if flavour == "plain":
        yield _placed(plain, plain.database_url.get_secret_value(), flavour)
        return
    with empty(timescale(plain.database_url.get_secret_value())) as url:
        yield _placed(plain, url, flavour)


@contextmanager
def beside(settings: Settings, flavour: str) -> Iterator[Settings]:
    """The same settings with one more database on the same server: one of TimescaleDB holds plain tables as well."""
    with empty(Server(settings.database_url.get_secret_value())) as url:
        yield settings.model_copy(update={"database_url": SecretStr(url), "database_flavour": flavour})


@contextmanager
def empty(server: Makes) -> Iterator[str]:
    """Address of an empty database that lives as long as the block."""
    name = f"t{uuid.uuid4().hex[:12]}"
    server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield server.database(name)
    finally:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        server.execute(f'DROP ROLE IF EXISTS "{reader.name(name)}"')


def _placed(settings: Settings, url: str, flavour: str) -> Settings:
    write_instance(settings.home, instance_values(settings.home) | {"database_url": url, "database_flavour": flavour})
    return settings.model_copy(update={"database_url": SecretStr(url), "database_flavour": flavour})
