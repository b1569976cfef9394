"""Fitted models of scikit-learn as plain arrays: nothing of the library is needed to serve them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.artifact import Array, Artifact


def boosted(model: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Artifact:  # noqa: ANN401  scikit-learn is untyped
    """A HistGradientBoosting classifier of two classes (probability of the second) or regressor.

    Its trees live in private attributes: the tests compare every answer with the library's own.
    """
    nodes = [rounds[0].nodes for rounds in model._predictors]  # noqa: SLF001  the library offers no other way
    parts = [
        {
            "feature": each["feature_idx"].astype(np.int32),
            "threshold": each["num_threshold"].astype(np.float64),
            "left": np.where(each["is_leaf"], -1, each["left"].astype(np.int64)),
            "right": each["right"].astype(np.int64),
            "value": each["value"].astype(np.float64)[:, None],
            "cover": each["count"].astype(np.float64),
        }
        for each in nodes
    ]
    link = "logistic" if hasattr(model, "predict_proba") else "identity"
    start = np.asarray(model._baseline_prediction, np.float64).reshape(1)  # noqa: SLF001
    return Artifact("trees", tuple(inputs), tuple(outputs), _joined(parts) | {"start": start}, options={"link": link, "single": False})


def forest(model: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Artifact:  # noqa: ANN401
    """A forest of classification trees: the probability of each class, in the order of the model's classes."""
    trees = [each.tree_ for each in model.estimators_]
    parts = [_part(tree, tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True) / len(trees)) for tree in trees]
    arrays = _joined(parts) | {"start": np.zeros(len(outputs))}
    return Artifact("trees", tuple(inputs), tuple(outputs), arrays, options={"link": "identity", "single": True})


def isolation(model: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Artifact:  # noqa: ANN401
    """An isolation forest over all inputs: the score of Liu et al. (2008), 0 to 1, larger is stranger."""
    trees = [each.tree_ for each in model.estimators_]
    expected = float(_path(np.asarray([model.max_samples_]))[0]) * len(trees)
    parts = [_part(tree, ((_depths(tree) + _path(tree.n_node_samples)) / expected)[:, None]) for tree in trees]
    arrays = _joined(parts) | {"start": np.zeros(1)}
    return Artifact("trees", tuple(inputs), tuple(outputs), arrays, options={"link": "halving", "single": True})


def _part(tree: Any, value: Array) -> dict[str, Array]:  # noqa: ANN401
    return {
        "feature": tree.feature.astype(np.int32),
        "threshold": tree.threshold.astype(np.float64),
        "left": tree.children_left.astype(np.int64),
        "right": tree.children_right.astype(np.int64),
        "value": np.asarray(value, np.float64),
        "cover": tree.weighted_n_node_samples.astype(np.float64),
    }


def _joined(parts: Sequence[dict[str, Array]]) -> dict[str, Array]:
    """Trees behind each other; numbers of nodes are those of the whole."""
    root = np.concatenate([[0], np.cumsum([len(part["left"]) for part in parts])[:-1]])
    for part, first in zip(parts, root, strict=True):
        part["left"] = np.where(part["left"] < 0, -1, part["left"] + first).astype(np.int32)
        part["right"] = (part["right"] + first).astype(np.int32)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} | {"root": root.astype(np.int32)}


def _depths(tree: Any) -> Array:  # noqa: ANN401
    """Splits above each node."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # parents come before their children
        if tree.children_left[node] >= 0:
            depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
    return depth


def _path(rows: Array) -> Array:
    """Mean path length of a search tree of so many rows."""
    n = np.maximum(np.asarray(rows, np.float64), 2.0)
    long = 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.where(np.asarray(rows) <= 1, 0.0, np.where(np.asarray(rows) == 2, 1.0, long))


def linear(model: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Artifact:  # noqa: ANN401
    """A pipeline of StandardScaler and a linear classifier of three classes or more: the probability of each."""
    scaler, fitted = model[0], model[-1]
    arrays = {
        "mean": scaler.mean_.astype(np.float64),
        "scale": scaler.scale_.astype(np.float64),
        "coefficient": fitted.coef_.T.astype(np.float64),
        "start": fitted.intercept_.astype(np.float64),
    }
    return Artifact("linear", tuple(inputs), tuple(outputs), arrays, options={"link": "softmax"})


def layers(models: Sequence[Any], inputs: Sequence[str], outputs: Sequence[str]) -> Artifact:
    """Networks of two hidden layers with rectifiers behind one common StandardScaler, as their mean: pipelines of equal shape."""
    networks = [model[-1] for model in models]
    weights = [np.stack([network.coefs_[k] for network in networks]) for k in range(3)]
    starts = [np.stack([network.intercepts_[k] for network in networks]) for k in range(3)]
    arrays = {
        "mean": models[0][0].mean_.astype(np.float64),
        "scale": models[0][0].scale_.astype(np.float64),
        "first": weights[0],
        "first_start": starts[0],
        "second": weights[1],
        "second_start": starts[1],
        "last": weights[2][:, :, 0],
        "start": starts[2][:, 0],
    }
    return Artifact("layers", tuple(inputs), tuple(outputs), arrays)
