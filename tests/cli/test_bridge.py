from importlib import util
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.mark.parametrize("arguments", [["bridge", "mqtt"], ["bridge", "opcua", "opc.tcp://h"], ["onboard", "csv", "a.csv", "b.csv"]])
def test_without_the_packages_one_line_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    found = util.find_spec

    def find(name: str, *more: Any) -> Any:
        return None if name == "paho" else found(name, *more)

    monkeypatch.setattr(util, "find_spec", find)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert result.stderr == "maint: the bridge needs packages that are not installed (paho); run `make bridge`\n"


def test_a_wrong_mapping_is_told_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text("json: [{topic: a}]")
    result = CliRunner().invoke(app, ["bridge", "mqtt", "--mapping", str(path)])
    assert result.exit_code == 2
    assert "asset_id: Field required" in " ".join(result.stderr.split())


def test_a_csv_file_becomes_a_sheet(tmp_path: Path) -> None:
    source, sheet = tmp_path / "pump-7.csv", tmp_path / "sheet.csv"
    source.write_text("time,temp [°C]\n" + "".join(f"{1_700_000_000 + n},{n}\n" for n in range(20)))
    result = CliRunner().invoke(app, ["onboard", "csv", str(source), str(sheet)])
    assert result.exit_code == 0, result.output
    assert "1 assets, 1 sensors" in result.stdout
    assert "sensor,pump-7,pump-7.temp [°C]" in sheet.read_text()
