"""Sessions that write side by side: what one of them meets, and that nothing is lost or doubled by it."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from settings import Settings
from sinks.errors import Stale
from sinks.lanes import Lanes
from sinks.record import Record
from store.database import Role
from tests.sinks.building import Reading, block, records

pytestmark = pytest.mark.integration
PARTITIONS = range(4)
PATIENCE_S = 20
OPEN = "select count(*) from pg_stat_activity where datname = current_database() and application_name = %s"


@pytest.fixture
def lanes(tables: Settings, connection: psycopg.Connection) -> Iterator[Lanes]:
    found = Lanes(tables)
    found.load(connection, "block-topic", PARTITIONS)
    yield found
    found.close()


def batch(number: int) -> list[Record]:
    """The block of this number of each partition, two rows each."""
    return [
        record
        for partition in PARTITIONS
        for record in records(
            [block([Reading(f"s{partition}", ts=number * 2 + n) for n in range(2)], number * 2, partition=partition)],
            partition=partition,
            first=number,
        )
    ]


def stored(connection: psycopg.Connection) -> list[tuple[int, ...]]:
    """Of each partition: newest offset, records stored, duplicates."""
    return connection.execute("""select s.partition, s.src_off, sum(l.stored)::int, sum(l.duplicate)::int from store.source s
        join store.ledger l using (source) group by 1, 2 order by 1""").fetchall()


def all_once(batches: int) -> list[tuple[int, ...]]:
    return [(partition, batches * 2 - 1, batches * 2, 0) for partition in PARTITIONS]


def test_all_sessions_write_their_partitions(lanes: Lanes, connection: psycopg.Connection) -> None:
    for number in range(3):
        assert lanes.write(connection, batch(number)) == dict.fromkeys(PARTITIONS, number + 1)
    assert connection.execute(OPEN, (f"maint-{Role.SINK}",)).fetchall() == [(2,)]
    assert stored(connection) == all_once(3)


def test_a_session_that_dies_costs_nothing_but_a_new_start(lanes: Lanes, connection: psycopg.Connection) -> None:
    lanes.write(connection, batch(0))
    end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    connection.execute(end)
    with pytest.raises(psycopg.OperationalError):
        lanes.write(connection, batch(1))
    positions = lanes.load(connection, "block-topic", PARTITIONS)
    assert sorted(positions.values()) == [1, 1, 2, 2], "the other session had stored its part"
    assert lanes.write(connection, batch(1) + batch(2)) == dict.fromkeys(PARTITIONS, 3)
    assert stored(connection) == all_once(3)


def test_of_two_sinks_one_is_stale_in_any_session(tables: Settings, lanes: Lanes, connection: psycopg.Connection) -> None:
    lanes.write(connection, batch(0))
    other = Lanes(tables)
    other.load(connection, "block-topic", [3])
    other.write(connection, batch(1)[3:])
    with pytest.raises(Stale):
        lanes.write(connection, batch(1))
    assert lanes.load(connection, "block-topic", PARTITIONS) == {0: 2, 1: 1, 2: 2, 3: 2}
    lanes.write(connection, batch(1) + batch(2))
    other.close()
    assert stored(connection) == all_once(3)


def test_partitions_may_change_their_session(lanes: Lanes, connection: psycopg.Connection) -> None:
    lanes.write(connection, batch(0))
    for number, mine in enumerate(([1, 2], [2, 3], [0, 1, 2, 3]), 1):
        lanes.load(connection, "block-topic", mine)
        lanes.write(connection, [record for at in range(number + 1) for record in batch(at) if record.partition in mine])
    assert stored(connection) == all_once(4)


def test_closed_it_leaves_no_session(lanes: Lanes, connection: psycopg.Connection) -> None:
    lanes.write(connection, batch(0))
    lanes.close()
    end = time.monotonic() + PATIENCE_S
    while connection.execute(OPEN, (f"maint-{Role.SINK}",)).fetchall() != [(1,)]:
        assert time.monotonic() < end
