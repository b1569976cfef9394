"""Share of its life that a rolling bearing has left, from its vibration against its own first recordings: boosted trees.

One member for each bearing that is left out, judged on that bearing; the mean of the members is served. Every input looks back only
and knows no length of a life, so that it can be had while the bearing runs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from models.artifact import Artifact
from models.card import MEMBERS, Card, Figure
from models.datasets import ims, xjtu
from models.datasets.bearing import NAMES, REMAINING
from models.generated import wear
from models.judge import interval, row_us, served
from models.kinds.stack import members, stack
from models.plain import boosted
from models.predictor import predictor
from models.recipe import Trained
from models.simple import others, strongest
from models.table import BoolArray, FloatArray, IntArray, Table

Folds = Sequence[tuple[IntArray, IntArray]]
BEARINGS: Final = 20  # generated
FIRST: Final = 20  # recordings that a bearing is compared with: its own first ones, as far as they are there
LAST: Final = 5  # recordings whose median is looked at
BEFORE: Final = 20  # recordings back that the change is counted from
LEVEL: Final = "rms_m_s2"
INPUTS: Final = (*(f"{name}_ratio" for name in NAMES), *(f"{name}_highest" for name in NAMES), f"{LEVEL}_change", "log_recordings")
SIMPLE: Final = [INPUTS.index(f"{LEVEL}_ratio"), INPUTS.index("log_recordings")]  # of the lines
OPTIONS: Final = {"max_iter": 100, "learning_rate": 0.05, "max_leaf_nodes": 8, "min_samples_leaf": 20, "l2_regularization": 1.0}
TAUGHT: Final = 100  # rows of each bearing
RULES: Final = (
    "age against the mean life",
    "a line on the level",
    "a line on level and age",
    "alarm rule on the level: the mean before and after",
)
LATE: Final = 0.3  # share of the life from which on the end is near
SIGMAS, POINTS, OF, HEALTHY = 3.0, 5, 6, 0.2  # the alarm rule judged on IMS: 5 of 6 points above mean + 3 sigma of the first 20 %
METRIC: Final = "RMSE of the share of life left, mean of bearings"
NEAR: Final = f"RMSE of the share of life left where it is below {LATE:g}, mean of bearings"
PUBLISHED: Final = (0.16, "Feature-LSTM, which knows the first 20 % of each life; LightGBM 0.234 (thfmn/xjtu-sy-bearing)")
WARNED_H: Final = {
    "1st_test/3": 12.2,
    "1st_test/4": 92.9,
    "2nd_test/1": 74.5,
    "3rd_test/3": 190.0,
}  # by that rule, k 3, before the last file


def life(folder: Path, seed: int) -> Trained:
    """Bearings of XJTU-SY where the folder holds them, else generated ones."""
    if folder.is_dir() and any(folder.glob(f"**/{xjtu.CONDITIONS[0]}/Bearing*")):
        table = xjtu.load(folder)
        split = "leave one bearing out, learnt on the others under its condition"
        return _trained("bearing_life", "XJTU-SY", table, xjtu.folds(table), split, seed, PUBLISHED)
    table = wear.lives(seed, BEARINGS)
    folds = [(np.flatnonzero(table.unit != number), np.flatnonzero(table.unit == number)) for number in range(BEARINGS)]
    return _trained("bearing_life", "generated bearings", table, folds, "leave one bearing out", seed)


def shaft(folder: Path, seed: int) -> Trained:
    """The four bearings of IMS that failed, each judged by those of the other tests."""
    table = ims.load(folder)
    split = "leave one test out, bearings that failed"
    return _trained("bearing_life_ims", "IMS", table, ims.folds(table), split, seed, note=warned(table))


def inputs(table: Table) -> FloatArray:
    """Inputs of the model (n, inputs): logarithms of the features now, at their highest so far, their change, and the age."""
    found = np.empty((len(table), len(INPUTS)))
    for number in np.unique(table.unit):
        own = np.flatnonzero(table.unit == number)
        found[own] = _past(np.log(np.maximum(table.rows(own).matrix(NAMES), 1e-3)))
    return found


def left(table: Table) -> FloatArray:
    """Share of the life that is left, (n,): 1 at the first recording, 0 at the last."""
    found = np.empty(len(table))
    for number in np.unique(table.unit):
        own = np.flatnonzero(table.unit == number)
        found[own] = np.linspace(1.0, 0.0, len(own))
    return found


def alarm(values: FloatArray) -> int:
    """Place of the recording at which the published rule alarms; the number of recordings where it never does."""
    healthy = values[: max(int(HEALTHY * len(values)), 2)]
    above = values > healthy.mean() + SIGMAS * healthy.std()
    counted = np.convolve(above, np.ones(OF))[: len(values)] >= POINTS
    counted[: len(healthy)] = False
    return int(np.argmax(counted)) if counted.any() else len(values)


def warned(table: Table) -> str:
    """Hours between the alarm of that rule on the level and the last file, of each bearing that failed, beside the published ones."""
    told = []
    for number in np.unique(table.unit[table.targets[ims.FAILED] > 0.0]).tolist():
        own = table.of_units([number])
        place, name = alarm(own.features[LEVEL]), table.units[number]
        hours = own.targets[REMAINING][place] / 60.0 if place < len(own) else 0.0
        told.append(f"{name} {hours:.1f} h ({WARNED_H.get(name, float('nan')):.4g} h)")
    return f"warning of the alarm rule on the level, in brackets as published: {', '.join(told)}"


def _past(rows: FloatArray) -> FloatArray:
    """Inputs of one bearing from the logarithms of its features (n, names)."""
    first = np.array([np.median(rows[: min(place + 1, FIRST)], axis=0) for place in range(len(rows))])
    now = np.array([np.median(rows[max(0, place + 1 - LAST) : place + 1], axis=0) for place in range(len(rows))]) - first
    highest = np.maximum.accumulate(now, axis=0)
    level = now[:, NAMES.index(LEVEL)]
    change = level - level[np.maximum(np.arange(len(rows)) - BEFORE, 0)]
    return np.column_stack([now, highest, change, np.log1p(np.arange(len(rows)))])


def _trained(  # noqa: PLR0913, PLR0917  what differs between the sets
    name: str,
    data_set: str,
    table: Table,
    folds: Folds,
    split: str,
    seed: int,
    published: tuple[float, str] = (float("nan"), ""),
    note: str = "",
) -> Trained:
    rows, truth = inputs(table), left(table)
    with threadpool_limits(1):
        artifact = served(_fit(table, rows, truth, folds, seed))
    foretold = judged(artifact, table, rows, folds)
    card = Card(
        name,
        "rul",
        "Share of its life that a rolling bearing has left",
        (),  # the catalogue states the domains
        ("vibration",),
        "none",
        data_set,
        split,
        "bearings of a test rig at one load and speed, worn out within hours or weeks; healthy recordings say nothing of the time left",
        figures(data_set, split, table, foretold, simple(table, rows, truth, folds), (published, note), seed),
        row_us(predictor(artifact), rows),
        {"explains": "exact"},
        judged=MEMBERS,
    )
    return Trained(artifact, card, rows[:5], {"seed": seed, "bearings": len(folds), **OPTIONS})


def _fit(table: Table, rows: FloatArray, truth: FloatArray, folds: Folds, seed: int) -> Artifact:
    """One member for each bearing that is left out, by its name; every bearing weighs the same, however long it lived."""
    parts = {}
    for train, held in folds:
        taught = _evenly(table.unit, train)
        model = HistGradientBoostingRegressor(random_state=seed, early_stopping=False, **OPTIONS).fit(rows[taught], truth[taught])
        parts[table.units[table.unit[held[0]]]] = boosted(model, INPUTS, ("share_left",)), 1.0 / len(folds)
    return stack(parts, INPUTS, clip=(0.0, 1.0))


def judged(artifact: Artifact, table: Table, rows: FloatArray, folds: Folds) -> FloatArray:
    """Shares foretold (n,), of each bearing by the member that never saw it; NaN where there is none."""
    foretold, parts = np.full(len(table), np.nan), members(artifact)
    for _, held in folds:
        member = parts[table.units[table.unit[held[0]]]]
        foretold[held] = np.clip(predictor(member).predict(rows[held])[:, 0], 0.0, 1.0)
    return foretold


def simple(table: Table, rows: FloatArray, truth: FloatArray, folds: Folds) -> dict[str, FloatArray]:
    """What the baselines foretell (n,), learnt on the same bearings; the mean comes first."""
    found = {name: np.full(len(table), np.nan) for name in ("the mean", *RULES)}
    alarmed = _alarmed(table)
    for train, held in folds:
        taught = _evenly(table.unit, train)
        mean_life = len(train) / len(np.unique(table.unit[train]))
        guesses = (
            np.full(len(held), truth[taught].mean()),
            1.0 - np.arange(len(held)) / mean_life,
            _line(rows[taught][:, SIMPLE[:1]], truth[taught], rows[held][:, SIMPLE[:1]]),
            _line(rows[taught][:, SIMPLE], truth[taught], rows[held][:, SIMPLE]),
            _stages(truth, alarmed, taught, held),
        )
        for name, guess in zip(found, guesses, strict=True):
            found[name][held] = np.clip(guess, 0.0, 1.0)
    return found


def figures(  # noqa: PLR0913, PLR0917  one call, all of it
    data_set: str,
    split: str,
    table: Table,
    foretold: FloatArray,
    rivals: Mapping[str, FloatArray],
    stated: tuple[tuple[float, str], str],
    seed: int,
) -> tuple[Figure, ...]:
    """Error over the whole life and near its end, each the mean of the bearings."""
    truth, (published, note) = left(table), stated
    found = []
    for metric, chosen in ((METRIC, truth >= 0.0), (NEAR, truth < LATE)):
        rows = np.flatnonzero(chosen & np.isfinite(foretold))
        ours = _errors(foretold, truth, table.unit, rows)

        def mean(drawn: IntArray, ours: FloatArray = ours) -> float:
            return float(ours[drawn].mean())

        low, high = interval(mean, np.arange(len(ours)), seed)
        (trivial, base), *rest = ((name, float(_errors(guess, truth, table.unit, rows).mean())) for name, guess in rivals.items())
        known = dict(rest)
        best = strongest(known, "lower")
        told = "; ".join(filter(None, (others(known, "lower"), f"interval over {len(ours)} bearings", note if metric == METRIC else "")))
        against = published if metric == METRIC else (float("nan"), "")
        names = base, trivial, known[best], best
        found.append(Figure(data_set, split, metric, float(ours.mean()), "lower", low, high, *names, *against, note=told))
    return tuple(found)


def _errors(guess: FloatArray, truth: FloatArray, unit: IntArray, rows: IntArray) -> FloatArray:
    """RMSE of each bearing among some rows."""
    square = (guess - truth) ** 2
    return np.array([np.sqrt(square[rows[unit[rows] == number]].mean()) for number in np.unique(unit[rows])])


def _evenly(unit: IntArray, train: IntArray) -> IntArray:
    """As many of the taught rows of each bearing, evenly over its life; of a short life some twice."""
    lives = [train[unit[train] == number] for number in np.unique(unit[train])]
    return np.concatenate([own[np.linspace(0, len(own) - 1, TAUGHT).round().astype(np.int64)] for own in lives])


def _line(rows: FloatArray, truth: FloatArray, asked: FloatArray) -> FloatArray:
    """Least squares of the truth on columns (n, k)."""
    weights, *_ = np.linalg.lstsq(np.column_stack([rows, np.ones(len(rows))]), truth)
    return np.asarray(np.column_stack([asked, np.ones(len(asked))]) @ weights, np.float64)


def _stages(truth: FloatArray, alarmed: BoolArray, taught: IntArray, held: IntArray) -> FloatArray:
    """Mean share of the taught bearings before and after the alarm; the rule knows how long a life is: that favours it."""
    known = [truth[taught][alarmed[taught] == stage] for stage in (False, True)]
    before, after = (float(shares.mean()) if len(shares) else 0.5 for shares in known)
    return np.where(alarmed[held], after, before)


def _alarmed(table: Table) -> BoolArray:
    """Whether the alarm rule has alarmed, (n,)."""
    found = np.zeros(len(table), np.bool_)
    for number in np.unique(table.unit):
        own = np.flatnonzero(table.unit == number)
        found[own[alarm(table.features[LEVEL][own]) :]] = True
    return found
