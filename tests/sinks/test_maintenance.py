import re
import time
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import psycopg
import pytest

from settings import Settings
from sinks import retention, spectra
from sinks.maintenance import TURN, Maintenance, repeat
from sinks.scored import Scored
from store import reader
from store.database import connect
from telemetry.health import Health
from tests import flavours
from tests.sinks.building import BASE_US, Reading, block, records
from tests.sinks.test_table import SPECTRUM, write

pytestmark = pytest.mark.integration
PATIENCE_S = 60
DAY_US = 86_400_000_000
EXPIRED = {"plain": 1, "timescale": 2}  # a month that got something late stays whole, of days only that day
BASE = datetime.fromtimestamp(BASE_US / 1e6, UTC)


def written(tables: Settings, connection: psycopg.Connection, *readings: Reading) -> None:
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])
    sink.write(connection, records([block(readings)]))


def test_one_run_does_every_job_and_says_so(tables: Settings, connection: psycopg.Connection) -> None:
    written(tables, connection, Reading())
    health = Health()
    maintenance = Maintenance(tables, health)
    maintenance.run()
    jobs = connection.execute("select job, ok from ops.job_health where job not like 'timescaledb: %' order by 1").fetchall()
    assert jobs == [(name, True) for name in sorted(maintenance.jobs)]
    assert connection.execute("select count(*) from plant.measurement_1m").fetchall() == [(1,)]
    assert health.snapshot()["jobs"]["ok"]


def test_a_job_that_fails_is_seen_and_the_others_go_on(tables: Settings, connection: psycopg.Connection) -> None:
    connection.execute("alter table store.rollup_work rename to gone")
    health = Health()
    Maintenance(tables, health).run()
    failed = connection.execute("select job, last_success from ops.job_health where not ok").fetchall()
    assert failed == [("rollups", None)]
    assert "rollups" in health.snapshot()["jobs"]["reason"]
    assert health.ready().ok, "a failed job does not stop the sink"


@pytest.mark.parametrize("instance", [flavours.TIMESCALE], indirect=True)
def test_a_failed_job_of_the_database_is_said(tables: Settings, connection: psycopg.Connection) -> None:
    connection.execute("""create procedure store.broken(job_id int, config jsonb) language plpgsql
      as $$ begin raise exception 'no space'; end $$""")
    connection.execute("select add_job('store.broken', '1 day')")
    end = time.monotonic() + PATIENCE_S
    while connection.execute("select from ops.job_health where not ok").fetchall() == []:  # a worker of the server runs it
        assert time.monotonic() < end
        time.sleep(0.1)
    health = Health()
    Maintenance(tables, health).run()
    said = health.snapshot()["jobs"]
    assert not said["ok"]
    assert re.fullmatch(r"timescaledb: broken \d+: Failed: no space", said["reason"])
    assert connection.execute("select last_success from ops.job_health where not ok").fetchall() == [(None,)]
    with psycopg.connect(reader.url(tables)) as people:
        assert people.execute("select ok, detail from ops.job_health where job like '%broken%'").fetchall() == [(False, "Failed")]
    assert health.ready().ok, "a failed job does not stop the sink"


@pytest.mark.parametrize("instance", [flavours.TIMESCALE], indirect=True)
def test_compressed_days_expire_and_are_made_again(tables: Settings, connection: psycopg.Connection) -> None:
    readings = [Reading(ts=-400 * DAY_US), Reading(ts=-399 * DAY_US, known_at=20 * DAY_US)]
    written(tables, connection, *readings)
    connection.execute("select compress_chunk(show_chunks('store.measurement'))")
    assert len(retention.expire(connection, "timescale", BASE + timedelta(days=30), 20)) == 1
    left = "select (select count(*) from timescaledb_information.chunks), (select count(*) from plant.measurement)"
    assert connection.execute(left).fetchall() == [(1, 1)]
    sink = Scored(tables)
    sink.load(connection, "block-topic", [0])
    sink.write(connection, records([block(readings, len(readings))], first=1))
    assert connection.execute(left).fetchall() == [(2, 2)]


def test_whoever_comes_second_skips_the_turn(tables: Settings, connection: psycopg.Connection) -> None:
    with connect(tables, autocommit=True) as first:
        first.execute(TURN)
        Maintenance(tables, Health()).run()
    assert connection.execute("select count(*) from store.job").fetchall() == [(0,)]


def test_it_runs_until_it_is_stopped(tables: Settings, connection: psycopg.Connection) -> None:
    stop, ran = Event(), Event()
    maintenance = Maintenance(tables, Health())

    def job(_: psycopg.Connection) -> str:
        ran.set()
        return ""

    maintenance.jobs = {"test": job}
    thread = repeat(maintenance, stop, every_s=0.01)
    assert ran.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert connection.closed is False


def test_retention_goes_by_knowledge_and_keeps_what_came_late(tables: Settings, connection: psycopg.Connection) -> None:
    written(
        tables,
        connection,
        Reading(ts=-400 * DAY_US, known_at=0),
        Reading(ts=-300 * DAY_US, known_at=0),
        Reading(ts=-299 * DAY_US, known_at=20 * DAY_US),
        Reading(ts=0, known_at=20 * DAY_US),
    )
    now = BASE + timedelta(days=30)
    flavour = tables.database_flavour
    assert retention.expire(connection, flavour, now, 0) == []
    assert len(retention.expire(connection, flavour, now, 20)) == EXPIRED[flavour]
    assert connection.execute("select count(*) from plant.measurement").fetchall() == [(4 - EXPIRED[flavour],)]


def test_spectra_go_by_their_own_setting(tables: Settings, connection: psycopg.Connection) -> None:
    for number, days in enumerate((0, 20)):
        record: dict[str, Any] = {**SPECTRUM, "known_at": BASE_US + days * DAY_US}
        record["origin"] = {**record["origin"], "nth": number}
        write(tables, connection, spectra.TABLE, record)
    now = BASE + timedelta(days=30)
    assert [retention.expire_spectra(connection, now, days) for days in (0, 40, 20, 20)] == [0, 0, 1, 0]
    assert connection.execute("select nth from store.spectrum").fetchall() == [(1,)]
