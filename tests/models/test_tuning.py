"""A search that is interrupted goes on; the space of the rig contains what the recipe has."""

import multiprocessing
import os
from pathlib import Path
from typing import TYPE_CHECKING

import optuna
import pytest

from models.latch import BusyError, alone
from models.recipes.search import RigSearch
from models.tuning import Chosen, Judged, Tuned, UntunedError, search, tune
from settings import load

if TYPE_CHECKING:
    from optuna import Trial


class Hill:
    """Best at x = 3; cut off before the given trial."""

    def __init__(self, end: int = 1000, how: type[BaseException] | None = KeyboardInterrupt) -> None:
        self.present: Chosen = {"x": 0.0}
        self.seen: list[float] = []
        self.looks: list[int] = []
        self._end, self._how = end, how

    def propose(self, trial: "Trial") -> Chosen:
        return {"x": trial.suggest_float("x", -10.0, 10.0)}

    def score(self, chosen: Chosen) -> float:
        if len(self.seen) == self._end:
            if self._how is None:
                os._exit(9)
            raise self._how
        self.seen.append(chosen["x"])
        return -((float(chosen["x"]) - 3.0) ** 2)

    def judge(self, chosen: Chosen, look: int) -> Judged:
        self.looks.append(look)
        return Judged("height", self.score(chosen), -9.0, -100.0, -50.0, 0.0, 1.0)


def tuned(home: Path, space: Hill, trials: int, steps: list[tuple[int, int]] | None = None) -> Tuned:
    told = [] if steps is None else steps
    return tune(load(home=home), "hill", space, trials=trials, step=lambda done, total: told.append((done, total)))


def test_the_present_parameters_come_first_and_better_ones_are_found(tmp_path: Path) -> None:
    space = Hill()
    steps: list[tuple[int, int]] = []
    found = tuned(tmp_path, space, 25, steps)
    assert space.seen[0] == 0.0
    assert (found.trials, found.ran, found.present, found.looks) == (25, 25, -9.0, 1)
    assert found.best > found.present
    assert found.judged.value == found.best
    assert steps == [(count, 25) for count in range(26)]


def test_an_interrupted_search_goes_on(tmp_path: Path) -> None:
    first = Hill(end=4)
    with pytest.raises(KeyboardInterrupt):
        tuned(tmp_path, first, 10)
    second = Hill()
    found = tuned(tmp_path, second, 10)
    assert (found.trials, found.ran, len(first.seen), len(second.seen)) == (10, 6, 4, 7)  # 6 trials and the judgement
    assert not set(first.seen) & set(second.seen[:6])
    again = Hill()
    assert (tuned(tmp_path, again, 10).ran, again.looks) == (0, [2])


def killed(home: Path) -> None:
    tuned(home, Hill(end=3, how=None), 10)


def test_a_search_whose_process_was_killed_goes_on(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=killed, args=(tmp_path,))
    process.start()
    process.join(120)
    assert process.exitcode == 9
    found = tuned(tmp_path, Hill(), 5)
    assert (found.trials, found.ran) == (5, 2)
    study = optuna.load_study(study_name="hill", storage=f"sqlite:///{tmp_path / 'models/tuning.db'}")
    assert [trial.state.name for trial in study.trials].count("RUNNING") == 0


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path / "models/tuning-hill.lock", "it"), pytest.raises(BusyError, match="the tuning of hill is running already"):
        tuned(tmp_path, Hill(), 1)
    assert tuned(tmp_path, Hill(), 1).trials == 1


def test_a_model_without_a_space() -> None:
    with pytest.raises(UntunedError, match="these have one: rig_t2spe"):
        search("wear")


def test_the_rig_is_searched_on_other_corpora_than_it_is_judged_on() -> None:
    space = RigSearch(corpora=1, recordings=2, fresh=15)
    present = space.propose(optuna.trial.FixedTrial(dict(space.present)))
    assert present["tunings"][0]["low"] == pytest.approx(2.772)
    assert 0.0 < space.score(present) <= 1.0
    judged = space.judge(present, 1)
    assert judged.value == pytest.approx(judged.present, abs=1e-6)
    assert judged.value > judged.trivial
    assert space.judge(present, 2) != judged
