"""Engine rows to feature rows: what regimes, healthy spread and lives of the training engines say about them. Rows only look back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from models.artifact import Array
from models.datasets.cmapss import SENSORS, SETTINGS, TARGET
from models.table import FloatArray, IntArray, Table
from processors.history import BLOCKS, LIFE, lives, past

STEPS: Final = (5.0, 0.1, 10.0)  # settings are rounded to these to see whether there are regimes
REGIMES: Final = 6
CLIP: Final = 8.0  # standard deviations
EARLY, LATE, MOVED = 30, 15, 0.5  # first and last cycles; standard deviations a sensor must move between them
SHAPES: Final = 3  # principal components of a past
LAGS: Final = ((0, 1.0), (10, 0.8), (20, 0.6), (40, 0.5))  # cycles back, weight
REFERENCE_MAX: Final = 9000  # rows


@dataclass(frozen=True, slots=True)
class Scale:
    """Readings without the influence of the operating regime.

    Args:
        place: (3,) mean of the settings.
        spread: (3,) their standard deviation.
        centre: (regimes, 3) of the scaled settings.
        mean: (regimes, sensors kept) of the training rows.
        deviation: (regimes, sensors kept), never 0.
        kept: numbers of the sensors that move with life.

    """

    place: FloatArray
    spread: FloatArray
    centre: FloatArray
    mean: FloatArray
    deviation: FloatArray
    kept: IntArray

    @classmethod
    def fit(cls, table: Table) -> Self:
        """Learnt from training engines that ran to failure."""
        settings = table.matrix(SETTINGS)
        place, spread = settings.mean(axis=0), settings.std(axis=0) + 1e-9
        many = len(np.unique(np.round(settings / STEPS), axis=0)) > REGIMES // 2
        scaled = (settings - place) / spread
        centre = KMeans(REGIMES, n_init=4, random_state=0).fit(scaled).cluster_centers_ if many else np.zeros((1, len(SETTINGS)))
        regime = _nearest(scaled, centre)
        rows = table.matrix(SENSORS)
        mean, deviation = (np.stack([each(rows[regime == k], axis=0) for k in range(len(centre))]) for each in (np.mean, np.std))
        moving = (deviation > 3e-6 * np.abs(mean).clip(1e-3)).sum(axis=0) > len(centre) // 2
        deviation = np.where(deviation > 1e-9, deviation, 1.0)
        z = np.clip((rows - mean[regime]) / deviation[regime], -CLIP, CLIP)
        kept = np.flatnonzero(moving & (_movement(z, table) > MOVED))
        return cls(place, spread, centre, mean[:, kept], deviation[:, kept], kept)

    def z(self, table: Table) -> FloatArray:
        """Standard deviations from the mean of the regime, (n, sensors kept)."""
        regime = _nearest((table.matrix(SETTINGS) - self.place) / self.spread, self.centre)
        rows = table.matrix(SENSORS)[:, self.kept]
        return np.clip((rows - self.mean[regime]) / self.deviation[regime], -CLIP, CLIP)

    @property
    def names(self) -> tuple[str, ...]:
        """Sensors kept."""
        return tuple(SENSORS[number] for number in self.kept)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Pasts of the training engines and what was left to each.

    Args:
        mean: (sensors kept,) of the smoothed readings.
        component: (sensors kept, SHAPES), scaled.
        reference: (r, SHAPES * lags) pasts.
        machine: (r,) engine of each.
        life: (r,) cycles left.
        group: (engines,) fold that holds an engine back.

    """

    mean: FloatArray
    component: FloatArray
    reference: Array
    machine: IntArray
    life: FloatArray
    group: IntArray

    @classmethod
    def fit(cls, smooth: FloatArray, table: Table, group: IntArray) -> Self:
        """Learnt from smoothed readings (n, sensors kept) of training engines."""
        found = PCA(SHAPES, svd_solver="full").fit(smooth)
        component = found.components_.T / np.sqrt(found.explained_variance_[0])
        chosen = np.arange(0, len(table), 1 + len(table) // REFERENCE_MAX)
        pasts = _pasts((smooth - found.mean_) @ component, beginnings(table))[chosen]
        return cls(found.mean_, component, pasts, table.unit[chosen], table.targets[TARGET][chosen], group)

    def lives(self, smooth: FloatArray, first: IntArray, own: IntArray, rows: IntArray) -> FloatArray:
        """Features (rows, folds, 6) in the order of processors.history.LIFE, for some of the rows."""
        score = np.zeros((len(smooth), self.component.shape[1]))
        for k in range(len(self.mean)):  # sensor by sensor, so that a row gives the same alone and among others
            score += (smooth[:, k : k + 1] - self.mean[k]) * self.component[k]
        pasts = _pasts(score, first)[rows]
        groups = int(self.group.max()) + 1
        return np.asarray(lives(pasts, own[rows], self.reference, self.machine, self.life, self.group, groups))


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything between the rows of an engine and the inputs of a model."""

    scale: Scale
    likeness: Likeness

    @classmethod
    def fit(cls, table: Table, group: IntArray) -> Self:
        """Learnt from training engines, of which each is held back by the member of its group."""
        scale = Scale.fit(table)
        features = past(scale.z(table), beginnings(table))
        return cls(scale, Likeness.fit(_smooth(features, len(scale.kept)), table, group))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the columns of `rows`."""
        blocks = [f"{block}.{sensor}" for block in BLOCKS for sensor in self.scale.names]
        folds = range(int(self.likeness.group.max()) + 1)
        return (*blocks, "age_cycles", *(f"{life}@{fold}" for fold in folds for life in LIFE))

    def rows(self, table: Table, chosen: IntArray, *, known: bool = False) -> FloatArray:
        """Features (chosen, inputs) of some rows.

        Args:
            table: whole engines.
            chosen: numbers of the rows.
            known: the engines are the training engines, whose own lives must not be asked.

        """
        first = beginnings(table)
        features = past(self.scale.z(table), first)
        own = table.unit if known else np.full(len(table), -1)
        found = self.likeness.lives(_smooth(features, len(self.scale.kept)), first, own, chosen)
        return np.column_stack([features[chosen], table.time[chosen], found.reshape(len(chosen), -1)])

    def arrays(self) -> dict[str, Array]:
        """Its numbers, to be kept with the model."""
        scale = {f"engine.scale.{each.name}": getattr(self.scale, each.name) for each in fields(self.scale)}
        return scale | {f"engine.likeness.{each.name}": getattr(self.likeness, each.name) for each in fields(self.likeness)}

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> Self:
        """The same from its numbers."""
        scale = Scale(*(arrays[f"engine.scale.{each.name}"] for each in fields(Scale)))
        return cls(scale, Likeness(*(arrays[f"engine.likeness.{each.name}"] for each in fields(Likeness))))


def beginnings(table: Table) -> IntArray:
    """Number of the first row of the engine of each row."""
    fresh = np.append(True, np.diff(table.unit) != 0)
    return np.asarray(np.maximum.accumulate(np.where(fresh, np.arange(len(table)), 0)))


def _movement(z: FloatArray, table: Table) -> FloatArray:
    """Root mean square over the engines of what each sensor moves in a life: two faults that push opposite ways do not cancel."""
    moves = []
    for number in np.unique(table.unit):
        own = table.unit == number
        late, early = own & (table.targets[TARGET] < LATE), own & (table.time <= EARLY)
        moves.append(z[late].mean(axis=0) - z[early].mean(axis=0))
    return np.asarray(np.sqrt(np.mean(np.square(moves), axis=0)))


def _nearest(rows: FloatArray, centre: FloatArray) -> IntArray:
    return np.asarray(np.argmin([((rows - each) ** 2).sum(axis=1) for each in centre], axis=0))


def _smooth(features: FloatArray, sensors: int) -> FloatArray:
    """The block of means over ten cycles."""
    at = BLOCKS.index("mean_10") * sensors
    return features[:, at : at + sensors]


def _pasts(score: FloatArray, first: IntArray) -> Array:
    number = np.arange(len(score))
    parts = [score[np.maximum(number - lag, first)] * weight for lag, weight in LAGS]
    return np.ascontiguousarray(np.column_stack(parts), np.float32)
