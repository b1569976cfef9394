"""From a file as a European spreadsheet writes it to a sheet that the catalogue takes."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalogue import sheet
from catalogue.columns import HEADER
from cli.main import app


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_file_with_semicolons_and_decimal_commas_becomes_a_full_sheet(tmp_path: Path, delimiter: str) -> None:
    file, target = tmp_path / "pump-7.csv", tmp_path / "our plant.csv"
    lines = [f"{1_700_000_000 + 60 * at};{0 if at < 20 else 1480};{at},5\n" for at in range(100)]
    file.write_text(("Zeit;Speed [U/min];Temp, abs (°F)\n" + "".join(lines)).replace(";", delimiter))
    result = CliRunner().invoke(app, ["onboard", "csv", str(file), str(target)])
    assert result.exit_code == 0, result.output
    assert f"`maint catalogue import '{target}'`" in result.output
    assert "run rules: 1 proposed (column run_state, check them), 0 assets without: there stops look like faults" in result.output
    with target.open(newline="") as text:
        asset, speed, temp = csv.DictReader(text)
    assert list(asset) == [*HEADER, "note"]
    assert asset["run_state"] == '"pump-7.Speed [U/min]" > 300 +-74'
    assert (speed["unit"], temp["sensor_id"], temp["unit"]) == ("r/min", "pump-7.Temp, abs (°F)", "degF")
    assert sheet.read(target.read_bytes()).problems == []
    found = CliRunner().invoke(app, ["onboard", "csv", str(file), str(target), "--overwrite", "--json"])
    assert json.loads(found.output)["run_rules_proposed"] == 1
