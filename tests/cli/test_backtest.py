"""The command on a small set in the real database; the figures follow from the rows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from cli.main import app
from settings import Settings
from sinks import rollups
from sinks.scored import Scored
from sinks.session import Session
from tests.sinks.building import MINUTE_US, Reading, block, records

pytestmark = pytest.mark.integration

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
STEP = """insert into store.episode_step (episode_id, revision, asset, subject, detector, kind, phase, start, last, known_at, severity,
  surprise, historical, "grouped", contributions, mode, model, thresholds, quality, correlation_id, causation_id)
  values (gen_random_uuid(), 0, %s, %s, 'level1/cusum', 'drift', 'open', %s, %s, now(), 2, 9, true, 1, '[]', '', '', '{}', 1, '', '')"""
HOURS = """insert into store.rollup_1h (sensor_id, n, ts, good, rows)
  select sensor_id, 1, h, 1, 1 from store.sensor join store.asset a using (asset_id),
  generate_series(%s::timestamptz, %s::timestamptz, '1 hour') h where a.name = %s"""


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


@pytest.fixture
def connection(instance_ready: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(instance_ready.database_url.get_secret_value(), autocommit=True) as found:
        yield found


@pytest.fixture
def home(instance_ready: Settings, connection: psycopg.Connection) -> Path:
    """Two pumps over 60 days: P-1 all the time, P-2 in the first half."""
    for asset, days in (("P-1", 60), ("P-2", 30)):
        connection.execute("insert into store.asset (name) values (%s)", (asset,))
        connection.execute(
            "insert into store.sensor (name, asset_id) select name || '.flow', asset_id from store.asset where name = %s", (asset,)
        )
        connection.execute(HOURS.encode(), (day(0), day(days) - timedelta(hours=1), asset))
    for asset, subject, since, opened in (("P-1", "machine", 2, 5), ("P-1", "machine", 50, 55), ("P-1", "sensor", 6, 6)):
        connection.execute(STEP.encode(), (asset, subject, day(since), day(opened)))
    return instance_ready.home


def run(home: Path, path: Path, *words: str, code: int = 0) -> str:
    arguments = ["backtest", "--work-orders", str(path), "--lead-max", "30d", *words]
    result = CliRunner().invoke(app, arguments, env={"MAINT_HOME": str(home), "COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    lines = [f"P-1,{day(20):%Y-%m-%d},bearing", f"P-2,{day(15):%Y-%m-%d},seal", f"P-9,{day(16):%Y-%m-%d},seal", "P-1,2031-01-01,bearing"]
    path.write_text("asset,at,mode\n" + "\n".join(lines) + "\n")
    return path


def test_the_figures_and_what_is_missing(home: Path, orders: Path) -> None:
    found: dict[str, Any] = json.loads(run(home, orders, "--json"))
    assert [(row["asset"], row["outcome"], row["lead_days"]) for row in found["failures"]] == [
        ("P-1", "hit", 15.0),  # counted from where it opened, not from where the drift is thought to have begun
        ("P-2", "missed", None),
        ("P-9", "no_data", None),
    ]
    rules, always, never, _ = found["scores"]
    assert (rules["raises"], rules["hits"], rules["false"], rules["recall"], rules["precision"]) == (2, 1, 1, 0.5, 0.5)
    assert rules["false_per_machine_month"] == pytest.approx(30.4375 / 90)
    assert (always["recall"], never["recall"]) == (1.0, 0.0)
    covered = found["covered"]
    assert (covered["first"], covered["last"]) == ("2025-01-01 00:00:00Z", "2025-03-02 00:00:00Z")
    assert (covered["assets_without_readings"], covered["failures_outside"]) == (["P-9"], 1)
    assert covered["share_with_readings"] == pytest.approx(0.75)
    assert covered["thin_assets"] == {"P-2": 0.5}


def test_for_people(home: Path, orders: Path) -> None:
    text = run(home, orders, "--from", "2025-01-01", "--to", "2025-03-02")
    assert "25.0% of the time holds no reading" in text
    assert "few readings: P-2 50% of the period" in text
    assert "in the work orders but without readings: P-9" in text


def test_what_is_stored_but_not_yet_rolled_up_counts(home: Path, orders: Path, connection: psycopg.Connection) -> None:
    """Right after a load the rollups are empty or behind: P-2's second half came just now, P-1's last hour is being rolled up."""
    taken = (
        "with gone as (delete from store.rollup_1h where ts = %s returning sensor_id, ts) insert into store.rollup_work select * from gone"
    )
    connection.execute(taken.encode(), (day(60) - timedelta(hours=1),))
    new = """insert into store.rollup_dirty select sensor_id, m from store.sensor, generate_series(%s::timestamptz, %s::timestamptz,
      '30 minutes') m where name = 'P-2.flow'"""
    connection.execute(new.encode(), (day(30), day(60) - timedelta(minutes=30)))
    covered = json.loads(run(home, orders, "--json"))["covered"]
    assert (covered["last"], covered["thin_assets"]) == ("2025-03-02 00:00:00Z", {})
    assert covered["share_with_readings"] == pytest.approx(1.0)
    connection.execute("delete from store.rollup_1h")
    assert json.loads(run(home, orders, "--json"))["covered"]["assets"] == 2, "a back-test before the first rollup"


def test_what_the_sink_has_just_written_counts_before_and_after_it_is_rolled_up(
    instance_ready: Settings, connection: psycopg.Connection, tmp_path: Path
) -> None:
    session, sink = Session(instance_ready), Scored(instance_ready)
    sink.load(session.connection, "blocks", [0])
    sink.write(session.connection, records([block([Reading("P1.temp", ts=hour * 60 * MINUTE_US) for hour in range(48)])]))
    session.drop()
    path = tmp_path / "orders.csv"
    path.write_text("asset,at\npump,2026-01-02T12:00\n")
    before = json.loads(run(instance_ready.home, path, "--json"))["covered"]
    assert (before["first"], before["last"], before["machine_months"]) == (
        "2026-01-01 00:00:00Z", "2026-01-03 00:00:00Z", pytest.approx(2 / 30.4375),
    )  # fmt: skip
    assert rollups.refresh(connection) == 48
    assert json.loads(run(instance_ready.home, path, "--json"))["covered"] == before


def test_episodes_that_arrive_just_now_are_a_reason_to_look_again(home: Path, orders: Path, connection: psycopg.Connection) -> None:
    assert "more may be on their way" in run(home, orders)
    connection.execute("update store.episode_step set known_at = now() - interval '1 hour'")
    assert "more may be on their way" not in run(home, orders)


def test_a_page_is_120_columns_wide_at_most(home: Path, orders: Path, connection: psycopg.Connection) -> None:
    for detector, kind in (("level1/reference", "drift"), ("level1/ewma", "out_of_usual"), ("level1/limit", "limit_high")):
        changed = STEP.replace("'level1/cusum', 'drift'", f"'{detector}', '{kind}'")
        connection.execute(changed.encode(), ("P-1", "machine", day(3), day(7)))
    with orders.open("a") as file:
        file.write(f"P-1,{day(21):%Y-%m-%d},{'bearing of the drive end ran hot and was replaced ' * 3}\n")
    page = run(home, orders)
    assert max(len(line) for line in page.splitlines() if line[:1] in "┏┃│└") <= 120
    assert "level1/reference" in page


def test_mistakes(home: Path, orders: Path) -> None:
    assert "--from must lie before --to" in run(home, orders, "--from", "2025-03-01", "--to", "2025-02-01", code=1)
    assert "--lead-min must be shorter" in run(home, orders, "--lead-min", "40d", code=2)
    assert "no column 'cause'" in run(home, orders, "--mode-column", "cause", code=1)
