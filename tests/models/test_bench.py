import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from models import bench
from models.card import Figure
from models.recipe import Recipe, Trained
from tests.models import sample


def good(_: Path, seed: int) -> Trained:
    published = Figure("another set", "split", "RMSE", 20.0, "lower", trivial=40.0, published=15.0, source="a paper [1]")
    second = Figure("another set", "split", "S", 300.0, "lower")
    return sample.trained("wear", figures=(*sample.card().figures, published, second), seed=seed)


def bad(_: Path, __: int) -> Trained:
    raise ValueError("does not converge")


@pytest.fixture(autouse=True)
def recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = (
        Recipe("wear", "generated", "m:good", simulated=True),
        Recipe("broken", "generated", "m:bad", simulated=True),
        Recipe("mill", "ai4i2020", "m:good"),
    )
    monkeypatch.setattr(bench, "RECIPES", made)
    monkeypatch.setattr("models.recipe.import_module", lambda _: SimpleNamespace(good=good, bad=bad))


def test_the_table_and_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BENCH_JSON", str(tmp_path / "figures.json"))
    assert bench.main([str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert "15 a paper [1]" in text
    assert "broken failed: ValueError: does not converge" in text
    assert "archive.ics.uci.edu" in text
    assert sum("wear" in line for line in text.splitlines()) == 2, "one row a model and data set"
    told = json.loads((tmp_path / "figures.json").read_text())
    first, second, _ = told["figures"]
    assert {"model", "data_set", "protocol", "metric", "value", "baseline"} <= first.keys()
    assert (first["ratio"], second["ratio"], second["baseline"]) == (pytest.approx(0.8 / 0.9), 0.75, 40.0)
    assert [each["name"] for each in told["missing"]] == ["mill"]


def test_one_model_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(tmp_path), "--only", "wear"]) == 0
    assert "broken" not in capsys.readouterr().out
