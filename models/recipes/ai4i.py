"""Failure of a milling machine (AI4I 2020) from one snapshot: the bare sensors, and with margins to the documented limits.

Five members, each trained on four fifths of the rows and judged on the fifth it never saw; the mean of the five is served.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from models import plots
from models.artifact import Artifact
from models.card import MEMBERS, Card, Figure
from models.datasets.ai4i import FOLDS, TARGET, folds, load
from models.judge import interval, row_us, served
from models.kinds.stack import members, stack
from models.plain import boosted
from models.predictor import predictor
from models.recipe import Trained
from models.table import BoolArray, FloatArray, IntArray, Table

OVERSTRAIN: Final = np.array([11000.0, 12000.0, 13000.0])  # minNm by grade
POWER_W: Final = (3500.0, 9000.0)
COOLING_K, COOLING_RPM = 8.6, 1380.0
INNER: Final = 3  # folds within the training rows, for the threshold
RAW: Final = {"max_iter": 120, "learning_rate": 0.08, "max_leaf_nodes": 15, "l2_regularization": 1.0}
MARGINS: Final = {"max_iter": 150, "learning_rate": 0.06, "max_leaf_nodes": 8, "min_samples_leaf": 10, "l2_regularization": 2.0}
PROTOCOL: Final = "5-fold stratified, threshold from 3 inner folds of the training rows"


def raw(folder: Path, seed: int) -> Trained:
    """Five sensors and the grade, nothing else."""
    published = {
        "F1": (0.704, "XGBoost, tuned threshold, own split (ABDURRAHMANKABEER/AI-learning-Journey)"),
        "PR-AUC": (0.82, "XGBoost, sensors only (Yankov, bobr.ai)"),
    }
    return _trained("ai4i_raw_hgb", load(folder), seed, RAW, published)


def margins(folder: Path, seed: int) -> Trained:
    """With the distance to each documented limit: engineering knowledge, no discovery."""
    table = load(folder)
    wider = Table(table.features | distances(table), table.targets, table.unit, table.time, table.time_unit, table.units)
    return _trained("ai4i_margins_hgb", wider, seed, MARGINS, {})


def power(table: Table) -> FloatArray:
    """Mechanical power, W: torque times angular speed."""
    return table.features["torque_nm"] * table.features["speed_rpm"] * 2.0 * np.pi / 60.0


def limit(table: Table) -> FloatArray:
    """Documented limit of wear times torque for the grade of each row."""
    return OVERSTRAIN[table.features["grade"].astype(np.int64)]


def rules(table: Table) -> BoolArray:
    """The three documented rules without learning: heat dissipation, power, overstrain."""
    column = table.features
    cooling = (column["process_temperature_k"] - column["air_temperature_k"] < COOLING_K) & (column["speed_rpm"] < COOLING_RPM)
    outside = (power(table) < POWER_W[0]) | (power(table) > POWER_W[1])
    return np.asarray(cooling | outside | (column["wear_min"] * column["torque_nm"] > limit(table)))


def distances(table: Table) -> dict[str, FloatArray]:
    """Physical quantities and how far each row stands from each documented limit; below 0 is beyond it."""
    column = table.features
    difference = column["process_temperature_k"] - column["air_temperature_k"]
    strain = column["wear_min"] * column["torque_nm"]
    inside = np.minimum(power(table) - POWER_W[0], POWER_W[1] - power(table))
    cooling = np.maximum(difference - COOLING_K, (column["speed_rpm"] - COOLING_RPM) / 100.0)
    overstrain = (limit(table) - strain) / 500.0
    return {
        "temperature_difference_k": difference,
        "power_w": power(table),
        "strain_min_nm": strain,
        "strain_share": strain / limit(table),
        "power_inside_w": inside,
        "torque_by_speed_nm_rpm": column["torque_nm"] / column["speed_rpm"],
        "cooling_margin": cooling,
        "power_margin": inside / 500.0,
        "overstrain_margin": overstrain,
        "least_margin": np.minimum(np.minimum(cooling, inside / 500.0), overstrain),
        "late_wear_min": np.maximum(0.0, column["wear_min"] - 198.0),
    }


def threshold(probability: FloatArray, truth: FloatArray) -> float:
    """Where F1 is best: midway between the last probability that alarms and the first that does not."""
    order = np.argsort(-probability, kind="stable")
    hits, alarms = np.cumsum(truth[order]), np.arange(1, len(truth) + 1)
    best = int(np.argmax(2.0 * hits / (alarms + truth.sum())))
    after = probability[order][best + 1] if best + 1 < len(order) else 0.0
    return float((probability[order][best] + after) / 2.0)


def f1(alarm: BoolArray, truth: FloatArray) -> float:
    """F1 of alarms against failures, 0 where there are neither."""
    return float(2.0 * (alarm * truth).sum() / max(alarm.sum() + truth.sum(), 1))


def _trained(name: str, table: Table, seed: int, options: Mapping[str, float], published: dict[str, tuple[float, str]]) -> Trained:
    with threadpool_limits(1):
        artifact = served(_fit(table, seed, options))
    probability, alarm = _judged(artifact, table, seed)
    model = predictor(artifact)
    card = Card(
        name,
        "classification",
        "Failure of a milling machine from one snapshot",
        (),  # the catalogue states the domains
        ("temperature", "speed", "torque"),
        "none",
        "ai4i2020",
        "five folds of rows, which are independent snapshots; each member judged on the fold it never saw",
        "made data with published rules; snapshots, no series: says nothing about when. The margins repeat the rules that made the data.",
        _figures(table, probability, alarm, published),
        row_us(model, table.matrix(artifact.inputs)),
        {"explains": "exact, log-odds"},
        judged=MEMBERS,
    )
    failed = table.targets[TARGET] > 0.0
    pictures = plots.probabilities(failed, probability)
    return Trained(artifact, card, table.matrix(artifact.inputs)[:5], {"seed": seed, **options}, pictures)


def _fit(table: Table, seed: int, options: Mapping[str, float]) -> Artifact:
    inputs = tuple(table.features)
    rows, truth = table.matrix(inputs), table.targets[TARGET]
    parts = {}
    for number, (train, _) in enumerate(folds(table, seed)):
        inner = StratifiedKFold(INNER, shuffle=True, random_state=9)
        guess = cross_val_predict(_model(options, seed), rows[train], truth[train], cv=inner, method="predict_proba")[:, 1]
        made = boosted(_model(options, seed).fit(rows[train], truth[train]), inputs, ("failure_probability",))
        bar = {**made.options, "threshold": threshold(guess, truth[train])}
        parts[f"fold_{number}"] = replace(made, options=bar), 1.0 / FOLDS
    return stack(parts, inputs)


def _model(options: Mapping[str, float], seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(random_state=seed, early_stopping=False, **options)


def _judged(artifact: Artifact, table: Table, seed: int) -> tuple[FloatArray, BoolArray]:
    """Probability and alarm of each row, by the member that never saw it."""
    probability, alarm = np.zeros(len(table)), np.zeros(len(table), np.bool_)
    parts = members(artifact)
    for number, (_, test) in enumerate(folds(table, seed)):
        part = parts[f"fold_{number}"]
        probability[test] = predictor(part).predict(table.rows(test).matrix(part.inputs))[:, 0]
        alarm[test] = probability[test] >= part.options["threshold"]
    return probability, alarm


def _figures(table: Table, probability: FloatArray, alarm: BoolArray, published: Mapping[str, tuple[float, str]]) -> tuple[Figure, ...]:
    truth, rule = table.targets[TARGET], rules(table)

    def alarms(rows: IntArray) -> float:
        return f1(alarm[rows], truth[rows])

    def ranking(rows: IntArray) -> float:
        return float(average_precision_score(truth[rows], probability[rows]))

    trivial = {"F1": f1(np.ones(len(truth), np.bool_), truth), "PR-AUC": float(truth.mean())}
    simple = {"F1": f1(rule, truth), "PR-AUC": float(average_precision_score(truth, rule))}
    found = []
    for metric, figure in (("F1", alarms), ("PR-AUC", ranking)):
        low, high = interval(figure, table.unit)
        known, source = published.get(metric, (float("nan"), ""))
        base = trivial[metric], "always alarm", simple[metric], "documented rules"
        found.append(Figure("ai4i2020", PROTOCOL, metric, figure(np.arange(len(truth))), "higher", low, high, *base, known, source))
    return tuple(found)
