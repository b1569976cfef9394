"""maint models reproduce on rows of the real database."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from cli.main import app
from models.registry import Registry
from models.reproduce import answered
from models.runs import register
from processors.prediction import Life
from schemas.codec import encode
from settings import Settings
from sinks.predictions import TABLE
from sinks.session import Session
from sinks.table import TableSink
from tests.models import sample
from tests.models.test_reproduce import stored
from tests.sinks.building import records

pytestmark = pytest.mark.integration

Run = Callable[[str, int], Any]


@pytest.fixture
def run(instance_ready: Settings, empty_registry: bytes, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls the command with an id and the exit code that it must have."""
    folder = instance_ready.home / "models"
    folder.mkdir(exist_ok=True)
    (folder / "registry.db").write_bytes(empty_registry)
    monkeypatch.setenv("MAINT_HOME", str(instance_ready.home))

    def call(name: str, code: int) -> Any:
        result = CliRunner().invoke(app, ["models", "reproduce", name, "--json"])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if result.stdout.startswith("{") else result.output

    return call


def life(settings: Settings) -> Life:
    """What a registered model answers to two inputs."""
    registry = Registry(settings)
    known = register(registry, sample.trained("wear"), seed=0)
    inputs = dict(zip(sample.INPUTS, (1.0, 1.0 / 3.0), strict=True))
    outputs = answered(registry, {"model": "wear", "version": 1, "digest": known.digest, "inputs": inputs})
    return Life("", "wear", known.number, known.digest, inputs, outputs)


def test_a_stored_row_gives_itself_and_a_changed_one_does_not(instance_ready: Settings, run: Run) -> None:
    row = stored(life(instance_ready))
    record = {name: value for name, value in row.items() if name not in {"hours", "deviation"}}
    session = Session(instance_ready)
    sink = TableSink(instance_ready, TABLE)
    sink.load(session.connection, "predictions", [0])
    sink.write(session.connection, records([encode(TABLE.schema, record)]))
    session.drop()
    name = row["prediction_id"]
    found = run(name, 0)
    assert (found["equal"], found["model"]) == (True, "wear")
    assert {"outputs.probability", "limit_h", "health", "severity"} <= {each["field"] for each in found["fields"]}
    assert any("the health of each sensor" in each for each in found["not_computed"])
    with psycopg.connect(instance_ready.database_url.get_secret_value(), autocommit=True) as connection:
        connection.execute("update store.prediction set limit_h = limit_h * (1 + 1e-15)")
    assert [each["field"] for each in run(name[:8], 1)["fields"] if not each["equal"]] == ["limit_h"]
    assert "no prediction" in run("ffff", 1)
