"""Ids and texts are printed as they are: a bracket or a colon in one is no markup."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.board import Board
from cli.main import app
from cli.output import figure, print_rows, prose
from cli.screen import checked, panels
from simulator.truth import Truth
from tests.cli.test_show import episode, look

ODD = ("P-101[a]", "[red]P-1[/red]", "P[/]", "pump:fire:1")


@pytest.mark.parametrize("name", ODD)
def test_a_table_holds_ids_as_they_are(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"sensor": name, f"of {name}": None}], as_json=False, title=f"about {name}")
    told = capsys.readouterr().out
    assert told.count(name) == 3


@pytest.mark.parametrize("name", ["P-101[a]", "[red]P-1"])
def test_the_data_report_holds_ids_as_they_are(name: str, tmp_path: Path) -> None:
    path = tmp_path / "pump.csv"
    path.write_text(f"time,{name}\n2024-05-01T00:00Z,1.5\n2024-05-01T00:01Z,1.6\n")
    result = CliRunner().invoke(app, ["report", "data", "--file", str(path), "--time", "time", "--unit", f"{name}=[bar]"])
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if line.lstrip().startswith(f"pump.{name}")]
    assert "[bar]" in line


def drawn(what: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(what)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_the_screen_of_the_demo_and_of_the_start_hold_them_too() -> None:
    odd = episode() | {"asset": "P-101[a]", "sensors": ["P-101[a].temp[1]"]}
    shown = drawn(panels(look(episodes=[odd]), [], title="demo [b]", notes=["postgresql://[::1]/maint"]))
    assert all(word in shown for word in ("P-101[a]", "temp[1]", "demo [b]", "postgresql://[::1]/maint"))
    truth = Truth(asset="P-101[a]", sensor="P-101[a].temp", kind="stuck", subject="sensor", start=0, end=1, sensors=())
    assert "P-101[a].temp" in drawn(checked([(truth, None, 2.0)]))
    board = Board(None)
    board.report("kafka", "failed", "exit code 1 of [broker]")
    assert "exit code 1 of [broker]" in drawn(board._table())


@pytest.mark.parametrize(
    ("value", "told"), [(4.2315e-05, "0.0000423"), (83.27, "83.3"), (146012.4, "146012"), (-0.5, "-0.5"), (100.0, "100")]
)
def test_figures_have_three_digits_that_mean_something(value: float, told: str) -> None:
    assert figure(value) == told


def test_a_sentence_in_a_table_is_narrow() -> None:
    told = prose("the reference is provisional: see `maint baseline accept`, or an_id_that_is_too_long_to_break_" + "x" * 20)
    assert max(map(len, told.splitlines())) == len("an_id_that_is_too_long_to_break_") + 20
