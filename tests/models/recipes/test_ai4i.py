import numpy as np
import pytest

from models.card import Card
from models.catalogue import recipe
from models.predictor import predictor
from models.recipes.ai4i import _fit, _judged, distances, f1, rules, threshold
from models.table import Table
from tests.models.recorded import recorded

FAST = {"max_iter": 5, "max_leaf_nodes": 4}


def milling(rows: int = 300) -> Table:
    random = np.random.default_rng(3)
    features = {
        "grade": random.integers(0, 3, rows).astype(np.float64),
        "air_temperature_k": random.normal(300.0, 2.0, rows),
        "process_temperature_k": random.normal(310.0, 2.0, rows),
        "speed_rpm": random.normal(1540.0, 180.0, rows),
        "torque_nm": random.normal(40.0, 10.0, rows),
        "wear_min": random.uniform(0.0, 250.0, rows),
    }
    table = Table(features, {"failure": np.zeros(rows)}, np.arange(rows), np.arange(float(rows)), "row", ())
    return Table(features, {"failure": rules(table).astype(np.float64)}, table.unit, table.time, "row", ())


def test_margins_fall_below_zero_exactly_where_a_rule_speaks() -> None:
    table = milling(2000)
    beyond = distances(table)["least_margin"] < 0
    np.testing.assert_array_equal(beyond, rules(table))


def test_the_threshold_lies_between_alarm_and_none() -> None:
    assert threshold(np.array([0.9, 0.8, 0.3, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])) == pytest.approx(0.55)
    assert threshold(np.array([0.9, 0.8]), np.array([1.0, 1.0])) == pytest.approx(0.4)


def test_f1_of_nothing_is_nothing() -> None:
    assert f1(np.zeros(3, np.bool_), np.zeros(3)) == 0.0
    assert f1(np.array([True, True]), np.array([1.0, 0.0])) == pytest.approx(2 / 3)


def test_the_same_rows_and_seed_give_the_same_figures() -> None:
    table = milling()
    first, again = (_fit(table, 0, FAST) for _ in range(2))
    assert first.digest() == again.digest()
    np.testing.assert_array_equal(_judged(first, table, 0)[0], _judged(again, table, 0)[0])


def test_the_served_answer_is_the_mean_of_its_members() -> None:
    table = milling()
    artifact = _fit(table, 0, FAST)
    answer = predictor(artifact).predict(table.matrix())
    assert answer.shape == (300, 1)
    assert ((answer > 0) & (answer < 1)).all()


def figures(card: Card) -> dict[str, float]:
    return {figure.metric: figure.value for figure in card.figures}


@pytest.mark.parametrize(("name", "f1_min", "ranking_min"), [("ai4i_raw_hgb", 0.75, 0.82), ("ai4i_margins_hgb", 0.9, 0.91)])
def test_published_rows_reach_what_was_measured(name: str, f1_min: float, ranking_min: float) -> None:
    trained = recipe(name).train(recorded("ai4i2020"))
    found = figures(trained.card)
    assert found["F1"] > f1_min
    assert found["PR-AUC"] > ranking_min
    assert trained.card.serves == "none"
    assert trained.example.shape == (5, len(trained.artifact.inputs))
