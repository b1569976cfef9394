"""maint train and maint models as a person calls them; the registry is SQLite below the home."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from models import catalogue
from models.recipe import Recipe, Trained
from tests.models import sample

HELP_COLUMNS = "200"


def good(_: Path, seed: int) -> Trained:
    made = sample.trained("wear", value=0.8 + seed / 100, seed=seed)
    more = tuple(replace(each, metric="PR-AUC", value=0.7) for each in made.card.figures if seed)
    return replace(made, card=replace(made.card, figures=made.card.figures + more))


def bad(_: Path, seed: int) -> Trained:
    raise ValueError(f"seed {seed} does not converge")


@pytest.fixture
def home(tmp_path: Path, empty_registry: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/registry.db").write_bytes(empty_registry)
    recipes = (
        Recipe("wear", "generated", f"{__name__}:good", simulated=True),
        Recipe("broken", "generated", f"{__name__}:bad", simulated=True),
        Recipe("mill", "ai4i2020", f"{__name__}:good"),
    )
    monkeypatch.setattr(catalogue, "RECIPES", recipes)
    monkeypatch.setattr("models.recipe.import_module", lambda _: __import__("types").SimpleNamespace(good=good, bad=bad))
    return tmp_path


def run(home: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words), env={"MAINT_HOME": str(home), "COLUMNS": HELP_COLUMNS})
    assert result.exit_code == code, result.output
    return result.output


def told(home: Path, *words: str, code: int = 0) -> Any:
    return json.loads(run(home, *words, "--json", code=code))


def test_all_are_trained_and_what_lacks_data_is_listed(home: Path, tmp_path: Path) -> None:
    found = told(home, "train", "--all", "--data", str(tmp_path / "sets"), code=1)
    assert [(row["name"], row["value"], row["baseline"], row["aliases"]) for row in found["trained"]] == [("wear", 0.8, 0.5, ["champion"])]
    assert found["failed"] == {"broken": "ValueError: seed 0 does not converge"}
    (missing,) = found["missing"]
    assert (missing["name"], missing["folder"]) == ("mill", str(tmp_path / "sets/ai4i2020"))
    assert "archive.ics.uci.edu" in missing["get"]


def test_the_life_of_a_model(home: Path) -> None:
    run(home, "train", "wear")
    assert "challenger" in run(home, "train", "wear", "--seed", "1")
    (row,) = told(home, "models", "list")
    assert {"name", "version", "task", "quantities", "signature", "metric", "value", "baseline", "data_set", "serves"} <= row.keys()
    assert (row["version"], len(told(home, "models", "list", "--all"))) == (1, 2)
    compared = told(home, "models", "compare", "wear")
    assert (compared["gate"], compared["figures"][0]["version 2"]) == ("passed", 0.81)
    more = compared["figures"][1]  # only the second version has it
    assert (more["metric"], more["version 1"], more["version 2"]) == ("PR-AUC", None, 0.7)
    assert "version 2 is champion" in run(home, "models", "promote", "wear")
    assert told(home, "models", "rollback", "wear", "--reason", "false alarms")["version"] == 1
    assert "false alarms" in run(home, "models", "promote", "wear", "--version", "2", code=1)
    assert "forced: it was the sensor" in run(home, "models", "promote", "wear", "--version", "2", "--force", "it was the sensor")
    assert "held-out rows" in run(home, "models", "show", "wear")


def test_what_passes_the_gate_is_promoted_on_request(home: Path) -> None:
    run(home, "train", "wear")
    assert told(home, "train", "wear", "--seed", "1", "--promote")["trained"][0]["aliases"] == ["champion"]


def test_who_would_be_asked(home: Path) -> None:
    run(home, "train", "wear")
    words = ("models", "recommend", "classification", "--inputs", ",".join(sample.INPUTS))
    assert told(home, *words, "--quantity", "flow")["recommended"][0]["name"] == "wear"
    assert told(home, *words)["not"] == {"wear": "needs flow"}
    assert "needs flow" in run(home, *words)
    assert "is none of anomaly" in run(home, "models", "recommend", "guess", "--inputs", "a", code=2)


def test_mistakes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "name models or give --all" in run(home, "train", code=2)
    assert "no model nobody" in run(home, "train", "nobody", code=2)
    assert "no model is registered" in run(home, "models", "list")
    assert "has no version 'champion'" in run(home, "models", "show", "wear", code=1)
    monkeypatch.setattr("models.tracking.find_spec", lambda _: None)
    assert "make full" in run(home, "models", "list", code=1)


def test_a_detector_of_ones_own_machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from models.generated import fleet

    monkeypatch.setattr("cli.database.reading", nullcontext)
    monkeypatch.setattr("models.reference.accepted", lambda *_: (None, None))
    monkeypatch.setattr("models.reference.baseline", lambda *_: fleet.baseline(0, days=10.0))
    made = told(home, "models", "fit", "--asset", "P-101", "--class", "centrifugal pump")
    assert (made["name"], made["serves"], made["domains"], made["aliases"]) == ("level2_P-101", "asset", ["centrifugal pump"], ["champion"])
    assert made["figures"][0]["metric"] == "false episodes per 30 machine days"
    assert "level2_P-101: version 1 (champion)" in run(home, "models", "fit", "--asset", "P-101", "--class", "centrifugal pump")


def test_drift_of_a_machine_is_told_and_noted_and_retraining_takes_it_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from models import refit
    from models.fit import FitError
    from tests.models.test_refit import material, reference

    monkeypatch.setattr("cli.database.reading", nullcontext)
    monkeypatch.setattr("cli.drift.reading", nullcontext)
    monkeypatch.setattr("models.reference.baseline", lambda *_: reference())
    monkeypatch.setattr("models.reference.accepted", lambda *_: (None, None))
    run(home, "models", "fit", "--asset", "P-101")
    monkeypatch.setattr(refit, "gather", lambda *_: material(2.0))
    (row,) = told(home, "models", "drift", "--flag")
    assert (row["name"], list(row["columns"])) == ("level2_P-101", ["P-101.s2.mean"])
    assert "P-101.s2.mean" in run(home, "models", "drift")
    assert "no detector of a machine: x" in run(home, "models", "drift", "x", code=2)

    def nothing(*_: object) -> None:
        raise FitError("12 normal windows since its reference, 300 are needed")

    monkeypatch.setattr(refit, "gather", nothing)
    assert "300 are needed" in run(home, "models", "drift")
    monkeypatch.setattr("store.database.connect", lambda *_, **__: nullcontext())
    asked = told(home, "models", "retrain", "level2_P-101", code=1)
    assert (asked[0]["result"], asked[0]["why"]) == ("no data", "asked for")
    assert "nothing is due" in run(home, "models", "retrain", "--due")
    assert "name models or give --due" in run(home, "models", "retrain", code=2)


def test_a_trial_from_begin_to_end(home: Path) -> None:
    run(home, "train", "wear")
    run(home, "train", "wear", "--seed", "1")
    assert "there was no trial" in run(home, "models", "trial", "show", "wear", code=1)
    begun = told(home, "models", "trial", "start", "wear", "--share", "0.4", "--who", "R. Ortiz")
    assert (begun["champion"], begun["challenger"], begun["share"], begun["verdict"]["decided"]) == (1, 2, 0.4, False)
    assert told(home, "models", "trial", "outcome", "wear", "P-1", "1")["verdict"]["pairs"] == 0
    assert "the first of each asset stands" in run(home, "models", "trial", "outcome", "wear", "P-1", "0", code=1)
    assert "do not decide" in run(home, "models", "trial", "show", "wear")
    assert told(home, "models", "trial", "stop", "wear")["until"]
    assert "no trial is running" in run(home, "models", "trial", "stop", "wear", code=1)
