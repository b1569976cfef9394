import time
from threading import Event, Thread

import psycopg
import pytest

from settings import Settings
from sinks.pulse import EVERY_S, Pulse
from store.database import connect
from telemetry.health import Health
from telemetry.metrics import LATENCY


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_it_is_due_every_few_seconds() -> None:
    clock = Clock()
    pulse = Pulse("sink-1", "readings.scored.v1", clock)
    assert not pulse.due()
    clock.now += EVERY_S
    assert pulse.due()


@pytest.mark.integration
def test_speed_is_that_of_the_rows_since_the_last_time(instance: Settings) -> None:
    from store import migrate

    migrate.upgrade(instance)
    clock = Clock()
    clock.now = 4e9  # in the far future: nothing of it expires
    LATENCY.observe([3000.0] * 50, "measurement")  # before this sink began
    pulse = Pulse("sink-1", "readings.scored.v1", clock)
    with connect(instance) as connection:
        LATENCY.observe([0.15] * 100, "measurement")
        pulse.write(connection, {"readings.scored.v1": 7, "rejections.v1": 0})
        clock.now += EVERY_S
        pulse.write(connection, {"readings.scored.v1": 0})
        assert stored(connection) == [
            ("readings.scored.v1", 100, pytest.approx(0.15, abs=0.05), pytest.approx(0.2, abs=0.01), 7),
            ("rejections.v1", 0, None, None, 0),
            ("readings.scored.v1", 0, None, None, 0),
        ]


@pytest.mark.integration
def test_old_lines_are_removed(instance: Settings) -> None:
    from store import migrate

    migrate.upgrade(instance)
    with connect(instance) as connection:
        Pulse("sink-1", "readings.scored.v1", Clock()).write(connection, {"readings.scored.v1": 1})  # in 2023
        assert stored(connection) == []


@pytest.mark.integration
def test_the_deliver_loop_writes_it(instance_ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from sinks.deliver import Deliver

    monkeypatch.setattr("sinks.pulse.EVERY_S", 0.1)
    settings = instance_ready.model_copy(update={"topic_check_s": 0.1})
    deliver, stop, until = Deliver(settings, Health()), Event(), time.monotonic() + 60
    thread = Thread(target=deliver.run, args=(stop,))
    thread.start()
    try:
        with connect(settings, autocommit=True) as connection:
            while not (written := stored(connection)) and time.monotonic() < until:
                stop.wait(0.2)
    finally:
        stop.set()
        thread.join()
    assert {row[0] for row in written} == set(deliver.lanes)
    assert {row[4] for row in written} == {0}


def stored(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute("select topic, rows, p50_s, p99_s, lag from ops.delivery order by at, topic").fetchall()
