"""Prediction: windows of an asset become what is known of its future (processors/prediction.py).

It needs no ticks: everything it says goes by the event time of windows. Where none come, nothing new is known.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from models.choice import NEAREST, Need
from models.serving import Serving
from models.version import CHAMPION, Version
from processors import prediction
from processors.machine import Machine
from processors.pattern.row import cells, glance
from processors.prediction import NO_MODEL, Life
from settings import Settings
from streams import background
from streams.steps import Fields, Rules, StepWork
from streams.topics import PREDICTIONS
from streams.work import Place

TASK: Final = "rul"


def warm() -> None:
    """Nothing to compile."""


def begin(place: Place, settings: Settings, state: bytes | None) -> StepWork:
    """The work of one partition."""
    found = background.current(settings)
    return StepWork(rules(found.machines.about, partial(ask, found.serving)), place, state)


def rules(about: prediction.About, answer: prediction.Ask) -> Rules:
    """The agent's rules with what it asks."""
    return Rules(
        name="prediction",
        takes=("Features",),
        empty=prediction.empty,
        step=partial(prediction.step, about=about, ask=answer),
        topic=PREDICTIONS,
        schema="Prediction",
        key=lambda made: made["asset_id"],
        wants=wants,
    )


def wants(_: Fields, value: bytes) -> bool:
    """False for windows of other lengths."""
    found = glance(value)
    return found is None or found[1] == prediction.WINDOW_S


def ask(serving: Serving, machine: Machine | str, window: Mapping[str, Any]) -> Life:
    """What the best fitting model of remaining life answers; none is asked whose columns the window has not."""
    if isinstance(machine, str):
        return Life(machine)
    for known in serving.state.versions:
        row = _row(known, machine, window)
        if row is None:
            continue
        need = Need(TASK, known.inputs, machine.quantities, machine.asset, machine.kind)
        answer = serving.predict(need, np.array([row]))
        if answer.values is None:
            return Life(answer.reason)
        outputs = known.outputs
        values = answer.values[0].tolist()
        if not np.isfinite(values).all():
            return Life(f"{answer.model} version {answer.version} abstains")
        found = dict(zip(known.inputs, row, strict=True)), dict(zip(outputs, values, strict=True))
        return Life(answer.reason, answer.model, answer.version, answer.digest, *found)
    return Life(NO_MODEL)


def _row(known: Version, machine: Machine, window: Mapping[str, Any]) -> list[float] | None:
    """The window in the columns of a version that may serve this machine."""
    if known.card.task != TASK or known.card.serves not in NEAREST or CHAMPION not in known.aliases:
        return None
    return cells(window, known.inputs) or cells(window, known.inputs, prefix=f"{machine.asset}.")
