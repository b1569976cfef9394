"""Has the machine moved away from what its detector learnt? Its inputs by CUSUM on whitened residuals, its scores by ADWIN.

Inputs are freed of their mode, of what the drivers explain, of the profile of the day and of their memory, as the first 70 % of the
reference taught. A column that already alarms on the rest of the reference cannot be watched, and is named instead of counted.
A score is no error: without faults it only tells that the machine looks less and less like its reference.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.artifact import Artifact
from models.fit import TEACHES, Baseline
from models.kinds.machine import MODE, correct
from models.predictor import predictor
from models.refit import Material, join
from models.table import BoolArray, FloatArray
from processors import adwin
from processors.drift import MEAN, cusum, learn, psi, whiten
from processors.pattern.scale import robust

DELTA: Final = 0.002  # of ADWIN, at one look
GROWN: Final = 1.0  # mean score at a change: its threshold. Below it lie the slow wanders of a healthy machine, which ADWIN sees, too
HALF: Final = 0.5  # residuals count this much: moves below half of what is left from window to window are a healthy machine's wander


@dataclass(frozen=True, slots=True)
class Moved:
    """What was found in the recent windows.

    Args:
        columns: since when each input has moved, seconds, by its name.
        restless: columns that cannot be watched.
        score: since when the champion's scores have stood at their threshold, seconds; None: they do not.
        psi: population stability index of each input over both stretches; for reports, it decides nothing.
        windows: recent ones that were looked at.

    """

    columns: dict[str, float]
    restless: tuple[str, ...]
    score: float | None
    psi: dict[str, float]
    windows: int

    @property
    def since(self) -> float | None:
        """The first of all; None: nothing moved."""
        return min([*self.columns.values(), *([] if self.score is None else [self.score])], default=None)


def watch(given: Material, champion: Artifact) -> Moved:
    """Look through the recent windows of a detector's machine."""
    reference, recent = given.reference, given.recent
    taught = int(TEACHES * len(reference.rows))
    both = join(reference, recent)
    residuals = _residuals(both, taught)
    begin = len(reference.rows)
    columns: dict[str, float] = {}
    restless = []
    for place, name in enumerate(both.columns):
        white = whiten(learn(both.time_s[:taught], residuals[:taught, place]), both.time_s, residuals[:, place])
        if (cusum(HALF * white[taught:begin], np.zeros(3)) == MEAN).any():
            restless.append(name)
            continue
        marks = np.flatnonzero(cusum(HALF * white[begin:], np.zeros(3)) == MEAN)
        if len(marks):
            columns[name] = float(recent.time_s[marks[0]])
    shares = {name: psi(residuals[:begin, place], residuals[begin:, place]) for place, name in enumerate(both.columns)}
    return Moved(columns, tuple(restless), _grown(champion, both, taught, begin), shares, len(recent.rows))


def _residuals(both: Baseline, taught: int) -> FloatArray:
    """(n, k) in robust spreads of the mode, freed of the drivers; 0 for what is not known and for modes that were not learnt."""
    found = np.zeros(both.rows.shape)
    for mode in np.unique(both.mode):
        chosen: BoolArray = both.mode == mode
        first = np.flatnonzero(chosen[:taught])
        if len(first) < 2:
            continue
        correction = correct(both.rows[first], both.driver_rows[first])
        rows = correction.apply(both.rows[chosen], both.driver_rows[chosen])
        usual = robust(rows[: len(first)])
        found[chosen] = np.nan_to_num((rows - usual.centre) / np.maximum(usual.spread, 1e-9))
    return found


def _grown(champion: Artifact, both: Baseline, taught: int, begin: int) -> float | None:
    """When ADWIN first sees a change among the recent scores that leaves them at their threshold or over it."""
    wanted = set(champion.inputs)
    if wanted - {MODE, *both.columns, *both.drivers}:
        return None  # it judges these windows no more
    rows = both.part(slice(taught, None), np.array([name in wanted for name in both.columns])).coded(tuple(champion.options["modes"]))
    scores = predictor(champion).predict(rows)[:, 0]
    for place in np.flatnonzero(adwin.changes(scores, adwin.begin(), DELTA)):
        if place >= begin - taught and np.nanmean(scores[max(place - adwin.CLOCK, 0) : place + 1]) >= GROWN:
            return float(both.time_s[taught + place])
    return None
