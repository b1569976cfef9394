"""A sheet that a person may have filled in is not written over."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.mark.parametrize("words", [("catalogue", "template", "SHEET"), ("onboard", "csv", "FILE", "SHEET", "--asset", "P-1")])
def test_what_is_there_stays_unless_said_otherwise(tmp_path: Path, words: tuple[str, ...]) -> None:
    sheet, file = tmp_path / "plant.csv", tmp_path / "export.csv"
    file.write_text("time,flow\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n")
    places = {"SHEET": str(sheet), "FILE": str(file)}
    command = [places.get(word, word) for word in words]
    sheet.write_text("kind,asset_id\n")
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 1
    assert f"{sheet} exists: name another file, or write over it with --overwrite" in refused.output
    assert sheet.read_text() == "kind,asset_id\n"
    assert CliRunner().invoke(app, [*command, "--overwrite"]).exit_code == 0
    assert sheet.read_text() != "kind,asset_id\n"
