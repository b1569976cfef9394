"""docs/operations.md: its table of metrics equals the code, and what it names exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.main import app
from grafana.files import BOARDS
from settings import STANDARD, Settings
from streams import exits
from telemetry import metrics

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_table_of_metrics_is_the_code() -> None:
    assert metrics.markdown() in TEXT, "replace the table by telemetry.metrics.markdown()"


def test_metrics_in_the_text_exist() -> None:
    assert set(re.findall(r"maint_[a-z_]+", TEXT)) <= {row[0] for row in metrics.table()}


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`(?:[A-Z_]+=\S+ )?(maint [a-z][^`]*)`", TEXT))))
def test_commands_in_the_text_exist(line: str) -> None:
    command: Any = typer.main.get_command(app)
    for word in line.split()[1:]:
        if not hasattr(command, "commands"):
            break
        assert word in command.commands
        command = command.commands[word]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in line.split() if word.startswith("--")} <= known


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z]+_[A-Z_]+)`", TEXT))))
def test_settings_in_the_text_exist(name: str) -> None:
    fields = {variable: field for field, variable in STANDARD.items()}
    assert fields.get(name, name.removeprefix("MAINT_").lower()) in Settings.model_fields


def test_exit_codes_and_dashboards_are_named_right() -> None:
    assert f"exits with code {exits.FAULT}" in TEXT
    assert f"exit with code {exits.UNDELIVERED}" in TEXT
    assert all(f"*{board.title}*" in TEXT for board in BOARDS)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
