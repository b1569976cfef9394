"""maint catalogue as a person calls it: files alone, then against the real broker and database."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner, Result

from catalogue import grid
from catalogue.classes import CLASSES
from cli.catalogue import Class
from cli.entries import in_force
from cli.main import app
from schemas.codec import encode
from settings import Settings
from sinks import catalogue as catalogue_sink
from sinks.session import Session
from sinks.table import TableSink
from tests.catalogue.building import asset, csv, known, sensor
from tests.sinks.building import records

SHEET = csv(
    "kind;asset_id;sensor_id;class;criticality;run_state;quantity;unit;scale;limit_h;statistic",
    "asset;P1;;pump;A;P1.speed > 100 +-5 for 10 s;;;;;",
    "sensor;P1;P1.speed;;;;speed;r/min;;;",
    "sensor;P1;P1.vibration_de;;;;vibration;mm/s;;4,5;rms",
)


def call(*words: str, code: int = 0, answer: str | None = None) -> Result:
    result = CliRunner().invoke(app, ["catalogue", *words], input=answer)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plant.csv").write_bytes(SHEET)
    return tmp_path


def shown(result: Result) -> Any:
    return json.loads(result.output)


def test_a_template_can_be_validated(folder: Path) -> None:
    for name in ("empty.csv", "empty.xlsx"):
        call("template", name)
        assert grid.read((folder / name).read_bytes()).rows == []
    call("template", "fans.xlsx", "--class", "fan", "--asset", "F-1", "--asset", "F-2")
    assert shown(call("validate", "fans.xlsx", "--json"))["errors"] == 0
    assert "must end in" in call("template", "fans.txt", code=1).output


@pytest.mark.usefixtures("folder")
def test_problems_are_told_with_row_column_and_remedy(folder: Path) -> None:
    (folder / "bad.csv").write_bytes(csv("kind,asset_id,power_kw", "asset,P1,x", "asset,P1,"))
    found = shown(call("validate", "bad.csv", "--json", code=1))
    assert [(each["file"], each["row"], each["column"], each["value"]) for each in found["problems"]] == [
        ("bad.csv", 2, "power_kw", "x"), ("bad.csv", 3, "asset_id", "P1"),
    ]  # fmt: skip
    assert all(each["remedy"] for each in found["problems"])
    lines = call("validate", "bad.csv", code=1).output.splitlines()
    assert lines[0] == "bad.csv: 2 errors, 0 notes"
    assert lines[1].startswith("error: row 2, power_kw 'x': not a number")
    assert lines[2] == "  remedy: write a number with a decimal point, no unit"
    notes = shown(call("validate", "plant.csv", "--json"))
    assert (notes["errors"], notes["problems"][0]["note"]) == (0, "note")
    assert "3 rows can be imported" in call("validate", "plant.csv").output


def test_classes_are_shown_with_the_sources_of_their_figures() -> None:
    assert get_args(Class) == CLASSES
    assert [row["class"] for row in shown(call("classes", "--json"))] == list(CLASSES)
    assert {failure["source"] for failure in shown(call("classes", "pump", "--json"))["failures"]} == {"estimate"}
    text = call("classes", "motor").output
    assert "ISO 20816-3" in text
    assert "bearing_wear (estimate): " in text
    assert max(len(line) for line in text.splitlines() if line.startswith("\u2502")) <= 120


@pytest.mark.usefixtures("folder")
def test_without_a_broker_the_remedy_is_named() -> None:
    assert "maint up" in call("diff", "plant.csv", code=1).output


@pytest.fixture
def ready(instance_ready: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    assert folder.exists()
    monkeypatch.setenv("MAINT_HOME", str(instance_ready.home))
    return instance_ready


def stored(settings: Settings) -> list[tuple[Any, ...]]:
    """What the sink makes of the entries in force."""
    session = Session(settings)
    try:
        sink = TableSink(settings, catalogue_sink.TABLE)
        begin = sink.load(session.connection, "topic", [0])[0]
        values = [encode("CatalogueEntry", entry) for entry in in_force(settings).values()]
        sink.write(session.connection, records(values, first=begin))
        found = session.connection.execute(
            "select a.class, a.run_state ->> 'sensor_id', s.limit_h, c.coverage, c.detector from plant.asset a"
            " join plant.sensor s on s.asset = a.asset and s.sensor = 'P1.vibration_de'"
            " join plant.coverage c on c.asset = a.asset and c.failure_mode = 'imbalance' order by c.detector"
        )
        return found.fetchall()
    finally:
        session.drop()


@pytest.mark.integration
def test_import_changes_what_differs_and_then_nothing(ready: Settings, folder: Path) -> None:
    assert shown(call("diff", "plant.csv", "--json"))["entries"] == 3
    assert in_force(ready) == {}
    call("import", "plant.csv", code=1, answer="n\n")
    assert in_force(ready) == {}
    assert "--yes" in call("import", "plant.csv", "--json", code=1).output
    assert "3 entries published" in call("import", "plant.csv", answer="y\n").output
    assert stored(ready) == [
        ("pump", "P1.speed", 4.5, "sensor never sent", "level1/limit"), ("pump", "P1.speed", 4.5, "sensor never sent", "level1/reference"),
    ]  # fmt: skip
    before = in_force(ready)
    assert "nothing to do" in call("import", "plant.csv").output
    for name in ("out.csv", "out.xlsx"):
        call("export", name)
        assert shown(call("import", name, "--json"))["published"] == 0
    assert in_force(ready) == before
    (folder / "plant.csv").write_bytes(SHEET.replace(b"4,5", b"5,5").replace(b"r/min;;", b"r/min;2;"))
    changes = shown(call("import", "plant.csv", "--json", "--yes"))["changes"]
    assert [(each["id"], each["field"], each["before"], each["after"], bool(each["resets"])) for each in changes] == [
        ("P1.speed", "scale", None, 2.0, True), ("P1.vibration_de", "limit_h", 4.5, 5.5, False),
    ]  # fmt: skip
    after = in_force(ready)
    assert after["asset", "P1"] == before["asset", "P1"]
    assert after["sensor", "P1.speed"]["version"] > before["sensor", "P1.speed"]["version"]


@pytest.mark.integration
def test_pruning_applying_and_coverage(ready: Settings, folder: Path) -> None:
    from cli.entries import publish

    entries = known(asset("P1"), asset("P2"), sensor("P1.vibration_de", version=2**60), sensor("P2.flow", "P2"))
    publish(ready, list(entries.values()))
    (folder / "ids.txt").write_text("P1\nP2\n")
    applied = shown(call("apply", "pump", "--assets", "ids.txt", "--yes", "--json"))
    assert (applied["assets"], applied["published"]) == (2, 4)
    assert any(each["sensor"] == "P2.speed" for each in applied["deviations"])
    assert in_force(ready)["sensor", "P1.vibration_de"]["version"] == 2**60 + 1
    assert shown(call("apply", "pump", "--assets", "P*", "--json"))["published"] == 0
    assert "no asset fits 'p*'" in call("apply", "pump", "--assets", "p*", code=1).output
    (folder / "none.txt").write_text("\n")
    assert "none.txt names no asset" in call("apply", "pump", "--assets", "none.txt", "--json", code=1).output
    gaps = shown(call("coverage", "--gaps", "--json"))
    assert {row["coverage"] for row in gaps} == {"not monitored", "sensor never sent"}
    assert shown(call("coverage", "--json")) == gaps, "nothing ever came, so all is a gap"
    (folder / "left.csv").write_bytes(csv("kind,asset_id", "asset,P1"))
    pruned = shown(call("import", "left.csv", "--prune", "--yes", "--json"))
    assert {(each["id"], each["after"]) for each in pruned["changes"]} == {
        (name, "decommissioned") for name in ("P2", "P2.flow", "P1.vibration_de")
    }
    assert shown(call("import", "left.csv", "--prune", "--yes", "--json"))["published"] == 0
