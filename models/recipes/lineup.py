"""Networks and boosted trees of one C-MAPSS subset, trained once in a process and shared by its recipes.

Five folds by engine: a member never sees the engines of its fold, nor do the lives it may ask (models/turbofan.py).
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import nnls
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from models.artifact import Artifact
from models.datasets.cmapss import TARGET, ends, folds, subset
from models.plain import boosted, layers
from models.predictor import predictor
from models.table import FloatArray, IntArray, Table
from models.turbofan import Engine
from processors.history import LIFE

CAP: Final = 125.0  # cycles; earlier rows do not show how long they will last
OUTPUT: Final = ("rul_cycles",)
ROWS_MAX: Final = 16_000  # rows a boosted model is trained on
NETWORKS, FORESTS = 3, 2  # of different seeds in each fold; one boosted model where the rows are thinned
COMPACT: Final = ("mean_10", "mean_20", "slope_20", "mean_40", "slope_40", "mean_all", "new")  # blocks a network sees ...
COMPACT_LIFE: Final = ("life", "life_capped", "life_geometric")  # ... and lives
UNTUNED: Final = ("mean_5", "mean_20", "mean_all")  # blocks of the simplest baseline
WHOLE: Final = "our features"
NETWORK: Final[dict[str, Any]] = {
    "hidden_layer_sizes": (64, 32),
    "alpha": 1e-2,
    "learning_rate_init": 2e-3,
    "batch_size": 512,
    "max_iter": 25,
    "n_iter_no_change": 25,
    "tol": 0.0,
}
BOOSTED: Final[dict[str, Any]] = {
    "max_iter": 180,
    "learning_rate": 0.06,
    "max_leaf_nodes": 24,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "max_features": 0.3,
    "early_stopping": False,
}


@dataclass(frozen=True, slots=True)
class Lineup:
    """Everything the recipes of a subset share.

    Args:
        engine: rows to inputs.
        members: artifacts by kind ("mlp", "hgb") and name.
        unseen: (n,) estimate of each training row by the members that never saw its engine, by kind.
        weights: of the kinds in the stack.
        simple: (test engines,) estimates of untuned boosted models by name.

    """

    train: Table
    test: Table
    engine: Engine
    members: dict[str, dict[str, Artifact]]
    unseen: dict[str, FloatArray]
    weights: dict[str, float]
    simple: dict[str, FloatArray]

    @property
    def truth(self) -> FloatArray:
        """(n,) what the training rows had left, capped."""
        return np.minimum(self.train.targets[TARGET], CAP)

    def stacked(self) -> FloatArray:
        """(n,) estimate of the stack for each training row, by members that never saw its engine."""
        return np.clip(sum(weight * self.unseen[kind] for kind, weight in self.weights.items()), 0.0, CAP)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What every member of a subset is taught from: inputs (n, k) and capped lives (n,) of all training rows."""

    engine: Engine
    rows: FloatArray
    truth: FloatArray
    seed: int

    def columns(self, chosen: IntArray, inputs: tuple[str, ...]) -> FloatArray:
        """Some rows, some inputs."""
        return self.rows[np.ix_(chosen, _places(self.engine, inputs))]

    def answers(self, member: Artifact, chosen: IntArray) -> FloatArray:
        """What a member says to some rows."""
        return predictor(member).predict(self.columns(chosen, member.inputs))[:, 0]


@lru_cache(maxsize=2)
def lineup(folder: Path, name: str, seed: int) -> Lineup:
    """Trained on one subset; kept for the next recipe."""
    return trained(*subset(folder, name), seed)


def trained(train: Table, test: Table, seed: int) -> Lineup:
    """Both kinds, five members each; the weights of the stack by least squares on estimates of unseen engines."""
    with threadpool_limits(1):  # sums in one order, and no threads that wait for each other
        return _trained(train, test, seed)


def _trained(train: Table, test: Table, seed: int) -> Lineup:
    parts = folds(train, seed)
    group = np.zeros(len(train.units), np.int64)
    for fold, (_, held) in enumerate(parts):
        group[train.unit[held]] = fold
    engine = Engine.fit(train, group)
    truth = np.minimum(train.targets[TARGET], CAP)
    lesson = Lesson(engine, engine.rows(train, np.arange(len(train)), known=True), truth, seed)
    members: dict[str, dict[str, Artifact]] = {"mlp": {}, "hgb": {}}
    unseen = {kind: np.zeros(len(train)) for kind in members}
    for fold, (seen, held) in enumerate(parts):
        made = {"mlp": _networks(lesson, seen, fold), "hgb": _boosted(lesson, seen, fold)}
        for kind, new in made.items():
            members[kind] |= new
            unseen[kind][held] = np.mean(
                [predictor(member).predict(lesson.columns(held, member.inputs))[:, 0] for member in new.values()], axis=0
            )
    unseen = {kind: np.clip(estimate, 0.0, CAP) for kind, estimate in unseen.items()}
    weights, _ = nnls(np.column_stack(list(unseen.values())), truth)
    simple = _untuned(lesson, test)
    return Lineup(train, test, engine, members, unseen, dict(zip(unseen, map(float, weights), strict=True)), simple)


def _networks(lesson: Lesson, seen: IntArray, fold: int) -> dict[str, Artifact]:
    inputs = _inputs(lesson.engine, COMPACT, COMPACT_LIFE, fold)
    rows = lesson.columns(seen, inputs)
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows).astype(np.float32)
    goal = lesson.truth[seen].astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of rounds is chosen, not waited for
        networks = [MLPRegressor(random_state=number + 100 * lesson.seed, **NETWORK).fit(scaled, goal) for number in range(NETWORKS)]
    return {f"mlp_{fold}": layers([make_pipeline(scaler, network) for network in networks], inputs, OUTPUT)}


def _boosted(lesson: Lesson, seen: IntArray, fold: int) -> dict[str, Artifact]:
    inputs = _inputs(lesson.engine, (), LIFE, fold)
    count = FORESTS if len(seen) <= ROWS_MAX + ROWS_MAX // 4 else 1
    if len(seen) > ROWS_MAX:
        seen = np.sort(np.random.default_rng([lesson.seed, fold]).choice(seen, ROWS_MAX, replace=False))
    found = {}
    for number in range(count):
        model = HistGradientBoostingRegressor(random_state=number + 100 * lesson.seed, **BOOSTED)
        model.fit(lesson.columns(seen, inputs), lesson.truth[seen])
        found[f"hgb_{fold}_{number}"] = boosted(model, inputs, OUTPUT)
    return found


def _untuned(lesson: Lesson, test: Table) -> dict[str, FloatArray]:
    """The simple baselines: settings of the library as they come, on means of the past and the age, and on all that a member sees."""
    rows = lesson.engine.rows(test, ends(test))
    found = {}
    for name, blocks, life, early in (("means", UNTUNED, (), False), (WHOLE, (), LIFE, False), (f"{WHOLE}, stopped early", (), LIFE, True)):
        places = _places(lesson.engine, _inputs(lesson.engine, blocks, life, 0))
        model = HistGradientBoostingRegressor(random_state=0, early_stopping=early).fit(lesson.rows[:, places], lesson.truth)
        found[f"untuned boosted trees on {name}"] = np.asarray(model.predict(rows[:, places]))
    return found


def _inputs(engine: Engine, blocks: tuple[str, ...], life: tuple[str, ...], fold: int) -> tuple[str, ...]:
    """Columns of some blocks (none: all), the age and some lives as this fold may know them."""
    wanted = {f"{each}@{fold}" for each in life} | {"age_cycles"}
    return tuple(name for name in engine.inputs if name in wanted or ("." in name and (not blocks or name.split(".")[0] in blocks)))


def _places(engine: Engine, inputs: tuple[str, ...]) -> IntArray:
    place = {name: number for number, name in enumerate(engine.inputs)}
    return np.array([place[name] for name in inputs])
