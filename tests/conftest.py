"""Real servers for the tests: containers when a Docker daemon answers, the native stack otherwise."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from settings import STANDARD, Settings, load
from settings.instance import write_instance
from stack import kafka, postgres
from stack.native import Stack
from streams import kernels
from tests.containers import containers, daemon_answers

kernels.keep()

OWNER = "owner.pid"  # who started these servers


@dataclass(frozen=True)
class Servers:
    """Kafka and PostgreSQL of this test session.

    Attributes:
        bootstrap: address of the broker.
        database_url: address of an administrator's database.
        stack: the native stack; None when containers serve.
    """

    bootstrap: str
    database_url: str
    stack: Stack | None

    def database(self, name: str) -> str:
        return f"{self.database_url.rsplit('/', 1)[0]}/{name}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session", autouse=True)
def plain_environment() -> None:
    """Settings of the person who runs the tests must not reach them; the database always comes from the wheel."""
    for name in (*STANDARD.values(), *(name for name in os.environ if name.startswith("MAINT_"))):
        os.environ.pop(name, None)
    os.environ["PG_BINDIR"] = str(postgres.wheel())
    kafka.brief()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    if daemon_answers():
        with containers() as (bootstrap, url):
            yield Servers(bootstrap, url, None)
        return
    sweep(tmp_path_factory.getbasetemp().parent)
    stack = Stack(tmp_path_factory.mktemp("servers"))
    (stack.instance.home / OWNER).write_text(str(os.getpid()))
    try:
        settings = stack.up(servers_only=True)
        yield Servers(settings.kafka_bootstrap_servers, settings.database_url.get_secret_value(), stack)
    finally:
        stack.down(purge=True)


def sweep(folder: Path) -> None:
    """End servers of sessions that were killed before they could."""
    for owner in folder.glob(f"pytest-*/servers*/{OWNER}"):
        if not psutil.pid_exists(int(owner.read_text() or 0)):
            Stack(owner.parent).down(purge=True)


@pytest.fixture
def instance(servers: Servers, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh instance: own namespace, empty database, 4 partitions, home in a temporary folder.

    The home's instance file holds them too: commands find them with MAINT_HOME=<settings.home>.
    """
    name = f"t{uuid.uuid4().hex[:12]}"
    servers.execute(f'CREATE DATABASE "{name}"')
    values = {
        "namespace": f"{name}.",
        "partitions": "4",
        "kafka_bootstrap_servers": servers.bootstrap,
        "database_url": servers.database(name),
    }
    home = tmp_path / "home"
    write_instance(home, values)
    yield load(home=home)
    servers.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def instance_ready(instance: Settings) -> Settings:
    """An instance with its topics and tables."""
    from store import migrate
    from streams import admin

    admin.create_topics(instance)
    migrate.upgrade(instance)
    return instance


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """MLflow's tables in SQLite, made once: that takes longer than all tests on them."""
    from models.registry import Registry

    settings = load(home=tmp_path_factory.mktemp("tables"))
    Registry(settings).versions()
    return (settings.home / "models/registry.db").read_bytes()
