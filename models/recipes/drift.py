"""Detectors of lasting change on generated sensors: the CUSUM pair for inputs, ADWIN for the errors of a model.

Their bars stand in processors/drift.py and were chosen on other seeds; the rule of the replaced system stands beside them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.artifact import Artifact
from models.card import Card, Figure
from models.generated import drift
from models.judge import interval, row_us, served
from models.kinds.stream import INPUTS, OUTPUTS
from models.predictor import Predictor, predictor
from models.recipe import Trained
from models.table import FloatArray, IntArray, Table
from processors.drift import learn, whiten

EACH: Final = 8  # sensors of a noise and a fate
JUDGED_FROM: Final = 9_000_000
DELTA: Final = 1e-5
WINDOW: Final = 60  # rows of the replaced rule
DISTANCE: Final = 0.25  # of the distributions of 60 and 60 readings: p < 0.05
DATA_SET: Final = "generated sensors"
PROTOCOL: Final = "two days teach, then frozen; 4 noises; a seed on which no bar was chosen"
NEVER: Final = float(drift.ROWS - drift.MOVED_AT)  # delay of a change that is not found
KS: Final = "two-sample test of an hour against the hour before, p < 0.05, raw"
Detector = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One sensor: false alarms, healthy rows after the reference, rows from the move to the first alarm (NaN: it stays)."""

    name: str
    false: int
    healthy: int
    delay: float


def cusum_pair(folder: Path, seed: int) -> Trained:  # noqa: ARG001  every recipe takes a folder
    """Sums of whitened residuals and of their squares."""
    options = {"detector": "cusum", "reference_s": drift.REFERENCE * drift.STEP_S}
    made = served(Artifact("stream", INPUTS, OUTPUTS, options=options))
    model = predictor(made)
    table = drift.sensors(seed + JUDGED_FROM, EACH)
    ours = outcomes(table, _of(model))
    title, limits = (
        "Has the input moved?",
        "needs two whole days to learn the profile of the day; other noises may alarm somewhat more often",
    )
    return _trained("drift_cusum_pair", title, limits, made, table, _figures(ours, table, seed), seed)


def adwin(folder: Path, seed: int) -> Trained:  # noqa: ARG001
    """Cuts of a window over the absolute errors of a model, here of the whitener's own forecast."""
    made = served(Artifact("stream", INPUTS, OUTPUTS, options={"detector": "adwin", "delta": DELTA}))
    model = predictor(made)
    table = errors(drift.sensors(seed + JUDGED_FROM, EACH))
    found = _figures(outcomes(table, _of(model)), table, seed)
    title, limits = "Has a model got worse?", "sees changes of the mean error only; a model that errs as much in another way is not told"
    return _trained("drift_adwin", title, limits, made, table, found, seed)


def errors(table: Table) -> Table:
    """The same sensors; the value is the absolute error of the forecast of the next reading."""
    teach = slice(None, drift.REFERENCE)
    made = []
    for _, part in table.each():
        values = part.features["value"]
        made.append(np.abs(whiten(learn(part.time[teach], values[teach]), part.time, values)))
    return Table({"value": np.concatenate(made)}, table.targets, table.unit, table.time, "s", table.units)


def outcomes(table: Table, detector: Detector) -> list[Outcome]:
    """Of each sensor; alarms within the reference do not count."""
    found = []
    for number, part in table.each():
        alarm = np.flatnonzero(detector(np.column_stack([part.time, part.features["value"]])))
        alarm = alarm[alarm >= drift.REFERENCE]
        moves = bool(part.targets["moved"].any())
        end = drift.MOVED_AT if moves else drift.ROWS
        after = alarm[alarm >= end] - end
        delay = (float(after[0]) if len(after) else NEVER) if moves else float("nan")
        found.append(Outcome(table.units[number], int((alarm < end).sum()), end - drift.REFERENCE, delay))
    return found


def replaced(rows: FloatArray) -> FloatArray:
    """Alarms of the replaced system's rule, once an hour."""
    alarm = np.zeros(len(rows))
    for end in range(drift.REFERENCE + WINDOW, len(rows), WINDOW):
        before, recent = rows[end - 2 * WINDOW : end - WINDOW, 1], rows[end - WINDOW : end, 1]
        edges = np.sort(np.concatenate([before, recent]))
        shares = [np.searchsorted(np.sort(part), edges, side="right") / WINDOW for part in (before, recent)]
        alarm[end] = np.abs(shares[0] - shares[1]).max() >= DISTANCE - 1e-9
    return alarm


def _of(model: Predictor) -> Detector:
    return lambda rows: model.predict(rows)[:, 1]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of some sensors."""

    metric: str
    judge: Callable[[list[Outcome]], float]
    fate: str = ""

    def figure(self, ours: list[Outcome], theirs: list[Outcome], seed: int) -> Figure:
        """Of the sensors of its fate, beside the replaced rule."""
        own, other = ([each for each in part if each.name.endswith(self.fate)] for part in (ours, theirs))

        def figure(rows: IntArray) -> float:
            return self.judge([own[row] for row in rows.tolist()])

        one_each = float("nan") if self.fate else 1e4 * len(own) / sum(each.healthy for each in own)  # the rate of one alarm a sensor
        low, high = interval(figure, np.arange(len(own)), seed, whole=one_each)
        found = f"{sum(each.delay < NEVER for each in own) / len(own):.0%} found" if self.fate else f"{len(own)} sensors"
        found += "" if np.isfinite(low) else f"; {len(own)} sensors, no spread"
        value, rule = self.judge(own), self.judge(other)
        return Figure(DATA_SET, PROTOCOL, self.metric, value, "lower", low, high, rule, KS, note=found)


def false(sensors: list[Outcome]) -> float:
    """False alarms per 10,000 healthy readings."""
    return 1e4 * sum(each.false for each in sensors) / sum(each.healthy for each in sensors)


def delay(sensors: list[Outcome]) -> float:
    """Median of the delays, readings; what is not found counts as found at the end."""
    return float(np.median([each.delay for each in sensors]))


MEASURES: Final = (
    Measure("false alarms per 10,000 readings", false),
    *(Measure(f"median delay, readings: {fate}", delay, fate) for fate in drift.FATES[1:]),
)


def _figures(ours: list[Outcome], table: Table, seed: int) -> tuple[Figure, ...]:
    theirs = outcomes(table, replaced)
    return tuple(measure.figure(ours, theirs, seed) for measure in MEASURES)


def _trained(  # noqa: PLR0913, PLR0917  the parts of a card
    name: str, title: str, limits: str, made: Artifact, table: Table, figures: tuple[Figure, ...], seed: int
) -> Trained:
    rows = np.column_stack([table.time, table.features["value"]])[: drift.ROWS : 3]  # a timed batch reaches beyond the reference
    split = "bars were chosen on other seeds; each sensor's first two days teach its own whitener"
    cost = row_us(predictor(made), rows)
    tags = {"kernel": "processors.drift" if "cusum" in name else "processors.adwin"}
    card = Card(name, "drift", title, (), (), "none", DATA_SET, split, limits, figures, cost, tags)
    return Trained(made, card, rows[:5], {"seed": seed, "sensors": len(table.units)})
