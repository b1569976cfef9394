"""Detectors of one machine: a detector for each operating mode, on rows freed of what the drivers explain.

Inputs: the columns, then the drivers, then `mode`, the place of the mode's name in the option `modes`. A row of a mode that was
not learnt gets no answer: NaN. Arrays per mode: slopes of each column over the drivers and their squares, and the detector's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.kinds.stack import members, stack
from models.predictor import predictor
from models.table import FloatArray
from processors.pattern.scale import kept, robust

MODE = "mode"
RIDGE = 1e-3  # of a driver's own variance
CLIP = 5.0  # spreads within which drivers are believed: beyond, the correction stays as it is there


@dataclass(frozen=True, slots=True)
class Correction:
    """What the drivers explain: centre and spread of each driver (d,), slopes (2 d, k) over driver and square, in spreads."""

    centre: FloatArray
    spread: FloatArray
    slopes: FloatArray

    def apply(self, rows: FloatArray, drivers: FloatArray) -> FloatArray:
        """Rows (n, k) as they would be at the usual drivers (n, d); a missing driver counts as usual."""
        if not len(self.slopes):
            return rows
        return rows - _terms(drivers, self.centre, self.spread) @ self.slopes


def correct(rows: FloatArray, drivers: FloatArray) -> Correction:
    """Least squares of each column over the drivers; rows with a missing value count as usual in that column."""
    if not drivers.shape[1]:
        return Correction(np.empty(0), np.empty(0), np.empty((0, rows.shape[1])))
    known = kept(drivers)
    centre, spread = np.nanmedian(known, axis=0), np.nanstd(known, axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    terms = _terms(drivers, centre, spread)
    apart = np.nan_to_num(rows - robust(rows).centre)
    middle = terms.mean(axis=0)
    square = (terms - middle).T @ (terms - middle) + RIDGE * len(rows) * np.eye(terms.shape[1])
    return Correction(centre, spread, np.linalg.solve(square, (terms - middle).T @ (apart - apart.mean(axis=0))))


def _terms(drivers: FloatArray, centre: FloatArray, spread: FloatArray) -> FloatArray:
    z = np.clip(np.nan_to_num((drivers - centre) / spread), -CLIP, CLIP)
    return np.column_stack([z, z * z])


def pack(
    columns: Sequence[str], drivers: Sequence[str], detectors: Mapping[str, tuple[Correction, Artifact]], options: Mapping[str, float]
) -> Artifact:
    """Detector and correction of each mode, by its name, as one artifact."""
    joined = stack({f"mode_{place}": (detector, 1.0) for place, (_, detector) in enumerate(detectors.values())}, columns)
    arrays = dict(joined.arrays)
    for place, (correction, _) in enumerate(detectors.values()):
        arrays |= {f"{name}_{place}": getattr(correction, name) for name in ("centre", "spread", "slopes")}
    more = {"modes": tuple(detectors), "columns": len(columns), "threshold": 1.0, **options}
    return Artifact("machine", (*columns, *drivers, MODE), ("score",), arrays, options={**joined.options, **more})


class Machine:
    """A detector for each mode."""

    def __init__(self, made: Artifact) -> None:
        self._columns, self._inputs = int(made.options["columns"]), len(made.inputs)
        self._threshold = float(made.options["threshold"])
        arrays, detectors = made.arrays, members(made)
        self._modes = [
            (Correction(*(arrays[f"{name}_{place}"] for name in ("centre", "spread", "slopes"))), predictor(detectors[f"mode_{place}"]))
            for place in range(len(made.options["modes"]))
        ]

    def predict(self, rows: FloatArray) -> FloatArray:
        """Score (n, 1); from 1 on a row is abnormal, NaN for a mode that was not learnt."""
        found = np.full((len(rows), 1), np.nan)
        for place, (correction, detector) in enumerate(self._modes):
            chosen = rows[:, -1] == place
            if chosen.any():
                found[chosen] = detector.predict(self._corrected(rows[chosen], correction)) / self._threshold
        return found

    def explain(self, rows: FloatArray) -> FloatArray:
        """As the detector of the row's mode explains it (n, inputs), in units of the threshold; drivers and mode have no share."""
        found = np.zeros((len(rows), self._inputs))
        for place, (correction, detector) in enumerate(self._modes):
            chosen = rows[:, -1] == place
            explained = detector.explain(self._corrected(rows[chosen], correction)) if chosen.any() else None
            if explained is not None:
                found[chosen, : self._columns] = explained / self._threshold
        return found

    def _corrected(self, rows: FloatArray, correction: Correction) -> FloatArray:
        return correction.apply(rows[:, : self._columns], rows[:, self._columns : -1])


def make(artifact: Artifact) -> Machine:
    """The predictor of this kind."""
    try:
        return Machine(artifact)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"kind machine: {error} is missing or cannot be used") from error
