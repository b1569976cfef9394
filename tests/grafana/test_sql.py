"""Every SQL of every panel, variable and annotation runs against real tables with rows in them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from grafana.files import BOARDS
from settings import load
from store.database import connect
from tests import flavours

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC).replace(microsecond=0)
VARIABLES = {"asset": "pump's 1", "sensor": "P1.vib", "window": "60", "search": "PUMP"}
RANGES_H = (1.0, 24.0, 24.0 * 30)  # readings, minutes, hours


def expand(sql: str, *, hours: float, variables: Mapping[str, str], interval_s: int = 60) -> str:
    """What Grafana makes of a query: its macros for PostgreSQL and ${name:sqlstring}.

    The macros $__time, $__timeGroup and others that no dashboard uses are left out: they stay and fail.
    """
    start, end = NOW - timedelta(hours=hours), NOW + timedelta(minutes=1)
    texts = {"From": f"'{start:%Y-%m-%dT%H:%M:%SZ}'", "To": f"'{end:%Y-%m-%dT%H:%M:%SZ}'"}
    for name, value in variables.items():
        sql = sql.replace(f"${{{name}:sqlstring}}", "'" + value.replace("'", "''") + "'")
    sql = sql.replace("$__interval", f"{interval_s}s")
    sql = re.sub(r"\$__timeFilter\(([^)]+)\)", lambda found: f"{found[1]} BETWEEN {texts['From']} AND {texts['To']}", sql)
    for edge, moment in (("From", start), ("To", end)):
        sql = sql.replace(f"$__time{edge}()", texts[edge]).replace(f"$__unixEpoch{edge}()", str(int(moment.timestamp())))
    assert "$" not in sql, sql
    return sql


def queries() -> list[Any]:
    found = []
    for board in (board.model() for board in BOARDS):
        named = [(variable["name"], variable["query"]) for variable in board["templating"]["list"] if variable["type"] == "query"]
        named += [(note["name"], note["target"]["rawSql"]) for note in board["annotations"]["list"]]
        named += [(panel["title"], target["rawSql"]) for panel in board["panels"] for target in panel.get("targets", [])]
        found += [pytest.param(sql, id=f"{board['title']}:{name}") for name, sql in named]
    return found


@pytest.fixture(scope="module", params=flavours.FLAVOURS)
def filled(request: pytest.FixtureRequest, servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection]:
    """One database of each flavour for all queries of this module: tables and rows are made once."""
    from store import migrate

    with flavours.empty(servers if request.param == "plain" else flavours.timescale(servers.database_url)) as url:
        settings = load(home=tmp_path_factory.mktemp("home"), database_url=url, database_flavour=request.param)
        assert migrate.upgrade(settings) == request.param
        with connect(settings) as connection:
            fill(connection)
            connection.commit()
            yield connection


def fill(connection: psycopg.Connection) -> None:
    """Rows of rows.sql, in partitions that exist on both flavours."""
    from store.partitions import Months, month_of

    Months().ensure(connection, {month_of(NOW), month_of(NOW - timedelta(hours=3))})
    rows = (Path(__file__).parent / "rows.sql").read_text(encoding="utf-8")
    connection.execute(rows.replace(":now", f"timestamptz '{NOW:%Y-%m-%d %H:%M:%SZ}'").encode())


@pytest.mark.parametrize("sql", queries())
def test_query_runs_and_finds_rows(sql: str, filled: psycopg.Connection) -> None:
    """In at least one of three time ranges; times are times, series have a time and a number."""
    found: list[Any] = []
    for hours in RANGES_H:
        cursor = filled.execute(expand(sql, hours=hours, variables=VARIABLES).encode())
        rows = cursor.fetchall()
        names = [column.name for column in cursor.description or []]
        assert len(set(names)) == len(names)
        if 'AS "time"' in sql and rows:
            assert isinstance(rows[0][names.index("time")], datetime) or names[1] == "timeend"
        found += rows
    filled.rollback()
    assert found


def rows_of(title: str, connection: psycopg.Connection, hours: float = 1.0, **variables: str) -> list[tuple[Any, ...]]:
    (panel,) = [panel for board in BOARDS for panel in board.model()["panels"] if panel["title"] == title]
    return connection.execute(expand(panel["targets"][0]["rawSql"], hours=hours, variables=VARIABLES | variables).encode()).fetchall()


def test_open_episodes_name_their_sensors_with_share(filled: psycopg.Connection) -> None:
    rows = rows_of("Open episodes", filled)
    assert [(row[2], row[3], row[6]) for row in rows] == [(4, 0, "P1.vib 100 %"), (3, 1, "P1.vib 100 %")]
    assert rows_of("Open episodes", filled, search="other") == []


def test_asset_has_the_state_of_its_worst_open_episode(filled: psycopg.Connection) -> None:
    ((asset, state, episodes, *_),) = rows_of("Assets", filled)
    assert (asset, state, episodes) == (VARIABLES["asset"], 4, 2)


def test_history_of_an_asset_begins_normal_and_ends_in_alarm(filled: psycopg.Connection) -> None:
    rows = rows_of("State of assets", filled)
    assert [rows[0][2], rows[-1][2]] == [0, 4]
    assert len({row[0] for row in rows}) == len(rows)  # one state per step


def test_balance_is_the_difference_between_offsets_and_outcomes(filled: psycopg.Connection) -> None:
    ((topic, partition, newest, accounted, difference, *_),) = rows_of("Balance by partition", filled)
    assert (topic, partition, newest, accounted, difference) == ("readings.raw.v1", 0, 99, 100, 0)


@pytest.mark.parametrize(("hours", "count"), [(1.0, 361), (24.0, 20), (24.0 * 30, 20)])
def test_value_takes_readings_or_rollups_by_the_range(hours: float, count: int, filled: psycopg.Connection) -> None:
    rows = rows_of("Value and limits", filled, hours)
    assert len(rows) == count
    assert rows[0][1] == "vibration [mm/s]"


def test_reader_may_run_every_query(filled: psycopg.Connection) -> None:
    """The role of people and Grafana sees the views of plant and ops and no table."""
    role = f"{filled.info.dbname}_reader"
    filled.execute(f"set role {role}".encode())
    try:
        for query in queries():
            filled.execute(expand(str(query.values[0]), hours=1, variables=VARIABLES).encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            filled.execute("select * from store.measurement")
    finally:
        filled.rollback()
