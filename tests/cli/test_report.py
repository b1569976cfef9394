import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from settings import Settings
from sinks.scored import Scored
from sinks.session import Session
from tests.sinks.building import Reading, block, records

FILE = "time;flow;speed\n2024-05-01T00:00Z;1,5;1480\n2024-05-01T00:01Z;1,5;x\n2024-05-01T00:01Z;1,5;1481\n"
OPTIONS = ("--time", "time", "--delimiter", ";", "--decimal", ",", "--unit", "flow=m3/h")


def run(*words: str, home: Path | None = None, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["report", "data", *words], env={"MAINT_HOME": str(home)} if home else None)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "pump-7.csv"
    found.write_text(FILE)
    return found


def test_a_file_as_lines_and_as_a_page(path: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = run("--file", str(path), *OPTIONS, "--html", str(page)).output
    assert "certain: duplicate: pump-7.flow: 1 readings repeat time and value of another" in text
    assert "certain: invalid: pump-7.speed: 1 cells hold text, the first in line 3: 'x' is not a number" in text
    assert "pump-7.flow" in page.read_text()


def test_two_files_as_json(path: Path, tmp_path: Path) -> None:
    second = tmp_path / "fan-1.csv"
    second.write_text(FILE)
    found: dict[str, Any] = json.loads(run("--file", str(path), "--file", str(second), *OPTIONS, "--json").output)
    assert [Path(item["name"]).name for item in found["sources"]] == ["pump-7.csv", "fan-1.csv"]
    assert [item["sensor"] for item in found["sensors"]] == ["pump-7.flow", "pump-7.speed", "fan-1.flow", "fan-1.speed"]
    assert {item["asset"] for item in found["findings"] if item["kind"] == "unit"} == {"pump-7", "fan-1"}


def test_options_that_do_not_fit_and_columns_that_are_not_there(path: Path) -> None:
    assert "are for stored readings" in run("P1.*", "--file", str(path), code=2).output
    assert (
        "no column 'when'; found: time, flow, speed; --time names the column of the time"
        in run("--file", str(path), "--time", "when", code=1).output
    )


def test_headings_delimiter_and_decimal_comma_are_found(tmp_path: Path) -> None:
    path = tmp_path / "pump-7.csv"
    lines = [f"2024-05-01T{hour:02d}:{minute:02d}Z;{140 + minute / 10:.1f};{minute},25\n" for hour in range(3) for minute in range(60)]
    path.write_text("timestamp;temp (°F);speed [mm/s]\n" + "".join(lines).replace(".", ","))
    found = run("--file", str(path), "--json")
    assert found.stderr == "pump-7.csv: read with --delimiter ';' --decimal ','\n"
    sensors = json.loads(found.stdout)["sensors"]
    assert [(item["sensor"], item["unit"], item["quantity"]) for item in sensors] == [
        ("pump-7.temp (°F)", "degF", "temperature"),
        ("pump-7.speed [mm/s]", "mm/s", "vibration"),
    ]
    assert sensors[1]["median"] == 29.75
    stated = json.loads(run("--file", str(path), "--unit", "temp (°F)=degC", "--json").stdout)
    assert "correct its unit to degF: `--unit 'temp (°F)=degF'`" in [item["remedy"] for item in stated["findings"]]


def test_a_sheet_states_what_the_file_does_not(tmp_path: Path) -> None:
    path, sheet = tmp_path / "p.csv", tmp_path / "plant.csv"
    path.write_text(
        "timestamp,t1,t2\n" + "".join(f"2024-05-01T00:{minute:02d}Z,{60 + minute % 3},{85 + minute % 3}\n" for minute in range(60))
    )
    sheet.write_text("kind;asset_id;sensor_id;unit;redundant_with;offset\nasset;p;;;;\nsensor;p;p.t1;degC;p.t2;1\nsensor;p;p.t2;degC;;\n")
    text = run("--file", str(path), "--sheet", str(sheet)).output
    assert "likely: apart: p.t1, p.t2: t2 shows 24 degC more than t1, which measures the same (86 and 62)" in text
    assert "--sheet is for files" in run("--sheet", str(sheet), code=2).output


def test_a_sensor_that_ends_early_is_named_unless_it_was_removed(tmp_path: Path) -> None:
    path, sheet = tmp_path / "p.csv", tmp_path / "plant.csv"
    lines = [f"2024-05-01T{at // 60:02d}:{at % 60:02d}Z,{at % 7},{at % 5 if at < 240 else ''}\n" for at in range(600)]
    path.write_text("timestamp,flow,temp\n" + "".join(lines))
    told = "certain: ended: p.temp: ends 6 h before the others: last value at 2024-05-01 03:59:00Z"
    assert told in run("--file", str(path)).output
    sheet.write_text("kind,asset_id,sensor_id,state\nasset,p,,\nsensor,p,p.temp,decommissioned\n")
    assert "ended" not in run("--file", str(path), "--sheet", str(sheet)).output


def test_a_table_is_no_wider_than_a_page_and_cuts_no_name(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    name = "a-very-long-name-of-a-sensor-" * 4
    path.write_text(f"timestamp,{name}\n2024-05-01T00:00Z,1.23456\n")
    table = run("--file", str(path)).output.split("certain:")[0].splitlines()[2:]
    assert max(map(len, table)) <= 120
    assert "".join(line.split()[0] for line in table if line.strip()) == f"p.{name}"


@pytest.mark.integration
def test_what_is_stored(instance_ready: Settings) -> None:
    session = Session(instance_ready)
    sink = Scored(instance_ready)
    sink.load(session.connection, "blocks", [0])
    readings = [Reading("P1.temp", value=2.5), Reading("P1.temp", value=3.5), Reading("P2.temp")]
    sink.write(session.connection, records([block(readings)]))
    session.drop()
    found = json.loads(run("P1*", "--json", home=instance_ready.home).output)
    assert [(item["sensor"], item["readings"], item["conflicting"]) for item in found["sensors"]] == [("P1.temp", 2, 1)]
    assert found["sources"][0]["readings"] == 2
    assert json.loads(run("P1*", "--to", "2001-01-01", "--json", home=instance_ready.home).output)["sensors"] == []
