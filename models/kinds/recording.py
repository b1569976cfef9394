"""A detector that teaches itself on the first rows of a recording and judges the others in the order of time.

`predict` takes one whole recording: unlike other kinds its answer to a row depends on the rows before it. A recording that ends
within its healthy rows gets no score (NaN) and no alarm.
Options: `healthy` rows at the beginning; `tunings` of processors.pattern.follow, `votes` of which make an alarm, or `detector`
of models/detectors.py on means with the weight `weight`, over `high` for an alarm and under `low` for `rows_off` rows to end it.
"""

from typing import Any, cast

import numpy as np
from scipy.signal import lfilter

from models.artifact import Artifact, ArtifactError
from models.detectors import DETECTORS
from models.predictor import Predictor, predictor
from models.table import FloatArray
from processors.pattern.follow import Followed, Tuning, begin, calibrate, follow


class Voting:
    """Followers of different tuning; an alarm stands where enough of them agree."""

    def __init__(self, made: Artifact) -> None:
        self._healthy, self._votes = int(made.options["healthy"]), int(made.options["votes"])
        self._tunings = [Tuning(**each) for each in made.options["tunings"]]

    def predict(self, rows: FloatArray) -> FloatArray:
        """Largest score in limits and alarm, (n, 2), of one recording."""
        if len(rows) <= self._healthy:
            return unjudged(rows)
        followed = [self._follow(rows, tuning) for tuning in self._tunings]
        score = np.mean([each.scores.max(axis=1) for each in followed], axis=0)
        alarm = np.sum([each.alarm for each in followed], axis=0) >= self._votes
        return np.column_stack([score, alarm])

    def explain(self, rows: FloatArray) -> FloatArray:
        """What each input adds to T2 and SPE, mean of the followers (n, inputs)."""
        if len(rows) <= self._healthy:
            return np.zeros(rows.shape)
        return cast("FloatArray", np.mean([self._follow(rows, tuning).contributions for tuning in self._tunings], axis=0))

    def _follow(self, rows: FloatArray, tuning: Tuning) -> Followed:
        follower = calibrate(rows[: self._healthy], tuning)
        memory = begin(rows.shape[1])
        learnt = follow(rows[: self._healthy], follower, Tuning(**_still(tuning)), memory)
        judged = follow(rows[self._healthy :], follower, tuning, memory)
        parts = zip((learnt.scores, learnt.alarm, learnt.contributions), (judged.scores, judged.alarm, judged.contributions), strict=True)
        return Followed(*(np.concatenate(pair) for pair in parts))


def _still(tuning: Tuning) -> dict[str, Any]:
    """The same tuning, whose centre rests: the healthy rows are known already."""
    return {name: getattr(tuning, name) for name in tuning.__slots__} | {"follow": 0.0}


class Smoothed:
    """A detector of models/detectors.py on exponential means, with hysteresis."""

    def __init__(self, made: Artifact) -> None:
        self._options = made.options
        self._inputs, self._healthy = made.inputs, int(made.options["healthy"])

    def predict(self, rows: FloatArray) -> FloatArray:
        """Score in limits and alarm, (n, 2), of one recording."""
        if len(rows) <= self._healthy:
            return unjudged(rows)
        detector, means = self._taught(rows)
        score = detector.predict(means)[:, 0]
        options = self._options
        return np.column_stack([score, hysteresis(score, options["high"], options["low"], int(options["rows_off"]))])

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """As the detector explains the means."""
        if len(rows) <= self._healthy:
            return np.zeros(rows.shape)
        detector, means = self._taught(rows)
        return detector.explain(means)

    def _taught(self, rows: FloatArray) -> tuple[Predictor, FloatArray]:
        weight = float(self._options["weight"])
        means = lfilter([weight], [1.0, weight - 1.0], rows, axis=0, zi=(1.0 - weight) * rows[:1])[0]
        return predictor(DETECTORS[self._options["detector"]](means[: self._healthy], self._inputs)), means


def unjudged(rows: FloatArray) -> FloatArray:
    """The answer to a recording that has no row to judge."""
    return np.column_stack([np.full(len(rows), np.nan), np.zeros(len(rows))])


def hysteresis(score: FloatArray, high: float, low: float, rows_off: int) -> FloatArray:
    """1 from a score over `high` until `rows_off` on end under `low`."""
    alarm = np.zeros(len(score))
    active, below = False, 0
    for i, value in enumerate(score.tolist()):
        below = below + 1 if value < low else 0
        active = value > high or (active and below < rows_off)
        alarm[i] = active
    return alarm


def make(artifact: Artifact) -> Voting | Smoothed:
    """The predictor of this kind."""
    options = artifact.options
    try:
        return Voting(artifact) if "tunings" in options else Smoothed(artifact)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"kind recording: options cannot be used: {error}") from error
