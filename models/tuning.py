"""Search for better parameters of a model: trials of Optuna in a study that goes on where it was interrupted."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from models.latch import alone
from models.tracking import folder
from settings import Settings

if TYPE_CHECKING:
    from optuna import Study, Trial

SEARCHES: Final = {"rig_t2spe": "models.recipes.search:RigSearch"}
LOOKS: Final = "looks"  # how often a result of the study was judged; each look is at another fresh corpus
Chosen = Mapping[str, Any]


class UntunedError(KeyError):
    """The model has no search space."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures on a corpus that neither the search nor an earlier look saw.

    Args:
        value: of the best parameters of the search.
        present: of the parameters that the recipe has now.
        trivial: of what costs nothing.
        simple: of the strongest simple rule.
        gain_low: lower end of the 95 % interval of value less present, over units.
        gain_high: its upper end.

    """

    metric: str
    value: float
    present: float
    trivial: float
    simple: float
    gain_low: float
    gain_high: float


class Search(Protocol):
    """What can be tuned, and how it is scored. Higher is better."""

    present: Chosen  # parameters of the recipe, by the names that `propose` asks for

    def propose(self, trial: "Trial") -> Chosen:
        """Parameters to try."""

    def score(self, chosen: Chosen) -> float:
        """Of parameters, on the corpora of the search."""

    def judge(self, chosen: Chosen, look: int) -> Judged:
        """Of parameters, on a fresh corpus of that number."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search knows by now.

    Args:
        trials: finished ones of the study, of this run and those before.
        ran: finished ones of this run.
        best: score of the best parameters on the corpora of the search, which is no figure to tell anybody.
        present: that of the recipe's.
        looks: fresh corpora that were used by now.

    """

    name: str
    trials: int
    ran: int
    best: float
    present: float
    parameters: dict[str, Any]
    judged: Judged
    looks: int
    seconds: float


def search(name: str) -> Search:
    """The search of a model.

    Raises:
        UntunedError: it has none; the text says which have one.

    """
    if name not in SEARCHES:
        raise UntunedError(f"{name} has no search space; these have one: {', '.join(SEARCHES)}")
    module, kind = SEARCHES[name].split(":")
    made: Search = getattr(import_module(module), kind)()
    return made


def tune(  # noqa: PLR0913  what a person can say of a search
    settings: Settings,
    name: str,
    space: Search,
    *,
    trials: int,
    timeout_s: float | None = None,
    step: Callable[[int, int], None] = lambda _done, _total: None,
) -> Tuned:
    """Search until the study has so many finished trials, or the time is over, then judge the best parameters once.

    Args:
        settings: where the study is kept: models/tuning.db below the home.
        name: of the model and of its study.
        space: see `search`.
        trials: in all; those of earlier runs count.
        timeout_s: no trial begins after this time.
        step: told (finished, in all).

    Raises:
        BusyError: another process tunes this model.

    """
    import optuna  # noqa: PLC0415  in the profile full only

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    began = time.monotonic()
    with alone(folder(settings) / f"tuning-{name}.lock", f"the tuning of {name}"):
        study = _study(folder(settings) / "tuning.db", name, space)
        before = len(_finished(study))
        step(before, trials)

        def told(study: "Study", _: object) -> None:
            step(len(_finished(study)), trials)

        if before < trials:
            study.optimize(lambda trial: space.score(space.propose(trial)), trials - before, timeout_s, callbacks=[told])
        looks = int(study.user_attrs.get(LOOKS, 0)) + 1
        study.set_user_attr(LOOKS, looks)  # first: a look that is interrupted was a look
        done, best = _finished(study), study.best_trial
        judged = space.judge(space.propose(optuna.trial.FixedTrial(best.params)), looks)
        seconds = round(time.monotonic() - began, 1)
        return Tuned(name, len(done), len(done) - before, study.best_value, done[0].value, best.params, judged, looks, seconds)


def _study(path: Path, name: str, space: Search) -> "Study":
    """The study of a model; a new one begins with the present parameters. Trials that were cut off are marked as failed."""
    import optuna  # noqa: PLC0415  see above

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # the sampler begins anew with each run: another seed each time, or a resumed study would repeat its first draws
    study = optuna.create_study(storage=f"sqlite:///{path}", study_name=name, direction="maximize", load_if_exists=True)
    study.sampler = optuna.samplers.TPESampler(seed=len(study.trials))
    waiting = optuna.trial.TrialState.WAITING
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    if not _finished(study) and not study.get_trials(deepcopy=False, states=(waiting,)):
        study.enqueue_trial(dict(space.present))
    return study


def _finished(study: "Study") -> list[Any]:
    import optuna  # noqa: PLC0415  see above

    found: list[Any] = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    return found
