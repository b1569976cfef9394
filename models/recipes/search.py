"""Search spaces of recipes, tuned on several generated corpora, judged on fresh ones."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.artifact import Artifact
from models.datasets import skab
from models.generated import rig as generated
from models.judge import interval
from models.predictor import predictor
from models.recipes import rig
from models.table import FloatArray, IntArray, Table
from models.tuning import Chosen, Judged

if TYPE_CHECKING:
    from optuna import Trial

CORPORA, RECORDINGS = 3, 14  # of the search
SEARCHED_SEED, FRESH_SEED = 31_000_000, 41_000_000  # no recipe draws from these
FRESH: Final = 60  # recordings of a look
PARTS: Final = ("drift", "weight", "follow", "high", "low", "rows_on", "rows_off", "slack")


class RigSearch:
    """Tunings of the followers of `rig_t2spe`: F1 over the rows of several corpora, less what goes beyond the false alarms allowed."""

    def __init__(self, corpora: int = CORPORA, recordings: int = RECORDINGS, fresh: int = FRESH) -> None:
        self._corpora, self._recordings, self._fresh = corpora, recordings, fresh
        self.present: Chosen = {
            f"{place}.{part}": each["low"] / each["high"] if part == "low" else each[part]
            for place, each in enumerate(rig.TUNINGS)
            for part in PARTS
        }

    def propose(self, trial: "Trial") -> Chosen:
        """`tunings` of the followers; the lower threshold is drawn as a share of the upper."""
        return {"tunings": [_tuning(trial, place) for place in range(len(rig.TUNINGS))]}

    def score(self, chosen: Chosen) -> float:
        """Mean over the corpora."""
        found = []
        for table in self._tables:
            f1, false, _ = rig.counts(*_alarms(chosen, table)[:2])
            found.append(f1 - max(false / 100.0 - rig.FALSE_MAX, 0.0))
        return float(np.mean(found))

    def judge(self, chosen: Chosen, look: int) -> Judged:
        """F1 beside that of the recipe's tunings, of an alarm that never ends, and of the strongest simple rule."""
        table = generated.recordings(FRESH_SEED + look, self._fresh)
        ours, fault, unit = _alarms(chosen, table)
        present = _alarms({"tunings": rig.TUNINGS}, table)[0]

        def gain(rows: IntArray) -> float:
            return rig.counts(ours[rows], fault[rows])[0] - rig.counts(present[rows], fault[rows])[0]

        low, high = interval(gain, unit, rounds=rig.ROUNDS)
        rule = max(rig.counts(alarm, fault)[0] for _, alarm in rig.rules(table, SEARCHED_SEED).values())
        value, now, always = (rig.counts(alarm, fault)[0] for alarm in (ours, present, np.ones(len(fault))))
        return Judged("F1 of rows", value, now, always, rule, low, high)

    @cached_property
    def _tables(self) -> list[Table]:
        return [generated.recordings(SEARCHED_SEED + number, self._recordings) for number in range(self._corpora)]


def _tuning(trial: "Trial", place: int) -> dict[str, Any]:
    high = trial.suggest_float(f"{place}.high", 3.0, 9.0)
    return {
        "drift": trial.suggest_float(f"{place}.drift", 1.0, 8.0),
        "weight": trial.suggest_float(f"{place}.weight", 0.1, 0.6),
        "follow": trial.suggest_float(f"{place}.follow", 3e-4, 2e-2, log=True),
        "high": high,
        "low": high * trial.suggest_float(f"{place}.low", 0.3, 0.95),
        "rows_on": trial.suggest_int(f"{place}.rows_on", 1, 5),
        "rows_off": trial.suggest_int(f"{place}.rows_off", 4, 20),
        "slack": trial.suggest_float(f"{place}.slack", 1.0, 8.0),
    }


def _alarms(chosen: Chosen, table: Table) -> tuple[FloatArray, FloatArray, IntArray]:
    """Alarm, truth and recording of the judged rows, each (n,)."""
    options = {"healthy": generated.HEALTHY, "votes": rig.VOTES, "tunings": list(chosen["tunings"])}
    model = predictor(Artifact("recording", generated.CHANNELS, ("score", "alarm"), options=options))
    alarm = np.concatenate([model.predict(part.matrix())[:, 1] for _, part in table.each()])
    judged = skab.judged(table)
    return alarm[judged], table.targets["fault"][judged], table.unit[judged]
