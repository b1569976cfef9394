"""Forecast of a key signal 1, 6 and 24 hours ahead: a ridge regression of each change on past changes, for any level and scale.

Inputs are differences to the last value and so are the targets, without a constant: what is learnt on generated signals holds for a
signal of any unit. Judged on generated signals of another seed and on NAB's ambient temperature where the folder holds it.
"""

from pathlib import Path
from typing import Final

import numpy as np

from models.artifact import Artifact
from models.card import Card, Figure
from models.datasets import nab
from models.generated import signal
from models.judge import interval, row_us, served
from models.predictor import Predictor, predictor
from models.recipe import Trained
from models.simple import others, strongest
from models.table import FloatArray, IntArray, Table

LAGS: Final = (*range(1, 13), *range(18, 30), 42, 48, 54, 72, 96, 120, 144, 161, 162, 163, 164, 165, 166, 167, 168)
AHEAD: Final = (1, 6, 24)
LAST: Final = "last"
NAIVE: Final = "the last value"
INPUTS: Final = (LAST, *(f"change_since_{lag}_h" for lag in LAGS))
OUTPUTS: Final = tuple(f"in_{hours}_h" for hours in AHEAD)
SIGNALS: Final = 40
JUDGED_FROM: Final = 5_000_000
RIDGE: Final = 10.0
HOUR_S: Final = 3600.0


def key_signal(folder: Path, seed: int) -> Trained:
    """One model for every signal."""
    artifact = served(_fitted(signal.signals(seed + 1, SIGNALS)))
    model = predictor(artifact)
    figures: tuple[Figure, ...] = ()
    if (folder / "data").is_dir():
        table = nab.load(folder)
        ambient = table.of_units([number for number, name in enumerate(table.units) if "ambient" in name])
        figures = _figures(model, ambient, "NAB ambient temperature", seed) if len(ambient) else ()
    fresh = signal.signals(seed + JUDGED_FROM, SIGNALS)
    figures = (*_figures(model, fresh, "generated signals", seed), *figures)
    example = rows(fresh)[0][:5]
    card = Card(
        "forecast_key_signal",
        "forecast",
        "A key signal 1, 6 and 24 hours ahead",
        (),  # the catalogue states the domains
        (),
        "any",
        "generated signals",
        "fitted on generated signals, judged on signals of another seed and on recorded ones it never saw",
        "hourly means without gaps in the last week; knows no plans and no weather; live it stands only where it was nearest last week",
        figures,
        row_us(model, example),
        {"explains": "exact"},
    )
    return Trained(artifact, card, example, {"seed": seed, "ridge": RIDGE, "signals": SIGNALS})


def rows(table: Table) -> tuple[FloatArray, FloatArray, IntArray, FloatArray]:
    """Inputs (n, inputs), truths (n, horizons), unit (n,) and mean of all values before (n,) of each hour with a week behind it.

    Hours whose week behind or day ahead has a gap are left out.
    """
    made = []
    for number, part in table.each():
        values, time = part.features["value"], part.time
        now = np.arange(max(LAGS), len(values) - max(AHEAD))
        whole = np.isclose(time[now + max(AHEAD)] - time[now - max(LAGS)], (max(AHEAD) + max(LAGS)) * HOUR_S)
        now = now[whole]
        changes = values[now[:, None] - np.array(LAGS)] - values[now, None]
        truths = values[now[:, None] + np.array(AHEAD)]
        before = np.cumsum(values)[now] / (now + 1.0)
        made.append((np.column_stack([values[now], changes]), truths, np.full(len(now), number), before))
    inputs, truths, units, befores = (np.concatenate(column) for column in zip(*made, strict=True))
    return inputs, truths, units, befores


def _fitted(table: Table) -> Artifact:
    inputs, truths, units, _ = rows(table)
    scale = np.array([table.rows(table.unit == number).features["value"].std() for number in range(len(table.units))])[units, None]
    changes, targets = inputs[:, 1:] / scale, (truths - inputs[:, :1]) / scale
    square = changes.T @ changes + RIDGE * np.eye(changes.shape[1])
    coefficient = np.vstack([np.zeros(len(AHEAD)), np.linalg.solve(square, changes.T @ targets)])
    plain = {"mean": np.zeros(len(INPUTS)), "scale": np.ones(len(INPUTS)), "coefficient": coefficient, "start": np.zeros(len(AHEAD))}
    return Artifact("linear", INPUTS, OUTPUTS, plain, options={"link": "identity", "add": LAST})


def _figures(model: Predictor, table: Table, data_set: str, seed: int) -> tuple[Figure, ...]:
    """Root mean square error of each horizon in standard deviations of the signal, the day ahead first."""
    inputs, truths, units, before = rows(table)
    deviation = {number: float(part.features["value"].std()) for number, part in table.each()}
    scale = np.array([deviation[number] for number in units.tolist()])
    answers = model.predict(inputs)
    found = []
    for place in (2, 1, 0):
        errors = (answers[:, place] - truths[:, place]) / scale
        rivals = {name: _rmse((guess - truths[:, place]) / scale) for name, guess in simple(inputs, before, AHEAD[place]).items()}

        def figure(chosen: IntArray, errors: FloatArray = errors) -> float:
            return _rmse(errors[chosen])

        low, high = interval(figure, units if len(deviation) > 1 else np.arange(len(errors)) // 168, seed, 200)
        best = strongest(rivals, "lower")
        metric = f"RMSE {AHEAD[place]} h ahead, standard deviations"
        value, protocol = _rmse(errors), "every hour with a whole week behind it"
        base = rivals[NAIVE], NAIVE, rivals[best], best
        found.append(Figure(data_set, protocol, metric, value, "lower", low, high, *base, note=others(rivals, "lower")))
    return tuple(found)


def simple(inputs: FloatArray, before: FloatArray, hours: int) -> dict[str, FloatArray]:
    """Forecasts (n,) that learn nothing, by name; those of a whole day or week ago where the inputs hold that hour."""
    last = inputs[:, 0]
    ago = {"yesterday": 24 - hours, "last week": 168 - hours}
    same = {
        f"the same hour {name}": last + inputs[:, 1 + LAGS.index(lag)] if lag else last for name, lag in ago.items() if lag in {0, *LAGS}
    }
    alone = {NAIVE: last, "the mean so far": before, **same}
    return alone | {f"half the last value, half {name}": (last + guess) / 2.0 for name, guess in alone.items() if name != NAIVE}


def _rmse(errors: FloatArray) -> float:
    return float(np.sqrt(np.mean(errors**2)))
