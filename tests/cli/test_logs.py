"""Logs of services as lines and as objects."""

import json
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app


def logs(home: Path, *words: str) -> list[str]:
    result = CliRunner().invoke(app, ["logs", *words], env={"MAINT_HOME": str(home)})
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_the_last_lines_of_each_service(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "kafka.log").write_text("one\ntwo\nthree\n")
    (folder / "sink.log").write_text('{"event":"stored"}\n')
    assert logs(tmp_path, "-n", "2") == ["kafka | two", "kafka | three", 'sink  | {"event":"stored"}']
    assert [json.loads(line) for line in logs(tmp_path, "sink", "--json")] == [{"service": "sink", "line": '{"event":"stored"}'}]
