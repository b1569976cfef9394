import numpy as np
import pytest

from models.card import MEMBERS
from models.catalogue import recipe
from models.predictor import predictor
from models.recipes.hydraulic import _discriminant, _extra_trees, _figures, _fit, _judged, _simple, nearest
from models.simple import BEHIND
from models.table import Table
from tests.models.recorded import recorded

CYCLES = 60


def rig() -> Table:
    random = np.random.default_rng(6)
    leak = np.tile([0.0, 1.0, 2.0], CYCLES // 3)
    features = {"flow.mean": leak + random.normal(0, 0.1, CYCLES), "flow.spread": random.normal(size=CYCLES)}
    number = np.arange(CYCLES)
    return Table(features, {"pump_leak": leak}, number, number.astype(np.float64), "row", ())


@pytest.mark.parametrize("fit", [_extra_trees, _discriminant])
def test_the_same_rows_and_seed_give_the_same_model(fit: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.recipes.hydraulic.TREES", 50)
    table = rig()
    first, again = (_fit(table, "pump_leak", 0, fit) for _ in range(2))  # type: ignore[arg-type]
    assert first.digest() == again.digest()
    assert first.outputs == ("pump_leak=0", "pump_leak=1", "pump_leak=2")
    told = _judged(first, table, "pump_leak", 0).argmax(axis=2)
    np.testing.assert_array_equal(told, np.tile(table.targets["pump_leak"], (2, 1)))
    np.testing.assert_allclose(predictor(first).predict(table.matrix()).sum(axis=1), 1.0)


def test_the_nearest_mean_takes_the_telling_statistic() -> None:
    table = rig()
    condition = table.targets["pump_leak"].astype(np.int64)
    np.testing.assert_array_equal(nearest(table.matrix(), condition, table.matrix()), condition)


def test_real_cycles_reach_what_was_measured() -> None:
    card = recipe("hydraulic_cooler").train(recorded("hydraulic")).card
    accuracy, balanced = card.figures
    assert accuracy.value == 1.0
    assert accuracy.trivial < 0.35
    assert (accuracy.low, accuracy.high) == pytest.approx((0.98736, 1.0), abs=1e-5)  # exact, of 290 cycles that all agree
    assert np.isnan([balanced.low, balanced.high]).all()
    assert "290 cycles, no spread" in balanced.note
    assert accuracy.note.startswith(BEHIND)
    assert card.judged == MEMBERS


def test_the_simple_baseline_is_the_strongest_of_several() -> None:
    table = rig()
    condition = table.targets["pump_leak"].astype(np.int64)
    simple = _simple(table, "pump_leak", 0)
    accuracy = _figures(condition, np.zeros((2, CYCLES), np.int64), simple)[0]
    assert len(simple) == 5
    assert accuracy.simple == max(float((told == condition).mean()) for told in simple.values())
