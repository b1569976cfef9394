"""Models in the control process: which one answers, what happens when it does not, and how it is exchanged while records flow."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np

from models.choice import Need, order, rank
from models.predictor import Predictor
from models.quarantine import Quarantine
from models.runner import OverdueError, Runner
from models.shadow import Shadow
from models.table import FloatArray
from models.tracking import first_line
from models.version import Version
from telemetry.health import Health


@dataclass(frozen=True, slots=True)
class Answer:
    """What a record says of the model behind it.

    Args:
        values: (rows, outputs); None: the statistical fallback must answer.
        model: name; "" for the fallback.
        reason: why not the champion of the best model answered, the name of a trial, say; "" when it did.

    """

    values: FloatArray | None
    model: str = ""
    version: int = 0
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True)
class State:
    """What is at hand at one moment; never changed, only replaced.

    Args:
        versions: as the registry says.
        models: ready predictors by digest.
        absent: why a version is not at hand, by digest.

    """

    versions: tuple[Version, ...] = ()
    models: Mapping[str, Predictor] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "chain", lru_cache(maxsize=4096)(lambda need: tuple(order(self.versions, need))))

    chain: Callable[[Need], tuple[Version, ...]] = field(init=False)


NOBODY: Final = "no registered model fits"


class Serving:
    """Answers questions with the best model at hand. Safe to call from any thread; no call waits for a download.

    Args:
        budget_ms: longest a model may take for a batch of rows.
        retry_s: a model that failed is tried again after this time, then after twice as long, and so on.
        clock: seconds that never go back.
        health: told of models put aside.
        shadow: shown what champions answered; None: nobody is.

    """

    def __init__(
        self,
        *,
        budget_ms: float,
        retry_s: float,
        clock: Callable[[], float] = time.monotonic,
        health: Health | None = None,
        shadow: Shadow | None = None,
    ) -> None:
        self._budget_s = budget_ms / 1000
        self._health = health or Health()
        self._runner = Runner()
        self.aside = Quarantine(retry_s, clock)
        self._state = State()
        self.shadow = shadow

    @property
    def state(self) -> State:
        """What is at hand now."""
        return self._state

    def exchange(self, state: State) -> None:
        """From the next question on this is at hand: one reference is replaced."""
        self._state = state

    def fitting(self, needs: Iterable[Need]) -> list[Need]:
        """Of several ways to put one question those that somebody may answer, first the one with the best model."""
        chains = [(chain, need) for need in needs if (chain := self._state.chain(need))]
        return [need for chain, need in sorted(chains, key=lambda each: rank(each[0][0]))]

    def predict(self, need: Need, rows: FloatArray) -> Answer:
        """The answer of the first model in the order of `models.choice.order` that gives a sound one.

        Args:
            need: what is asked, and the names of the columns.
            rows: (n, inputs) float64. Rows with NaN may be answered with NaN, others not.

        """
        if rows.ndim != 2 or rows.shape[1] != len(need.inputs):
            return Answer(None, reason=f"rows of shape {rows.shape} for {len(need.inputs)} inputs")
        state = self._state
        against: list[str] = []
        for known in state.chain(need):
            values, problem = self._ask(state, known, rows)
            if values is not None:
                if self.shadow:
                    self.shadow.offer(known.digest, rows, values)
                reason = "; ".join(against) or (f"trial {known.trial}" if known.trial else "")
                return Answer(values, known.name, known.number, known.digest, reason)
            against.append(f"{known.name} version {known.number}: {problem}")
        return Answer(None, reason="; ".join(against) or f"{NOBODY} {need.task}")

    def explain(self, answer: Answer, rows: FloatArray) -> FloatArray | None:
        """Share of each input in the first output of the model that answered, (n, inputs).

        None for the fallback, where the model has no cheap form, and when it fails: the answer stands all the same.
        """
        model = self._state.models.get(answer.digest)
        if model is None:
            return None
        try:
            return self._runner.run(lambda: model.explain(rows), self._budget_s)
        except Exception:  # noqa: BLE001  whatever a model raises
            return None

    def close(self) -> None:
        """Let the threads of the models end."""
        self._runner.close()
        if self.shadow:
            self.shadow.close()

    def _ask(self, state: State, known: Version, rows: FloatArray) -> tuple[FloatArray | None, str]:
        """Values and "", or None and why there are none."""
        problem = self.aside.reason(known.digest)
        model = state.models.get(known.digest)
        if problem or model is None:
            return None, problem or state.absent.get(known.digest, "not loaded yet")
        try:
            values = self._runner.run(lambda: model.predict(rows), self._budget_s)
            problem = _unsound(values, rows, known)
        except OverdueError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001  whatever a model raises
            problem = f"raised {first_line(error)}"
        self._note(known, problem)
        return (None, problem) if problem else (values, "")

    def _note(self, known: Version, problem: str) -> None:
        name = f"model {known.name}"
        if problem:
            self.aside.put(known.digest, problem)
            self._health.set(name, False, f"version {known.number} put aside: {problem}", critical=False)
        elif self.aside.ill(known.digest):
            self.aside.release(known.digest)
            self._health.set(name, True, critical=False)


def _unsound(values: FloatArray, rows: FloatArray, known: Version) -> str:
    """What is wrong with an answer; "" when nothing is. A card's tag `abstains` allows NaN, for rows of a mode it never saw, say."""
    wanted = len(rows), len(known.outputs)
    if values.shape != wanted:
        return f"answered with shape {values.shape}, not {wanted}"
    judged = values[np.isfinite(rows).all(axis=1)]
    if not np.isfinite(judged[~np.isnan(judged)] if "abstains" in known.card.tags else judged).all():
        return "answered NaN or infinity to finite rows"
    return ""
