import threading
import time
from collections.abc import Callable, Iterator

import pytest

from schemas.codec import PENDING, SCHEMA_PENDING, Undecodable, decode, frame
from schemas.manifest import Schema
from schemas.registry import Away, Found, Missing, Registry
from schemas.resolver import WAITING_MAX, Resolver

SCHEMA: Schema = {"type": "record", "name": "Reading", "fields": []}


class Fake(Registry):
    """A registry whose answers the test sets."""

    def __init__(self, on_disk: dict[int, Schema] | None = None) -> None:
        super().__init__("http://127.0.0.1:1")
        self.answer: Found | Missing | Away = Away("connection refused")
        self.on_disk = on_disk or {}
        self.open = threading.Event()
        self.open.set()
        self.asked = 0

    def cached(self) -> dict[int, Schema]:
        return dict(self.on_disk)

    def schema(self, schema_id: int) -> Found | Missing | Away:  # noqa: ARG002  the same answer for all
        self.asked += 1
        self.open.wait(10)
        return self.answer


@pytest.fixture
def fake() -> Fake:
    return Fake({5: SCHEMA})


@pytest.fixture
def resolver(fake: Fake) -> Iterator[Resolver]:
    resolver = Resolver(fake, retry_s=0.01, missing_s=0.05)
    yield resolver
    fake.open.set()
    resolver.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_what_is_on_disk_needs_no_registry(resolver: Resolver) -> None:
    assert resolver.resolve(5) == SCHEMA


def test_pending_until_the_registry_is_back(fake: Fake, resolver: Resolver) -> None:
    found = decode(frame(7) + b"x", resolver.resolve)
    assert isinstance(found, Undecodable)
    assert found.reason == SCHEMA_PENDING
    until(lambda: resolver.away == "connection refused")
    fake.answer = Found(SCHEMA)
    until(lambda: resolver.resolve(7) == SCHEMA)
    assert resolver.away == ""


def test_unknown_until_somebody_registers_it(fake: Fake, resolver: Resolver) -> None:
    fake.answer = Missing("no such id")
    until(lambda: resolver.resolve(7) is None)
    fake.answer = Found(SCHEMA)
    until(lambda: resolver.resolve(7) == SCHEMA)


def test_never_waits_and_never_asks_twice_at_once(fake: Fake, resolver: Resolver) -> None:
    fake.open.clear()
    for _ in range(3):
        for schema_id in range(100, 100 + 2 * WAITING_MAX):
            assert resolver.resolve(schema_id) is PENDING
    assert fake.asked <= 1
    assert len(resolver._wanted) == WAITING_MAX


def test_closing_does_not_wait_for_an_absent_registry(fake: Fake) -> None:
    resolver = Resolver(fake, retry_s=3600)
    resolver.resolve(7)
    until(lambda: resolver.away != "")
    resolver.close()
    assert not resolver._thread.is_alive()
