"""Small engines in the layout of C-MAPSS for the tests: three sensors that wear, the rest stand still or follow the regime."""

import numpy as np

from models.datasets.cmapss import SENSORS, SETTINGS, TARGET, folds
from models.table import IntArray, Table


def engines(count: int, *, regimes: int = 1, seed: int = 0, cut: int = 0) -> Table:
    """Engines of 60 to 100 cycles that run to failure, or stop up to `cut` cycles before."""
    random = np.random.default_rng(seed)
    parts = []
    for unit in range(count):
        span = int(random.integers(60, 101))
        left = np.arange(span - 1, -1, -1.0)
        wear = np.exp(-left / 15.0)
        regime = random.integers(0, regimes, span)
        sensors = np.tile(regime[:, None] * 50.0 + 500.0, (1, len(SENSORS)))
        sensors[:, 2:5] += 10.0 * wear[:, None] * (1.0, -1.0, 2.0)
        sensors[:, 2:6] += random.normal(size=(span, 4))
        settings = np.column_stack([regime * 8.0, regime * 0.15, np.full(span, 100.0)]) + random.normal(0, (1e-3, 1e-3, 0.0), (span, 3))
        keep = slice(0, span - int(random.integers(0, cut + 1)))
        parts.append(np.column_stack([np.full(span, unit), np.arange(1.0, span + 1), left, settings, sensors])[keep])
    rows = np.concatenate(parts)
    features = {name: rows[:, 3 + k].copy() for k, name in enumerate((*SETTINGS, *SENSORS))}
    names = tuple(str(unit) for unit in range(count))
    return Table(features, {TARGET: rows[:, 2].copy()}, rows[:, 0].astype(np.int64), rows[:, 1].copy(), "cycle", names)


def group(table: Table) -> IntArray:
    """Fold of each engine."""
    found = np.zeros(len(table.units), np.int64)
    for fold, (_, held) in enumerate(folds(table, 0)):
        found[table.unit[held]] = fold
    return found
