import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import forward
from bridge.forward import Forwarder
from bridge.reading import Record
from bridge.spool import Spool
from telemetry.health import Health
from tests.bridge.building import Memory, until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "WAIT_S", 0.01)
    monkeypatch.setattr(forward, "SLOW_S", 0.02)
    monkeypatch.setattr(forward, "AGAIN_S", 0.01)


@contextmanager
def running(work: Callable[[], None], stop: Event) -> Iterator[None]:
    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def records(count: int, first: int = 0) -> list[Record]:
    return [Record(b"k", b"%d" % number) for number in range(first, first + count)]


def test_a_broker_that_is_away_is_told_and_waited_for(tmp_path: Path) -> None:
    spool, outlet, health, stop = Spool(tmp_path, bytes_max=10**6), Memory(), Health(), Event()
    outlet.away = True
    spool.append(records(5))
    with running(Forwarder(spool, outlet, health, stop).run, stop):
        until(lambda: not health.snapshot()["kafka"]["ok"])
        assert health.snapshot()["kafka"]["reason"].endswith("5 readings wait on disk")
        assert spool.waiting == 5
        outlet.away = False
        until(lambda: health.snapshot()["kafka"]["ok"])
        until(lambda: spool.waiting == 0)
    assert outlet.stored == records(5)
    spool.close()


def test_what_is_refused_is_sent_again(tmp_path: Path) -> None:
    spool, outlet, health, stop = Spool(tmp_path, bytes_max=10**6), Memory(), Health(), Event()
    outlet.refuse = "unknown topic"
    spool.append(records(5))
    with running(Forwarder(spool, outlet, health, stop).run, stop):
        until(lambda: outlet.renewed >= 2)
        assert "the broker refuses: unknown topic" in health.snapshot()["kafka"]["reason"]
        outlet.refuse = ""
        until(lambda: spool.waiting == 0)
    assert outlet.stored == records(5)
    spool.close()


@given(st.lists(st.integers(0, 20), max_size=6))
@settings(deadline=None, max_examples=20)
def test_everything_arrives_once_and_in_order(counts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool, outlet, stop = Spool(Path(folder), bytes_max=10**6, segment_bytes=100, sync=False), Memory(), Event()
        with running(Forwarder(spool, outlet, Health(), stop).run, stop):
            for place, count in enumerate(counts):
                spool.append(records(count, 100 * place))
            until(lambda: spool.waiting == 0)
        assert outlet.stored == [record for place, count in enumerate(counts) for record in records(count, 100 * place)]
        spool.close()
