"""A tiny model for the tests of registry and serving: a logistic regression on generated rows, as an ONNX graph."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from models.artifact import Artifact
from models.card import Card, Figure
from models.recipe import Trained
from models.table import FloatArray

INPUTS = ("flow_l_min", "power_kw")


@lru_cache
def graph(seed: int = 0) -> bytes:
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    rows, labels = generated(seed)
    model = LogisticRegression().fit(rows, labels)
    made: bytes = to_onnx(model, rows[:1].astype(np.float32), options={"zipmap": False}, target_opset=18).SerializeToString()
    return made


def generated(seed: int, count: int = 200) -> tuple[FloatArray, FloatArray]:
    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(count, len(INPUTS)))
    return rows, (rows @ [1.0, -2.0] + dice.normal(size=count) > 0).astype(float)


def artifact(seed: int = 0) -> Artifact:
    return Artifact("graph", INPUTS, ("probability",), graphs={"model": graph(seed)}, options={"output": "probabilities"})


def card(name: str = "pump_wear", value: float = 0.8, **changes: object) -> Card:
    figure = Figure(
        "generated", "held-out rows", "F1", value, "higher", 0.7, 0.9, trivial=0.5, trivial_name="always wear", simple=0.6, published=0.9
    )
    made = Card(name, "classification", "Wear of a pump", ("pump",), ("flow",), "any", "generated", "by row", "tests only", (figure,), 2.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def trained(name: str = "pump_wear", value: float = 0.8, seed: int = 0, **changes: object) -> Trained:
    return Trained(artifact(seed), card(name, value, **changes), generated(seed)[0][:3], {"C": 1.0}, {"pr.png": b"\x89PNG"})


def light(name: str = "pump_wear", value: float = 0.8, seed: int = 0, **changes: object) -> Trained:
    """The same without a graph: made and read in a moment, in another process, too."""
    arrays = {"mean": np.zeros(2), "scale": np.ones(2), "coefficient": np.array([[1.0], [-2.0]]), "start": np.array([float(seed)])}
    linear = Artifact("linear", INPUTS, ("probability",), arrays, options={"link": "identity"})
    return Trained(linear, card(name, value, **changes), generated(seed)[0][:3], {"C": 1.0})


def plain(weight: float = 1.0) -> Artifact:
    """A model of arrays only: no graph library is needed to make it."""
    return Artifact("plain_test", INPUTS, ("probability",), {"weight": np.full(len(INPUTS), weight)})
