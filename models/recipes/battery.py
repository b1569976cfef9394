"""Capacity of a lithium-ion cell 10, 20 and 40 discharges ahead from its own past, learnt on other cells.

Four members, each trained on three cells and judged on the fourth; the mean of the four is served.
"""

from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from models.artifact import Artifact
from models.card import MEMBERS, Card, Figure
from models.datasets.battery import AHEAD, folds, load
from models.judge import interval, row_us, served
from models.kinds.stack import members, stack
from models.predictor import predictor
from models.recipe import Trained
from models.table import FloatArray, IntArray, Table

INPUTS: Final = ("level_ah", "slope_ah", "fade_ah", "median_ah", "age_discharges")
ALPHA: Final = 1.0


def capacity_ridge(folder: Path, seed: int) -> Trained:
    """Ridge regression of the change; it has no randomness."""
    table = load(folder)
    with threadpool_limits(1):
        artifact = served(fit(table))
    card = Card(
        "battery_capacity_ridge",
        "forecast",
        "Capacity of a lithium-ion cell 10, 20 and 40 discharges ahead",
        (),  # the catalogue states the domains
        ("capacity",),
        "none",
        "nasa_battery",
        "leave one cell out: each member judged on the cell it never saw",
        "four cells of one type under equal conditions. Do not extrapolate to the end of life: that is worse than the mean of other cells.",
        figures(table, judged(artifact, table)),
        row_us(predictor(artifact), table.matrix(INPUTS)),
        {"explains": "exact"},
        judged=MEMBERS,
    )
    return Trained(artifact, card, table.matrix(INPUTS)[:5], {"seed": seed, "alpha": ALPHA})


def fit(table: Table) -> Artifact:
    """One member for each cell that is left out, by its name."""
    parts = {table.units[number]: (_member(table.rows(train)), 1.0 / len(table.units)) for number, (train, _) in enumerate(folds(table))}
    return stack(parts, INPUTS)


def judged(artifact: Artifact, table: Table) -> FloatArray:
    """Capacities foretold (n, horizons), each row by the member that never saw its cell."""
    foretold = np.zeros((len(table), len(AHEAD)))
    parts = members(artifact)
    for number, (_, test) in enumerate(folds(table)):
        foretold[test] = predictor(parts[table.units[number]]).predict(table.rows(test).matrix(INPUTS))
    return foretold


def figures(table: Table, foretold: FloatArray) -> tuple[Figure, ...]:
    """Error at each horizon, of all rows whose future is known."""
    found = []
    for place, ahead in enumerate(AHEAD):
        truth = table.targets[f"capacity_in_{ahead}_ah"]
        known = np.flatnonzero(np.isfinite(truth))
        error = foretold[known, place] - truth[known]

        def rmse(rows: IntArray, error: FloatArray = error) -> float:
            return float(np.sqrt(np.mean(error[rows] ** 2)))

        low, high = interval(rmse, table.unit[known])
        persistence = float(np.sqrt(np.mean((table.features["last_ah"][known] - truth[known]) ** 2)))
        fade = table.features["level_ah"] + table.features["fade_ah"] * ahead
        slope = float(np.sqrt(np.mean((fade[known] - truth[known]) ** 2)))
        base = persistence, "persistence", slope, "mean fade so far"
        value = rmse(np.arange(len(known)))
        metric = f"RMSE {ahead} discharges ahead, Ah"
        found.append(Figure("nasa_battery", "leave one cell out", metric, value, "lower", low, high, *base, note="interval over 4 cells"))
    return tuple(found)


def _member(table: Table) -> Artifact:
    rows = table.matrix(INPUTS)
    scaler = StandardScaler().fit(rows)
    coefficients, starts = [], []
    for ahead in AHEAD:
        change = table.targets[f"capacity_in_{ahead}_ah"] - table.features["level_ah"]
        known = np.isfinite(change)
        model = Ridge(ALPHA).fit(scaler.transform(rows[known]), change[known])
        coefficients.append(model.coef_)
        starts.append(model.intercept_)
    arrays = {"mean": scaler.mean_, "scale": scaler.scale_, "coefficient": np.stack(coefficients, axis=1), "start": np.array(starts)}
    outputs = tuple(f"capacity_in_{ahead}_ah" for ahead in AHEAD)
    return Artifact("linear", INPUTS, outputs, arrays, options={"link": "identity", "add": "level_ah"})
