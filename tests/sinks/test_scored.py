"""The writer of blocks against the real database: exactness, holes, other sinks, bad blocks."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from processors.outcome import Flag
from settings import Settings
from sinks import measurement
from sinks.errors import Fault, Stale
from sinks.retention import expire
from sinks.scored import Scored
from store.database import Role, connect
from tests.sinks.building import BASE_US, MINUTE_US, Reading, block, block_record, records

pytestmark = pytest.mark.integration


def loaded(settings: Settings, connection: psycopg.Connection) -> Scored:
    sink = Scored(settings)
    sink.load(connection, "block-topic", [0])
    return sink


def ledger(connection: psycopg.Connection) -> Counter[str]:
    cursor = connection.execute("select stored, corrected, duplicate, rejected, mark, void, expired, late from store.ledger")
    names = [column.name for column in cursor.description or ()]
    total: Counter[str] = Counter()
    for row in cursor.fetchall():
        total.update({name: n for name, n in zip(names, row, strict=True) if n})
    return total


def values(connection: psycopg.Connection) -> list[tuple[str, float]]:
    return connection.execute("select sensor, value from plant.measurement order by sensor, ts").fetchall()


def source(connection: psycopg.Connection) -> tuple[int, int | None]:
    return connection.execute("select src_off, gap_start from store.source").fetchall()[0]


def position(connection: psycopg.Connection) -> int:
    return int(connection.execute("select off from store.position where partition = 0").fetchall()[0][0])


MIXED = [Reading(ts=0, value=1.0), Reading(outcome="rejected"), Reading(outcome="mark"), Reading(ts=1, value=2.0), Reading("s1", value=3.0)]


def test_a_block_becomes_rows_and_outcomes(tables: Settings, connection: psycopg.Connection) -> None:
    assert loaded(tables, connection).write(connection, records([block(MIXED)])) == {0: 1}
    assert values(connection) == [("s0", 1.0), ("s0", 2.0), ("s1", 3.0)]
    assert ledger(connection) == {"stored": 3, "rejected": 1, "mark": 1}
    assert source(connection) == (4, None)


def test_a_second_copy_changes_nothing(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    sink.write(connection, records([block(MIXED)]))
    assert sink.write(connection, records([block(MIXED)], first=1)) == {0: 2}
    assert ledger(connection) == {"stored": 3, "rejected": 1, "mark": 1}


def test_a_worker_that_cuts_differently_after_its_return_counts_once(tables: Settings, connection: psycopg.Connection) -> None:
    cuts = [(cut, again) for cut in range(1, 6) for again in range(cut + 1)]
    sink = Scored(tables)
    sink.load(connection, "block-topic", range(len(cuts)))
    for partition, (cut, again) in enumerate(cuts):
        readings = [replace(item, sensor=f"{partition}{item.sensor}", known_at=at * MINUTE_US) for at, item in enumerate(MIXED)]
        blocks = [block(part, at, partition=partition) for part, at in ((readings[:cut], 0), (readings[again:], again)) if part]
        sink.write(connection, records(blocks, partition=partition))
    found = connection.execute("""select sum(stored), sum(rejected), sum(mark), min(minute) filter (where rejected = 1),
        min(minute) filter (where mark = 1), sum(accounted) from ops.ledger group by partition""").fetchall()
    base = datetime.fromtimestamp(BASE_US / 1e6, UTC)
    assert found == [(3, 1, 1, base + timedelta(minutes=1), base + timedelta(minutes=2), 5)] * len(cuts)


def test_a_frame_counts_once(tables: Settings, connection: psycopg.Connection) -> None:
    frame = block_record([Reading(ts=0), Reading(ts=1, flags=Flag.PART), Reading(ts=2, flags=Flag.PART)])
    frame |= {"end": 1, "offset_u4": bytes(12), "counts": [{**frame["counts"][0], "received": 1}]}
    from schemas import codec

    loaded(tables, connection).write(connection, records([codec.encode("ScoredBlock", frame)]))
    assert len(values(connection)) == 3
    assert ledger(connection) == {"stored": 1}


def test_empty_offsets_count_in_the_newest_minute(tables: Settings, connection: psycopg.Connection) -> None:
    empty: dict[str, Any] = {"start": 0, "end": 10, "voids": [{"start": 2, "end": 4}], "expired": [{"start": 4, "end": 10}]}
    value = block([Reading(ts=0), Reading(ts=1, known_at=3 * MINUTE_US)], **empty)
    loaded(tables, connection).write(connection, records([value]))
    assert ledger(connection) == {"stored": 2, "void": 2, "expired": 6}
    newest = connection.execute("select max(minute), max(minute) filter (where void = 2 and expired = 6) from store.ledger").fetchall()[0]
    assert newest[0] == newest[1]


def test_a_block_beyond_a_hole_waits_and_is_read_again(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    first, missing, later = (block([Reading(ts=at)], at) for at in range(3))
    assert sink.write(connection, records([first, later])) == {0: 1}, "the position stays before the block that waits"
    assert source(connection) == (0, 1)
    assert len(sink.holes()) == 1
    again = loaded(tables, connection)
    assert again.load(connection, "block-topic", [0]) == {0: 1}
    assert again.write(connection, records([later, missing, later], first=1)) == {0: 4}
    assert source(connection) == (2, None)
    assert not again.holes()
    assert ledger(connection) == {"stored": 3}


def test_a_hole_does_not_stop_the_other_source_of_the_partition(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    hole = block([Reading()], 5)
    frames = [block([Reading("f", ts=at)], at, topic="frames.raw.v1", topic_id="frames-id") for at in range(2)]
    assert sink.write(connection, records([hole, *frames])) == {0: 0}
    assert values(connection) == [("f", 1.0), ("f", 1.0)]
    sink.load(connection, "block-topic", [0])
    assert sink.write(connection, records([hole, *frames])) == {0: 0}
    assert ledger(connection) == {"stored": 2}


def test_of_two_sinks_with_the_same_partition_one_is_stale(tables: Settings, connection: psycopg.Connection) -> None:
    one, other = loaded(tables, connection), loaded(tables, connection)
    blocks = records([block([Reading(ts=at)], at) for at in range(2)])
    one.write(connection, blocks[:1])
    with connect(tables, role=Role.SINK, autocommit=True) as second:
        measurement.prepare(second)
        with pytest.raises(Stale):
            other.write(second, blocks)
        other.load(second, "block-topic", [0])
        assert other.write(second, blocks) == {0: 2}
    with pytest.raises(Stale):
        one.write(connection, blocks[1:])
    assert ledger(connection) == {"stored": 2}


def test_a_watermark_moved_by_a_person_makes_it_stale(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    sink.write(connection, records([block([Reading()])]))
    sink.compare(connection)
    connection.execute("update store.source set src_off = 9")
    with pytest.raises(Stale):
        sink.compare(connection)


def test_a_row_wrongly_said_to_be_in_order_is_a_duplicate(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    sink.write(connection, records([block([Reading(ts=0)])]))
    sink.write(connection, records([block([Reading(ts=0), Reading(ts=1), Reading(ts=0, value=5.0)], 1)], first=1))
    assert ledger(connection) == {"stored": 2, "duplicate": 1, "corrected": 1}
    assert values(connection) == [("s0", 5.0), ("s0", 1.0)]


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"rows": 2}, "different length"),
        ({"end": 9}, "in a span of 9"),
        ({"rejected_u4": bytes(4)}, "1 offsets of 0 rejected"),
        ({"partition": 3}, "a block of partition 3"),
        ({"sensors": []}, "behind the dictionary"),
        ({"ts_i8": bytes(8)}, "before 2000"),
        ({"value_f8": bytes(7)}, "a column cannot be read"),
        ({"rejected_u4": bytes(3)}, "a column cannot be read"),
    ],
)
def test_a_contradictory_block_is_set_aside_and_leaves_a_hole(
    tables: Settings, connection: psycopg.Connection, changed: dict[str, Any], detail: str
) -> None:
    sink = loaded(tables, connection)
    bad = block([Reading()], **changed)
    assert sink.write(connection, records([bad, block([Reading(ts=1)], 1)])) == {0: 0}, "it is read again when it can be"
    kept = connection.execute("select off, detail, value from store.poison").fetchall()
    assert [(off, value) for off, _, value in kept] == [(0, bad)]
    assert detail in kept[0][1]
    assert source(connection) == (-1, 0)


def test_a_block_the_database_refuses_is_set_aside_alone(tables: Settings, connection: psycopg.Connection) -> None:
    connection.execute("alter table store.sensor add constraint short check (length(name) < 5)")
    sink = loaded(tables, connection)
    sink.write(connection, records([block([Reading(ts=0)]), block([Reading("too-long", ts=1)], 1), block([Reading(ts=2)], 2)]))
    assert ledger(connection) == {"stored": 1}
    assert connection.execute("select off from store.poison").fetchall() == [(1,)]
    assert source(connection) == (0, 1)


def test_a_block_of_a_topic_made_anew_is_a_fault(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    sink.write(connection, records([block([Reading()])]))
    with pytest.raises(Fault, match="maint rebase"):
        sink.write(connection, records([block([Reading()], 0, topic_id="another")], first=1))
    with pytest.raises(Fault, match="maint rebase"):
        sink.load(connection, "another block topic", [0])
    assert ledger(connection) == {"stored": 1}


def test_rows_of_any_year_find_their_partition(tables: Settings, connection: psycopg.Connection) -> None:
    year_us = 365 * 86400 * 1_000_000
    back = [Reading(ts=-26 * year_us), Reading(ts=-13 * year_us), Reading(ts=0)]
    loaded(tables, connection).write(connection, records([block(back)]))
    assert len(values(connection)) == 3
    assert ledger(connection) == {"stored": 3}


def test_a_month_that_retention_dropped_is_made_again(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    sink.write(connection, records([block([Reading(ts=0)])]))
    with connect(tables, autocommit=True) as keeper:
        dropped = expire(keeper, tables.database_flavour, datetime.now(UTC) + timedelta(days=2), 1)
    assert dropped == ["store.measurement_2026_01" if tables.database_flavour == "plain" else "_timescaledb_internal._hyper_1_1_chunk"]
    assert sink.write(connection, records([block([Reading(ts=1, value=2.0)], 1)], first=1)) == {0: 2}
    assert values(connection) == [("s0", 2.0)]
    assert connection.execute("select count(*) from store.poison").fetchall() == [(0,)]


def test_large_batches_are_cut(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables.model_copy(update={"sink_rows_max": 100}), connection)
    assert sink.write(connection, records([block([Reading(ts=at * 60 + n) for n in range(60)], at * 60) for at in range(5)])) == {0: 5}
    assert ledger(connection) == {"stored": 300}


def test_a_sensor_is_described_as_last_seen_and_nul_is_shown(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    learning = block_record([Reading("a\x00b")])
    learning["sensors"][0]["state"] = "learning"
    from schemas import codec

    sink.write(connection, records([codec.encode("ScoredBlock", learning), block([Reading("a\x00b", ts=1)], 1)]))
    assert connection.execute("select sensor, asset, state from plant.sensor").fetchall() == [("a␀b", "pump", "monitored")]


def test_a_database_that_dies_in_the_middle_stores_nothing_of_the_batch(tables: Settings, connection: psycopg.Connection) -> None:
    sink = loaded(tables, connection)
    sink.write(connection, records([block([Reading(ts=0)])]))
    killer = f"""create function kill() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend({connection.info.backend_pid}); perform pg_sleep(5); return null; end $$;
      create trigger kill after update on store.position for each statement execute function kill()"""
    connection.execute(killer)
    with pytest.raises(psycopg.OperationalError):
        sink.write(connection, records([block([Reading(ts=1)], 1)], first=1))
    with connect(tables, role=Role.SINK, autocommit=True) as second:
        second.execute("drop trigger kill on store.position")
        measurement.prepare(second)
        assert position(second) == 1
        assert sink.load(second, "block-topic", [0]) == {0: 1}
        sink.write(second, records([block([Reading(ts=1)], 1)], first=1))
        assert ledger(second) == {"stored": 2}
