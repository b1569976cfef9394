"""Commands that read and write the database, as a person calls them."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from settings import Settings
from sinks.rejections import TABLE
from sinks.scored import Scored
from sinks.session import Session
from sinks.table import TableSink
from streams import topics
from tests.sinks.building import Reading, block, records
from tests.sinks.test_replay import refused

pytestmark = pytest.mark.integration


@pytest.fixture
def run(instance_ready: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MAINT_HOME", str(instance_ready.home))

    def call(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output
        return result

    return call


@pytest.fixture
def filled(instance_ready: Settings) -> None:
    session = Session(instance_ready)
    sink = Scored(instance_ready)
    sink.load(session.connection, "blocks", [0])
    sink.write(session.connection, records([block([Reading("P1.temp", value=2.5), Reading("P2.temp")])]))
    table = TableSink(instance_ready, TABLE)
    table.load(session.connection, "refused", [0])
    table.write(session.connection, records([refused(7)]))
    session.drop()


def test_migrate_may_be_repeated_and_undone(run: Any) -> None:
    assert json.loads(run("migrate", "--json").output) == {"flavour": "plain", "removed": False, "registry_problems": []}
    run("migrate", "--down", "--yes")
    assert "maint migrate" in run("sensors", "list", code=1).output


@pytest.mark.usefixtures("filled")
def test_sensors_are_listed_and_shown(run: Any) -> None:
    assert [row["sensor"] for row in json.loads(run("sensors", "list", "P1*", "--json").output)] == ["P1.temp"]
    shown = json.loads(run("sensors", "show", "P1.temp", "--json").output)
    assert (shown["asset"], shown["readings"][0]["value"]) == ("pump", 2.5)
    assert "no sensor" in run("sensors", "show", "nothing", code=1).output


@pytest.mark.usefixtures("filled")
def test_refused_records_are_listed_shown_and_replayed(run: Any) -> None:
    assert json.loads(run("rejections", "list", "--summary", "--json").output)[0]["records"] == 1
    assert json.loads(run("rejections", "show", "0", "7", "--json").output)["fields"]["sensor_id"] == "s"
    assert json.loads(run("rejections", "replay", "--json").output)["sent"] == 1
    assert run("rejections", "replay").output.startswith("0 sent")
    assert json.loads(run("rejections", "list", "--json").output) == []
    assert topics.RAW in run("rejections", "list", "--all", "--json").output


def test_a_place_that_several_topics_have_needs_its_topic(run: Any, instance_ready: Settings) -> None:
    session = Session(instance_ready)
    table = TableSink(instance_ready, TABLE)
    table.load(session.connection, "refused", [0])
    elsewhere = {"topic_id": "frames", "partition": 0, "offset": 7, "nth": 0}
    table.write(session.connection, records([refused(7), refused(7, topic=topics.FRAMES, origin=elsewhere)]))
    session.drop()
    told = f"partition 0 offset 7 was refused in {topics.FRAMES}, {topics.RAW}: name one with --topic"
    assert told in run("rejections", "show", "0", "7", code=1).output
    assert told in run("rejections", "replay", "--partition", "0", "--offset", "7", "--set", "value=2.0", code=1).output
    for name in (topics.FRAMES, topics.RAW):
        assert json.loads(run("rejections", "show", "0", "7", "--topic", name, "--json").output)["topic"] == name
    assert "at partition 0 offset 7 of topic nothing" in run("rejections", "show", "0", "7", "--topic", "nothing", code=1).output
    assert json.loads(run("rejections", "replay", "--partition", "0", "--offset", "7", "--topic", topics.RAW, "--json").output)["sent"] == 1


def test_the_ledger_settles_and_says_when_not(run: Any) -> None:
    found = json.loads(run("ledger", "--wait", "5", "--json").output)
    assert {"received", "stored", "corrected", "duplicate", "rejected", "mark", "void", "expired", "in_flight", "balanced"} <= set(found)
    assert found["balanced"]


def test_sql_gives_an_address_for_reading(run: Any) -> None:
    assert json.loads(run("sql", "--json").output)["url"].startswith("postgresql://")


def test_episodes_are_listed(run: Any) -> None:
    assert json.loads(run("anomalies", "list", "--json").output) == []
    assert "no episode begins" in run("anomalies", "show", "5f", code=1).output
