"""From a file of failures to the chances of a machine, through the real database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from processors import prediction
from processors.machine import Machine, Past
from settings import Settings
from streams.machines import Machines, reader
from tests.processors.test_prediction import days, run

pytestmark = pytest.mark.integration

ASSETS = "insert into store.asset (name, class, state, version) values (%s, %s, %s, %s)"
YEAR = ("--from", "2024-01-01", "--to", "2025-01-01")
SIX = "".join(f"P1,2024-0{month}-01\n" for month in range(1, 7))


@pytest.fixture
def connection(instance_ready: Settings) -> Iterator[psycopg.Connection]:
    """Two pumps and a fan; a third pump is gone, one asset has no class, and one was only heard of."""
    with psycopg.connect(instance_ready.database_url.get_secret_value(), autocommit=True) as found:
        for row in (
            ("P1", "pump", None, 1), ("P2", "pump", None, 1), ("P3", "pump", "decommissioned", 1), ("F1", "fan", None, 1),
            ("X1", None, None, 1), ("H1", None, None, -1),
        ):  # fmt: skip
            found.execute(ASSETS, row)
        yield found


def told(settings: Settings, path: Path, text: str, *words: str) -> Result:
    path = path / "orders.csv"
    path.write_text("asset,at\n" + text)
    return CliRunner().invoke(app, ["predictions", "history", str(path), *words], env={"MAINT_HOME": str(settings.home), "COLUMNS": "400"})


def about(settings: Settings, asset: str) -> Machine:
    machines = Machines(reader(settings))
    machines.look()
    found = machines.about(asset)
    assert isinstance(found, Machine), found
    return found


@pytest.mark.usefixtures("connection")
def test_the_failures_of_a_class_become_the_chances_of_its_machines(instance_ready: Settings, tmp_path: Path) -> None:
    before = run(prediction.empty(), days(2, 0.0), about(instance_ready, "P2"))[-1]
    assert (before["p_failure_30d"], before["p_reason"]) == (None, prediction.NO_MODEL)
    result = told(instance_ready, tmp_path, SIX, *YEAR, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    assert [(row["class"], row["assets"], row["failures"], row["machine_days"], row["enough"]) for row in found["classes"]] == [
        ("fan", 1, 0, 366.0, False),
        ("pump", 2, 6, 732.0, True),
    ]
    known = about(instance_ready, "P2")
    assert known.past == Past(6, 732.0)
    last = run(prediction.empty(), days(2, 0.0), known)[-1]
    assert last["p_failure_30d"] == pytest.approx(1.0 - 2.718281828 ** -(30 * 6 / 732))
    assert (last["p_reason"], last["inputs"]["class_failures"]) == ("", 6.0)
    assert about(instance_ready, "F1").past is None


def test_a_later_load_of_a_class_counts_and_the_others_stay(
    instance_ready: Settings, connection: psycopg.Connection, tmp_path: Path
) -> None:
    told(instance_ready, tmp_path, SIX, *YEAR)
    page = told(instance_ready, tmp_path, "F1,2024-03-01\n", *YEAR).output
    assert "not stated: 1 of 5 failures of the class that a hazard needs" in page
    assert "no failure in the file: what was known stays" in page
    assert about(instance_ready, "P1").past == Past(6, 732.0)
    lacking = run(prediction.empty(), days(2, 0.0), about(instance_ready, "F1"))[-1]
    assert lacking["p_failure_30d"] is None
    assert lacking["p_reason"].endswith("1 of 5 failures of the class that a hazard needs")
    told(instance_ready, tmp_path, SIX + "P2,2024-08-01\n", *YEAR)
    assert about(instance_ready, "P1").past == Past(7, 732.0)
    kept = connection.execute("select class, failures, source, current from plant.class_history order by loaded_at").fetchall()
    assert kept == [("pump", 6, "orders.csv", False), ("fan", 1, "orders.csv", True), ("pump", 7, "orders.csv", True)]


def test_what_does_not_count_is_named(instance_ready: Settings, connection: psycopg.Connection, tmp_path: Path) -> None:
    more = "P3,2024-02-01\nX1,2024-02-01\nH1,2024-02-01\nQ9,2024-02-01\nP1,2023-12-31\n"
    page = told(instance_ready, tmp_path, SIX + more + "P1,2024-01-01\n", *YEAR).output
    assert "H1 (1, not in the catalogue), P3 (1, decommissioned), Q9 (1, not in the catalogue), X1 (1, without a class" in page
    assert "outside the period: 1 failures; 1 repeat another" in page
    connection.execute("delete from store.class_history")
    result = told(instance_ready, tmp_path, "Q9,2024-02-01\n", *YEAR)
    assert result.exit_code == 1
    assert "no failure counts: Q9 not in the catalogue; nothing was stored" in result.output
    assert connection.execute("select count(*) from plant.class_history").fetchall() == [(0,)]
    connection.execute("update store.asset set class = null")
    assert "no asset of the catalogue has a class" in told(instance_ready, tmp_path, SIX, *YEAR).output


@pytest.mark.usefixtures("connection")
def test_failures_are_counted_by_the_mode_of_a_column_that_is_named(instance_ready: Settings, tmp_path: Path) -> None:
    path = tmp_path / "sap.csv"
    causes = ("seal", "bearing", "seal", "seal", "bearing", "seal")
    lines = [f"P1,2024-0{month}-01,{cause}" for month, cause in enumerate(causes, 1)]
    path.write_text("Equipment,Begin,Cause code\n" + "\n".join([*lines, "P1,2024-01-01,a second order", "Q9,2024-01-01,seal"]) + "\n")
    words = ["predictions", "history", str(path), *YEAR, "--asset-column", "Equipment", "--at-column", "Begin"]
    env = {"MAINT_HOME": str(instance_ready.home), "COLUMNS": "400"}
    page = CliRunner().invoke(app, [*words, "--mode-column", "cause code"], env=env)
    assert page.exit_code == 0, page.output
    assert max(len(line) for line in page.stdout.splitlines() if line[:1] in "┏┃│└") <= 120
    found = json.loads(CliRunner().invoke(app, [*words, "--mode-column", "Cause code", "--json"], env=env).stdout)
    assert [tuple(row.values()) for row in found["modes"]] == [("pump", "seal", 4), ("pump", "bearing", 2)]
    assert "failures by mode" in page.stdout
    wrong = CliRunner().invoke(app, [*words, "--mode-column", "Reason"], env=env)
    assert wrong.exit_code == 1
    assert "no column 'Reason'" in wrong.output


@pytest.mark.parametrize(
    ("period", "why"),
    [
        (("--from", "2024-01-01"), "Missing option '--to'"),
        (("--from", "2024-01-01", "--to", "2024-01-01"), "is not later than --from"),
        (("--from", "2024-02-01", "--to", "2024-01-01"), "is not later than --from"),
        (("--from", "2024-02-01", "--to", "2999-01-01"), "lies in the future"),
    ],
)
def test_the_period_must_be_stated_and_over(instance: Settings, tmp_path: Path, period: tuple[str, ...], why: str) -> None:
    result = told(instance, tmp_path, SIX, *period)
    assert result.exit_code == 2
    assert why in result.output
