from collections.abc import Iterator

import psycopg
import pytest

from settings import Settings
from sinks import measurement
from store import migrate
from store.database import Role, connect
from tests import flavours


@pytest.fixture(params=flavours.FLAVOURS)
def instance(request: pytest.FixtureRequest, instance: Settings) -> Iterator[Settings]:
    """Every test of the sinks that needs a database runs on both flavours."""
    with flavours.of(request.param, instance) as found:
        yield found


@pytest.fixture
def tables(instance: Settings) -> Settings:
    """An instance with tables, without topics."""
    migrate.upgrade(instance)
    return instance


@pytest.fixture
def connection(tables: Settings) -> Iterator[psycopg.Connection]:
    """A session as the sink has it."""
    with connect(tables, role=Role.SINK, autocommit=True) as found:
        measurement.prepare(found)
        yield found
