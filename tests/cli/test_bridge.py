import csv
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.fixture
def without_paho(monkeypatch: pytest.MonkeyPatch) -> None:
    found = util.find_spec

    def find(name: str, *more: Any) -> Any:
        return None if name == "paho" else found(name, *more)

    monkeypatch.setattr(util, "find_spec", find)


@pytest.mark.usefixtures("without_paho")
def test_a_file_needs_no_packages(tmp_path: Path) -> None:
    source = tmp_path / "pump.csv"
    source.write_text("ts,speed [r/min]\n2026-01-01 00:00:00,1480\n")
    result = CliRunner().invoke(app, ["onboard", "csv", str(source), str(tmp_path / "sheet.csv"), "--time", "ts"])
    assert result.exit_code == 0, result.output


@pytest.mark.usefixtures("without_paho")
@pytest.mark.parametrize("arguments", [["bridge", "mqtt"], ["bridge", "opcua", "opc.tcp://h"], ["onboard", "mqtt", "b.csv"]])
def test_without_the_packages_one_line_says_how_to_get_them(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert result.stderr == "maint: the bridge needs packages that are not installed (paho); run `make bridge`\n"


def test_a_wrong_mapping_is_told_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text("json: [{topic: a}]")
    result = CliRunner().invoke(app, ["bridge", "mqtt", "--mapping", str(path)])
    assert result.exit_code == 2
    assert "json[0].asset_id is missing: add it, like" in " ".join(result.stderr.replace("│", " ").split())


def test_a_csv_file_becomes_a_sheet(tmp_path: Path) -> None:
    source, sheet = tmp_path / "pump-7.csv", tmp_path / "sheet.csv"
    source.write_text("time,temp [°C]\n" + "".join(f"{1_700_000_000 + n},{n}\n" for n in range(20)))
    result = CliRunner().invoke(app, ["onboard", "csv", str(source), str(sheet)])
    assert result.exit_code == 0, result.output
    assert "1 assets, 1 sensors" in result.stdout
    assert "sensor,pump-7,pump-7.temp [°C]" in sheet.read_text()


def test_a_whole_file_in_local_time_becomes_a_sheet(tmp_path: Path) -> None:
    """The options of `maint replay csv`; the night the clocks go back has an hour twice."""
    source, sheet = tmp_path / "pump-7.csv", tmp_path / "sheet.csv"
    times = [f"{day}.10.2025 {hour:02d}:{minute:02d}" for day in range(20, 28) for hour in range(24) for minute in range(60)]
    source.write_text("Wann|Druck, ein [bar]\n" + "".join(f"{time}|{n % 9}\n" for n, time in enumerate(times)))
    words = ["onboard", "csv", str(source), str(sheet), "--json", "--time", "Wann", "--tz", "Europe/Zurich", "--delimiter", "|"]
    told = CliRunner().invoke(app, [*words, "--time-format", "%d.%m.%Y %H:%M"])
    assert told.exit_code == 0, told.output
    assert '"lines_read": 11520' in told.stdout
    assert "60 of 11520 times cannot be used, the first in line 8762: 2025-10-26 02:00:00 was twice in Europe/Zurich" in sheet.read_text()
    chosen = CliRunner().invoke(app, [*words, "--time-format", "%d.%m.%Y %H:%M", "--overlap", "first", "--overwrite"])
    assert chosen.exit_code == 0, chosen.output
    *_, sensor = csv.DictReader(sheet.read_text().splitlines())
    assert (sensor["reporting"], sensor["period_s"], sensor["note"]) == ("periodic", "60.0", "no span stated; seen 0 to 8")


def test_a_file_in_another_form_names_the_option(tmp_path: Path) -> None:
    source = tmp_path / "pump-7.csv"
    source.write_text("time;a\n31.12.2025 10:00;1\n")
    result = CliRunner().invoke(app, ["onboard", "csv", str(source), str(tmp_path / "sheet.csv")])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"maint: {source}: line 2: '31.12.2025 10:00': no ISO 8601 time; see --time-format (iso, s, ms, us")
