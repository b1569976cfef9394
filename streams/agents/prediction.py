"""Prediction: windows of an asset become what is known of its future (processors/prediction.py).

It needs no ticks: everything it says goes by the event time of windows. Where none come, nothing new is known.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from models.choice import Need, served
from models.serving import Serving
from models.version import Version
from processors import forecast, prediction
from processors.forecast import AHEAD, JUDGED, LAG_MAX, Foreseen
from processors.layout import Floats
from processors.machine import Machine
from processors.pattern.row import cells, glance
from processors.prediction import NO_MODEL, Life
from settings import Settings
from streams import background
from streams.steps import Fields, Rules, StepWork
from streams.topics import PREDICTIONS
from streams.work import Place

TASK: Final = "rul"
LAST: Final = "last"
LAG = re.compile(r"change_since_([1-9]\d*)_h")  # inputs of a forecast: the newest hourly mean, and what it was less
OUTPUTS: Final = tuple(f"in_{hours}_h" for hours in AHEAD)


def warm() -> None:
    """Nothing to compile."""


def begin(place: Place, settings: Settings, state: bytes | None) -> StepWork:
    """The work of one partition."""
    found = background.current(settings)
    return StepWork(rules(found.machines.about, partial(ask, found.serving), partial(foresee, found.serving)), place, state)


def rules(about: prediction.About, answer: prediction.Ask, ahead: forecast.Foresee = forecast.nobody) -> Rules:
    """The agent's rules with what it asks."""
    return Rules(
        name="prediction",
        takes=("Features",),
        empty=prediction.empty,
        step=partial(prediction.step, about=about, ask=answer, foresee=ahead),
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
    """What the best fitting model of remaining life answers, else the next; none is asked whose columns the window has not."""
    if isinstance(machine, str):
        return Life(machine)
    found = [(known, row) for known in served(serving.state.versions) if (row := _row(known, machine, window)) is not None]
    given = {_need(known, machine): row for known, row in found}
    against: list[str] = []
    for need in serving.fitting(given):
        answer = serving.predict(need, np.array([given[need]]))
        against.append(answer.reason)
        if answer.values is None:
            continue
        values = answer.values[0].tolist()
        if np.isfinite(values).all():
            columns = dict(zip(need.inputs, given[need], strict=True)), dict(zip(need.outputs, values, strict=True))
            return Life(_joined(against), answer.model, answer.version, answer.digest, *columns)
        against.append(f"{answer.model} version {answer.version} abstains")
    return Life(_joined(against) or NO_MODEL)


def _row(known: Version, machine: Machine, window: Mapping[str, Any]) -> list[float] | None:
    """The window in the columns of a version of remaining life."""
    if known.card.task != TASK:
        return None
    return cells(window, known.inputs) or cells(window, known.inputs, prefix=f"{machine.asset}.")


def _need(known: Version, machine: Machine) -> Need:
    """What a version answers, asked for a machine: others may answer the same columns with the same columns."""
    return Need(known.card.task, known.inputs, machine.quantities, machine.asset, machine.kind, known.outputs)


def _joined(against: Sequence[str]) -> str:
    return "; ".join(filter(None, against))


def foresee(serving: Serving, machine: Machine | str, values: Floats) -> Foreseen:
    """What the best fitting forecast model says at the end of each of the newest hours of each signal, (signals, hours) in hourly means."""
    if isinstance(machine, str):
        return Foreseen(machine)
    found = [(known, lags) for known in served(serving.state.versions) if (lags := _lags(known)) is not None]
    given = {_need(known, machine): (known.name, lags) for known, lags in reversed(found)}
    against: list[str] = []
    for need in serving.fitting(given):
        name, lags = given[need]
        hours = range(max(*lags, values.shape[1] - JUDGED - max(AHEAD)), values.shape[1])
        if not hours:
            against.append(f"{values.shape[1]} of {max(lags) + 1} hours seen that {name} needs")
            continue
        answer = serving.predict(need, rows(values, lags, hours))
        against.append(answer.reason)
        if answer.values is not None:
            made = np.full((*values.shape, len(AHEAD)), np.nan)
            made[:, hours.start :] = answer.values.reshape(len(values), len(hours), len(AHEAD))
            return Foreseen(_joined(against), answer.model, answer.version, answer.digest, made)
    return Foreseen(_joined(against)) if against else Foreseen()


def rows(values: Floats, lags: Sequence[int], hours: range) -> Floats:
    """Inputs of a forecast model, (signals * hours, 1 + lags): the mean of the hour, and what the means before were less."""
    at = np.array(hours)
    changes = values[:, at[:, None] - np.array(lags)] - values[:, at, None]
    return np.concatenate([values[:, at, None], changes], axis=2).reshape(-1, 1 + len(lags))


def _lags(known: Version) -> list[int] | None:
    """Hours that a forecast model looks back; None for other models and for those whose columns we do not have."""
    if known.card.task != "forecast" or known.outputs != OUTPUTS:
        return None
    found = [LAG.fullmatch(name) for name in known.inputs[1:]]
    lags = [int(each[1]) for each in found if each]
    return lags if known.inputs[0] == LAST and lags and len(lags) == len(found) and max(lags) <= LAG_MAX else None
