import numpy as np
import pytest

from models.datasets.cmapss import TARGET
from models.judge import served
from models.predictor import predictor
from models.recipes import fleet
from models.recipes.fleet import figures, fit, inputs, judged, lead
from models.table import Table
from tests.models.engines import engines


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Table:
    """Short engines: healthy above 40 cycles left, faulty up to 10."""
    monkeypatch.setattr(fleet, "TREES", 20)
    monkeypatch.setattr(fleet, "ROWS", 64)
    monkeypatch.setattr(fleet, "HEALTHY", 40.0)
    monkeypatch.setattr(fleet, "FAULTY", 10.0)
    return engines(15)


def test_worn_engines_are_found_the_same_way_each_time(small: Table) -> None:
    first, again = (served(fit(small, 0)) for _ in range(2))
    assert first.digest() == again.digest()
    verdict = judged(first, small, 0)
    found = {figure.metric: figure for figure in figures(small, "FD009", verdict)}
    assert found["ROC-AUC"].value > 0.9
    assert found["false alarm rate"].value < 0.1
    assert found["F1"].value > found["F1"].trivial
    assert set(verdict.simple) == set(fleet.DEVIATIONS)
    chosen = np.flatnonzero((small.targets[TARGET] > 40.0) | (small.targets[TARGET] <= 10.0))
    rivals = {name: fleet._f1(small.targets[TARGET] <= 10.0, each.alarm, chosen) for name, each in verdict.simple.items()}
    assert found["F1"].simple == max(rivals.values())
    assert rivals[found["F1"].simple_name] == found["F1"].simple


def test_the_served_score_is_the_mean_of_its_members(small: Table) -> None:
    artifact = served(fit(small, 0))
    rows = inputs(artifact, small)
    assert rows.shape == (len(small), len(artifact.inputs))
    answers = predictor(artifact).predict(rows)[:, 0]
    assert ((answers > 0) & (answers < 1)).all()


def test_an_engine_is_found_at_the_fifth_alarm_in_a_row() -> None:
    left = np.arange(199.0, -1, -1)
    alarm = np.zeros(200, np.bool_)
    alarm[120:124] = True
    alarm[150:] = True
    assert lead(alarm, left) == 199 - 154
    assert lead(np.zeros(200, np.bool_), left) == 0.0
