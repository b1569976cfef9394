"""Health in the real database: what counts in it, and what does not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from settings import Settings
from store.partitions import Months
from tests.catalogue.building import asset, sensor
from tests.sinks.test_catalogue import reference, write

pytestmark = pytest.mark.integration

BASE = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(minutes=10)
PARTS = "select sensor, health, fault, held from plant.health_part where start = %s order by sensor"
WHOLE = "select start, health, worst_sensor, sensors, accepted, faulty from plant.health order by start"
WINDOW = """insert into store.feature (asset, window_s, start, sensors, n, good, mean, std, min, max, first, last, slope, rms, peak_to_peak,
    kurtosis, crest, surprise, mode, historical, known_at, kernel, topic_id, partition, off, nth)
  select 'P1', 600, %(start)s, %(sensors)s, o, o, %(means)s, o, o, o, o, o, o, o, o, o, o, o, '', false, %(start)s, '1', '', 0, %(nth)s, 0
  from (select array_fill(1::float8, array[cardinality(%(sensors)s::text[])]) as o) x"""
EPISODE = """insert into store.episode (episode_id, revision, asset, subject, detector, kind, phase, start, last, "end", known_at, severity,
    surprise, historical, "grouped", contributions, mode, model, thresholds, quality, correlation_id, causation_id)
  values (gen_random_uuid(), 0, 'P1', %s, 'health/stuck', %s, 'open', %s, %s, %s, now(), 2, 'NaN', false, 0, %s, '', '', '{}', 0, '', '')"""


def window(connection: psycopg.Connection, nth: int, means: dict[str, float]) -> None:
    connection.execute(WINDOW, {"start": BASE + nth * SPAN, "sensors": list(means), "means": list(means.values()), "nth": nth})


def episode(connection: psycopg.Connection, name: str, begin: int, end: int | None, subject: str = "sensor") -> None:
    """An episode from the middle of one window to the middle of another; `end` None: it lasts."""
    since, until = BASE + (begin + 0.5) * SPAN, None if end is None else BASE + (end + 0.5) * SPAN
    found = json.dumps([{"sensor_id": name, "share": 1.0, "detector": "health/stuck", "kind": "stuck_at_value"}])
    connection.execute(EPISODE, (subject, "stuck_at_value", since, since, until, found))


def reading(connection: psycopg.Connection, name: str, minute: float, value: float, status: int = 0) -> None:
    at = BASE + timedelta(minutes=minute)
    Months().ensure(connection, {(2026, 1)})
    connection.execute(
        """insert into store.measurement (sensor_id, status, ts, value, known_at, off, score, flags, source)
           select sensor_id, %s, %s, %s, %s, 0, 'NaN', 0, 1 from store.sensor where name = %s""",
        (status, at, value, at, name),
    )


def of(name: str, **stated: Any) -> dict[str, Any]:
    return {**reference(**stated), "sensor_id": name}


def test_a_sensor_at_fault_does_not_count_while_that_lasts(tables: Settings, connection: psycopg.Connection) -> None:
    """Stuck far off from the middle of window 1 to that of window 2; a machine episode changes nothing."""
    write(tables, connection, asset(), *(sensor(name) for name in ("P1.a", "P1.b")), of("P1.a"), of("P1.b"))
    for nth in range(4):
        window(connection, nth, {"P1.a": 80.0, "P1.b": 61.0})
    episode(connection, "P1.a", 1, 2)
    episode(connection, "P1.b", 0, None, "machine")
    found = {row[0]: row[1:] for row in connection.execute(WHOLE).fetchall()}
    assert [found[BASE + nth * SPAN] for nth in range(4)] == [
        (0.0, "P1.a", 2, True, 0), (0.5, "P1.b", 1, True, 1), (0.5, "P1.b", 1, True, 1), (0.0, "P1.a", 2, True, 0),
    ]  # fmt: skip
    assert connection.execute(PARTS, (BASE + SPAN,)).fetchall() == [("P1.a", None, "stuck_at_value", False), ("P1.b", 0.5, None, False)]


def test_health_is_unknown_when_no_sound_sensor_is_left(tables: Settings, connection: psycopg.Connection) -> None:
    """What a driver at fault explains is unknown, too."""
    shares = [{"sensor_id": "P1.speed", "slope": 0.1, "centre": 1000.0}]
    write(tables, connection, asset(), sensor("P1.a"), sensor("P1.speed"), of("P1.a", drivers=shares))
    window(connection, 0, {"P1.a": 51.0, "P1.speed": 2000.0})
    episode(connection, "P1.speed", -1, None)
    assert connection.execute(WHOLE).fetchall() == [(BASE, None, None, 0, None, 1)]


def exceptional(**stated: Any) -> dict[str, Any]:
    return sensor("P1.a", reporting="by_exception", **stated)


@pytest.mark.parametrize(("period_s", "held"), [(None, [1, 2, 100, 144]), (1200.0, [1, 2])])
def test_a_value_reported_by_exception_counts_while_it_holds(
    tables: Settings, connection: psycopg.Connection, period_s: float | None, held: list[int]
) -> None:
    """One reading in window 0; another sensor goes on. It holds for three longest intervals, or a day without one."""
    write(tables, connection, asset(), exceptional(period_s=period_s), sensor("P1.b"), of("P1.a"), of("P1.b"))
    window(connection, 0, {"P1.a": 61.0, "P1.b": 50.0})
    reading(connection, "P1.a", 5.0, 61.0)
    for nth in (1, 2, 100, 144, 145):
        window(connection, nth, {"P1.b": 50.0})
    query = "select start, mean, health from plant.health_part where sensor = 'P1.a' and held order by start"
    assert connection.execute(query).fetchall() == [(BASE + nth * SPAN, 61.0, 0.5) for nth in held]
    query = "select start, health from plant.health where worst_sensor = 'P1.a' order by start"
    assert connection.execute(query).fetchall() == [(BASE + nth * SPAN, 0.5) for nth in (0, *held)]


def test_only_a_sound_value_reported_by_exception_holds(tables: Settings, connection: psycopg.Connection) -> None:
    write(tables, connection, asset(), exceptional(), sensor("P1.b"), of("P1.a"), of("P1.b"))
    reading(connection, "P1.a", 1.0, 61.0)
    reading(connection, "P1.a", 2.0, 61.0, status=-2147483648)
    reading(connection, "P1.b", 1.0, 80.0)
    window(connection, 1, {"P1.b": 50.0})
    window(connection, 2, {"P1.c": 1.0})
    assert connection.execute("select sensor, start from plant.health_part").fetchall() == [("P1.b", BASE + SPAN)]


def test_a_driver_reported_by_exception_explains_while_it_holds(tables: Settings, connection: psycopg.Connection) -> None:
    shares = [{"sensor_id": "P1.a", "slope": 0.1, "centre": 1000.0}]
    write(tables, connection, asset(), exceptional(), sensor("P1.b"), of("P1.b", drivers=shares))
    reading(connection, "P1.a", 5.0, 1200.0)
    window(connection, 1, {"P1.b": 70.0})
    assert connection.execute("select expected, health from plant.health_part").fetchall() == [(70.0, 1.0)]
