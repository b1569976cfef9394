"""maint baseline as a person calls it, against the real broker and database."""

import json
from typing import Any

import numpy as np
import psycopg
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from processors.outcome import MODE_SHIFT, Flag
from schemas.codec import Decoded, decode
from settings import Settings
from streams.topics import CATALOGUE
from tests.faults.checker import Log

pytestmark = pytest.mark.integration
PERIOD = ("--from", "2026-03-01", "--to", "2026-03-08")
MINUTES = 5
COUNT = 7 * 24 * 60 // MINUTES


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["baseline", *words])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def plant(instance_ready: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A pump that rests at night, and another that passes a limit."""
    monkeypatch.setenv("MAINT_HOME", str(instance_ready.home))
    rng = np.random.default_rng(5)
    running = np.arange(COUNT) // (12 * 60 // MINUTES) % 2 == 0
    flags = np.where(running, 2, 1) << MODE_SHIFT
    values = {
        "P1.speed": np.where(running, 1000.0 + rng.normal(0, 50, COUNT), rng.normal(0, 1, COUNT)),
        "P2.temp": 50.0 + rng.normal(0, 1, COUNT),
    }
    values["P1.temp"] = np.where(running, 20.0 + 0.05 * values["P1.speed"], 20.0) + rng.normal(0, 0.5, COUNT)
    with psycopg.connect(instance_ready.database_url.get_secret_value()) as connection:
        connection.execute("create table if not exists store.measurement_2026_03 partition of store.measurement for values from "
                           "('2026-03-01') to ('2026-04-01')")  # fmt: skip
        drivers = json.dumps([{"role": "speed", "sensor_id": "P1.speed"}])
        connection.execute("insert into store.asset (name, drivers) values ('P1', %s), ('P2', '[]')", (drivers,))
        for name, column in values.items():
            (number,) = connection.execute(
                "insert into store.sensor (name, asset_id, quantity, state) select %s, asset_id, 'general', 'monitored' "
                "from store.asset where name = %s returning sensor_id", (name, name[:2]),
            ).fetchone()  # type: ignore[misc]  # fmt: skip
            bits = flags if name.startswith("P1") else np.full(COUNT, int(Flag.LIMIT))
            connection.execute(
                """insert into store.measurement (sensor_id, status, ts, value, known_at, off, score, flags, source)
                   select %s, 0, timestamptz '2026-03-01 00:00+00' + i * make_interval(mins => %s), v, now(), i, 'NaN', f, 1
                   from unnest(%s::float8[], %s::int[]) with ordinality as x (v, f, i)""",
                (number, MINUTES, column.tolist(), bits.tolist()),
            )
    return instance_ready


def published(settings: Settings) -> list[dict[str, Any]]:
    log = Log(settings.kafka, settings.topic(CATALOGUE))
    try:
        found = [decode(record.value) for partition in range(log.partitions) for record in log.records(partition)]
    finally:
        log.close()
    return [each.record for each in found if isinstance(each, Decoded)]


def test_a_period_is_proposed_by_mode_and_accepted_by_name(plant: Settings) -> None:
    proposed = {(row["sensor"], row["mode"]): row for row in json.loads(call("propose", "P1", *PERIOD, "--json").stdout)}
    assert proposed.keys() == {(sensor, mode) for sensor in ("P1.speed", "P1.temp") for mode in ("off", "running")}
    running = proposed["P1.temp", "running"]
    assert running["drivers"].startswith("P1.speed +0.0")
    assert running["spread"] == pytest.approx(0.5, rel=0.1), "what is left when the speed is taken off"
    assert not published(plant)
    call("accept", "P1", *PERIOD, "--who", "R. Ortiz")
    entries = {(entry["sensor_id"], entry["baseline"]["mode"]): entry["baseline"] for entry in published(plant)}
    assert entries.keys() == proposed.keys()
    assert {(entry["accepted"], entry["who"], entry["reason"]) for entry in entries.values()} == {(True, "R. Ortiz", None)}


def test_what_a_rule_speaks_against_needs_a_reason(plant: Settings) -> None:
    told = call("accept", "P2", *PERIOD, "--who", "R. Ortiz", code=1)
    assert "limit" in told.output
    assert "maint: 0 of 1 accepted; refused: P2.temp: 2015 readings beyond a limit: " in told.output
    assert told.output.rstrip().endswith("or accept it with --force REASON")
    assert not published(plant)
    call("accept", "P2", *PERIOD, "--who", "R. Ortiz", "--force", "the limit was wrong")
    (entry,) = published(plant)
    assert entry["baseline"]["reason"] == "the limit was wrong"


def test_what_was_accepted_and_what_was_refused_is_said(plant: Settings) -> None:
    """One sensor is fine, one passes a limit, one has nothing in the period: exit code 1, each by name."""
    with psycopg.connect(plant.database_url.get_secret_value()) as connection:
        connection.execute("insert into store.sensor (name, asset_id, quantity, state) select 'P2.flow', asset_id, 'flow', 'monitored' "
                           "from store.asset where name = 'P2'")  # fmt: skip
    told = call("accept", "P*", *PERIOD, "--who", "R. Ortiz", code=1)
    assert "accepted: P1.speed off, P1.speed running, P1.temp off, P1.temp running\n" in told.stdout
    assert "maint: 4 of 6 accepted; refused: P2.flow: no settled reading in this period; P2.temp: 2015" in told.stderr
    assert len(published(plant)) == 4
    rows = json.loads(call("accept", "P*", *PERIOD, "--who", "R. Ortiz", "--force", "tried", "--json", code=1).stdout)
    assert {row["sensor"] for row in rows if not row["accepted"]} == {"P2.flow"}, "nothing can be made of no reading, whatever the reason"


SHORT = ("--from", "2026-03-01", "--to", "2026-03-02T12:00:00")  # 24 h of running, 12 h of rest


def test_a_mode_that_nobody_named_may_be_too_short(plant: Settings) -> None:
    told = call("accept", "P1", *SHORT, "--who", "R. Ortiz")
    assert "accepted: P1.speed running, P1.temp running\n" in told.stdout
    assert "maint: 2 of 4 accepted; refused: P1.speed off: 12.2 h of settled readings, at least 24 h are needed" in told.stderr
    assert {entry["baseline"]["mode"] for entry in published(plant)} == {"running"}


@pytest.mark.parametrize(
    ("modes", "code", "accepted", "why"),
    [
        (("running",), 0, 2, ""),
        (("off",), 1, 0, "12.2 h of settled readings"),
        (("running", "off"), 1, 2, "12.2 h of settled readings"),
        (("running", "sprint"), 1, 2, "P1.speed sprint: no settled reading in this period"),
    ],
)
def test_a_mode_that_was_named_must_be_accepted(plant: Settings, modes: tuple[str, ...], code: int, accepted: int, why: str) -> None:
    told = call("accept", "P1", *SHORT, "--who", "R. Ortiz", *(word for mode in modes for word in ("--mode", mode)), code=code)
    assert len(published(plant)) == accepted
    assert why in told.stderr
    assert bool(told.stderr) is bool(why)


def test_a_sensor_that_is_left_without_any_reference_is_no_success(plant: Settings) -> None:
    assert plant
    told = call("accept", "P1", "--from", "2026-03-01", "--to", "2026-03-01T06:00:00", "--who", "R. Ortiz", code=1)
    assert "maint: 0 of 2 accepted; refused: P1.speed running: 6.0 h" in told.stderr


def test_pages_are_120_columns_wide_at_most_and_documents_hold_all_digits(plant: Settings) -> None:
    page = call("propose", "P*", *PERIOD).stdout
    assert max(len(line) for line in page.splitlines() if line[:1] in "┏┃│└") <= 120
    rows = json.loads(call("propose", "P1", *PERIOD, "--json").stdout)
    assert all(len(str(row["spread"])) > 6 for row in rows)
    with psycopg.connect(plant.database_url.get_secret_value()) as connection:
        connection.execute(
            """insert into store.baseline (sensor, mode, version, asset, normal, spread, sway, readings, "begin", "end", accepted, who,
               reason) values ('P1.bearing_temperature', 'running', 1, 'P1', 23.456789, 0.123456, 0.1, 5000, '2026-03-01 00:00+00',
               '2026-03-08 00:00+00', true, 'R. Ortiz', 'the limit was wrong and has been raised since, see the order'),
               ('P1.temp', 'off', 1, 'P1', 20, 0.1, 0.1, 9, null, null, false, null, null)"""
        )
    page = call("show").stdout
    assert max(len(line) for line in page.splitlines()) <= 120
    assert all(word in page for word in ("23.5", "0.123", "2026-03-01 to", "R. Ortiz: the limit was", "wrong and has been raised"))


@pytest.mark.parametrize("words", [("propose", "P1"), ("accept", "P1", "--who", "R. Ortiz")])
@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [
        (
            "2026-03-08",
            "2026-03-01",
            "'--to': 2026-03-01T00:00:00+00:00 is not later than --from 2026-03-08T00:00:00+00:00",
        ),
        ("2026-03-08", "2026-03-08", "swap the two"),
        (
            "2926-03-01",
            "2926-03-08",
            "'--from': 2926-03-01T00:00:00+00:00 lies in the future: name a period that is over",
        ),
        ("2026-03-01", "2926-03-08", "Invalid value for '--to': 2926-03-08T00:00:00+00:00 lies in the future"),
    ],
)
def test_a_period_must_have_been(words: tuple[str, ...], begin: str, end: str, told: str) -> None:
    output = call(*words, "--from", begin, "--to", end, code=2).output
    assert told in " ".join(output.replace("│", " ").split())


def test_nothing_is_a_clear_line(plant: Settings) -> None:
    assert "see `maint sensors list`" in call("propose", "P9", *PERIOD, code=1).output
    assert plant
    assert "no reference yet" in call("show").output


def test_a_steady_sensor_that_reports_by_exception_gets_a_reference_from_the_time_its_values_held(plant: Settings) -> None:
    """Some two readings a day: by readings there are 16 spans of ten minutes, too few; by time there is a week."""
    with psycopg.connect(plant.database_url.get_secret_value()) as connection:
        connection.execute("insert into store.sensor (name, asset_id, quantity, state, reporting) select 'P2.level', asset_id, 'level', "
                           "'monitored', 'by_exception' from store.asset where name = 'P2'")  # fmt: skip
        connection.execute(
            """insert into store.measurement (sensor_id, status, ts, value, known_at, off, score, flags, source)
               select sensor_id, 0, timestamptz '2026-03-01 00:00+00' + i * interval '11 hours', 50 + 0.2 * (i %% 2), now(), i, 'NaN', 0, 1
               from store.sensor, generate_series(0, 15) i where name = %s""",
            ("P2.level",),
        )
    found = {row["sensor"]: row for row in json.loads(call("propose", "P2", *PERIOD, "--json").stdout)}
    level = found["P2.level"]
    assert level["against"] == ""
    assert level["readings"] == 7 * 144
    assert level["normal"] == pytest.approx(50.1, abs=0.11)
    assert level["sway"] >= 0.19, "one reported step is no deviation"
