import math
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from settings import Settings
from sinks import measurement, rollups
from sinks.scored import Scored
from store import migrate
from store.database import Role, connect
from tests import flavours
from tests.sinks.building import MINUTE_US, Reading, block, records

pytestmark = pytest.mark.integration

EXPECTED = """select sensor_id, date_trunc(%s, ts, 'UTC'), count(*) filter (where value <> 'NaN'), avg(value) filter (where value <> 'NaN'),
  min(value) filter (where value <> 'NaN'), max(value) filter (where value <> 'NaN'),
  (array_agg(value order by ts desc) filter (where value <> 'NaN'))[1], avg((status >= 0)::int)::real,
  max(score) filter (where score <> 'NaN') from store.measurement group by 1, 2 order by 1, 2"""
HAVE = "select sensor_id, ts, n, mean, min, max, last, good, score_max from store.rollup_1{} order by 1, 2"
SECOND_US = 1_000_000


def check(connection: psycopg.Connection) -> None:
    for unit, suffix in (("minute", "m"), ("hour", "h")):
        expected = connection.execute(EXPECTED, (unit,)).fetchall()
        have = connection.execute(HAVE.format(suffix)).fetchall()
        assert [row[:3] for row in have] == [row[:3] for row in expected]
        for one, other in zip(have, expected, strict=True):
            assert one[3:] == pytest.approx(other[3:]), unit


def test_rollups_follow_new_late_old_and_corrected_rows(tables: Settings, connection: psycopg.Connection) -> None:
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])
    fresh = [Reading(f"s{n % 3}", ts=n * 7 * SECOND_US, value=n % 11, status=(n % 13 == 0) << 31, score=n / 10) for n in range(2000)]
    empty = [Reading("s0", ts=20_000 * SECOND_US, value=math.nan, status=1 << 31)]
    old = [Reading("s1", ts=-400 * 86_400 * SECOND_US, value=5.0), Reading("s0", ts=SECOND_US, value=9.0), Reading("s0", ts=0, value=100.0)]
    start = 0
    for number, readings in enumerate((fresh, empty, old)):
        sink.write(connection, records([block(readings, start)], first=number))
        start += len(readings)
        assert rollups.refresh(connection) > 0
        check(connection)
    assert rollups.refresh(connection) == 0


ANSWERS = (
    "select * from plant.measurement order by sensor, ts",
    "select * from plant.measurement_revision order by sensor, ts, known_at",
    "select * from plant.measurement_1m order by sensor, ts",
    "select * from plant.measurement_1h order by sensor, ts",
    "select * from plant.sensor order by sensor",
    "select * from ops.ledger order by partition, minute",
)


def answers(tables: Settings) -> list[list[tuple[Any, ...]]]:
    """What the views say after new, repeated, corrected, late and old readings; old days are compressed where that exists."""
    fresh = [Reading(f"s{n % 3}", ts=n * 7 * SECOND_US, value=n % 11, known_at=n * SECOND_US) for n in range(3000)]
    corrected = [replace(item, value=item.value + 0.5, known_at=item.known_at + MINUTE_US) for item in fresh[::5]]
    late = [replace(item, ts=item.ts + SECOND_US, known_at=item.known_at + MINUTE_US) for item in fresh[::7]]
    old = [Reading("s1", ts=-days * 86_400 * SECOND_US, value=days) for days in range(1, 800, 50)]
    repeated = [*fresh[::3], *corrected[::3], *old]
    with connect(tables, role=Role.SINK, autocommit=True) as connection:
        measurement.prepare(connection)
        sink, start = Scored(tables), 0
        sink.load(connection, "block-topic", [0])
        for number, readings in enumerate((fresh, old, corrected, late, repeated)):
            sink.write(connection, records([block(readings, start)], first=number))
            start += len(readings)
            rollups.refresh(connection)
            check(connection)
            if tables.database_flavour == "timescale":
                connection.execute("select compress_chunk(show_chunks('store.measurement'), if_not_compressed => true)")
        return [connection.execute(query).fetchall() for query in ANSWERS]


@pytest.mark.parametrize("instance", [flavours.TIMESCALE], indirect=True)
def test_both_flavours_give_the_same_answers(tables: Settings) -> None:
    with flavours.beside(tables, "plain") as plain:
        assert migrate.upgrade(plain) == "plain"
        for query, one, other in zip(ANSWERS, answers(tables), answers(plain), strict=True):
            assert len(one) > 2
            assert one == other, query


def test_a_key_is_appended_once_until_it_is_taken(tables: Settings, connection: psycopg.Connection) -> None:
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])

    def pending() -> int:
        return int(connection.execute("select count(*) from store.rollup_dirty").fetchall()[0][0])

    for at in range(3):
        sink.write(connection, records([block([Reading(ts=at)], at)], first=at))
        assert pending() == 1
    rollups.refresh(connection)
    assert pending() == 0
    sink.write(connection, records([block([Reading(ts=3)], 3)], first=3))
    assert pending() == 1


def test_keys_of_a_run_that_ended_half_way_are_not_lost(tables: Settings, connection: psycopg.Connection) -> None:
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])
    sink.write(connection, records([block([Reading(ts=0)])]))
    with connection.transaction():
        for statement in rollups.TAKE:
            connection.execute(statement)
    assert rollups.refresh(connection) == 1
    check(connection)


def test_the_latest_reading_is_found_however_old(tables: Settings, connection: psycopg.Connection) -> None:
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])
    sink.write(connection, records([block([Reading(ts=0), Reading(ts=5, value=7.0)])]))
    rollups.refresh(connection)
    assert connection.execute("select last_value, state from plant.sensor").fetchall() == [(7.0, "monitored")]


def test_absurd_values_do_not_end_the_refresh(tables: Settings, connection: psycopg.Connection) -> None:
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])
    values = (1.7e308, -1.7e308, 1.7e308, 4.0, 2.0)
    sink.write(connection, records([block([Reading(ts=n * SECOND_US, value=value) for n, value in enumerate(values)])]))
    assert rollups.refresh(connection) == 1
    for suffix in ("m", "h"):
        ((_, _, n, mean, least, most, *_),) = connection.execute(HAVE.format(suffix)).fetchall()
        assert (n, mean, least, most) == (5, 3.0, -1.7e308, 1.7e308)
