import json
from pathlib import Path

import numpy as np
import pytest

from simulator.fault import Fault, PlanError, draw, read_plan, write_plan
from simulator.plant import Layout


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    layout = Layout(assets=20, sensors=6)
    plan = draw(layout.failing, seed=5, seconds=600)
    write_plan(tmp_path / "plan.json", plan)
    assert read_plan(tmp_path / "plan.json") == plan
    assert {fault.subject for fault in plan} == {"machine", "sensor"}


def test_the_seed_decides_the_plan() -> None:
    failing = Layout(assets=20, sensors=6).failing
    assert draw(failing, seed=5, seconds=600) == draw(failing, seed=5, seconds=600)
    assert draw(failing, seed=5, seconds=600) != draw(failing, seed=6, seconds=600)


def test_wear_grows_to_its_magnitude_and_ends_with_the_repair() -> None:
    fault = Fault("fan-003", "bearing_wear", 10, duration_s=100, magnitude=0.8, growth_s=50)
    severity = fault.severity(np.array([0.0, 10, 35, 60, 109, 110]))
    assert severity[[0, 1, 5]].tolist() == [0, 0, 0]
    assert 0 < severity[2] < 0.2
    assert severity[3:5].tolist() == pytest.approx([0.8, 0.8])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not JSON"),
        ("{}", "expected an array"),
        ("[3]", "fault 1: expected an object"),
        (json.dumps([{"asset": "a", "kind": "imbalance"}]), "needs at least asset, kind and start_s"),
        (json.dumps([{"asset": "a", "kind": "rust", "start_s": 0}]), "unknown kind 'rust' of a machine fault; known: bearing_wear"),
        (json.dumps([{"asset": "a", "kind": "stuck", "start_s": 0, "sensor": "a.b", "begin": 1}]), "unknown field 'begin'"),
        (json.dumps([{"asset": "a", "kind": "imbalance", "start_s": "soon"}]), "start_s = 'soon' is not a number"),
        (json.dumps([{"asset": "a", "kind": "imbalance", "start_s": 0, "duration_s": 0}]), "duration_s = 0 must be positive"),
    ],
)
def test_a_wrong_plan_says_where_and_what(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(PlanError) as raised:
        read_plan(path)
    assert str(path) in str(raised.value)
    assert told in str(raised.value)
