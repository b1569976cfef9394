import json
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app
from grafana.files import rendered


def test_export_writes_all_dashboards(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["dashboards", "export", str(tmp_path), "--json"])
    assert result.exit_code == 0
    assert {Path(row["file"]).name: Path(row["file"]).read_bytes() for row in json.loads(result.stdout)} == rendered()


def test_publish_without_a_grafana_is_one_line_and_an_exit_code() -> None:
    result = CliRunner().invoke(app, ["dashboards", "publish", "--url", "http://127.0.0.1:9", "--token", "x"])
    assert result.exit_code == 1
    assert result.stderr.startswith("no Grafana answers at http://127.0.0.1:9")
    assert result.stderr.count("\n") == 1
