"""Servers and instances for benchmarks: a native stack of their own in a temporary folder, ended and removed at the end."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from settings import Settings, load
from settings.instance import write_instance
from stack.native import Stack
from store import migrate
from streams import admin


@dataclass(frozen=True)
class Ground:
    """Running servers and a folder for what runs on them."""

    stack: Stack
    servers: Settings
    folder: Path

    def instance(self, **values: object) -> Settings:
        """A fresh instance: own namespace, empty database, topics and tables made."""
        name = f"b{uuid.uuid4().hex[:12]}"
        url = self.servers.database_url.get_secret_value()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        home = self.folder / name
        given = {
            "namespace": f"{name}.",
            "kafka_bootstrap_servers": self.servers.kafka_bootstrap_servers,
            "database_url": f"{url.rsplit('/', 1)[0]}/{name}",
            **{key: str(value) for key, value in values.items()},
        }
        write_instance(home, given)
        settings = load(home=home)
        admin.create_topics(settings)
        migrate.upgrade(settings)
        return settings


@contextmanager
def ground() -> Iterator[Ground]:
    """Servers until the block ends."""
    with TemporaryDirectory(prefix="maint-bench-") as folder:
        stack = Stack(Path(folder) / "servers")
        try:
            yield Ground(stack, stack.up(servers_only=True), Path(folder))
        finally:
            stack.down(purge=True)
