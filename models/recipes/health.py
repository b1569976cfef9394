"""Time to limit of a health index from its own trend: for items whose class has no history of failures. Without a trend: no answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import linregress

from models import plots
from models.artifact import Artifact
from models.card import Card, Figure
from models.generated.ramp import LIMIT, WINDOW, Index, indices
from models.judge import interval, row_us, served
from models.kinds.trend import LIMIT as LIMIT_INPUT
from models.kinds.trend import OUTPUTS
from models.predictor import predictor
from models.recipe import Trained
from models.table import FloatArray, IntArray

INPUTS: Final = (LIMIT_INPUT, *(f"health_{back}_ago" for back in range(WINDOW - 1, -1, -1)))
FALLING, STAYING = 300, 600
JUDGED_FROM: Final = 4_000_000
DATA_SET: Final = "generated health indices"
PROTOCOL: Final = "60 daily values, seen at a random time of the fall"


def trend(folder: Path, seed: int) -> Trained:  # noqa: ARG001  every recipe takes a folder
    """Robust slope, refused where the trend test fails."""
    artifact = served(calibrated(indices(seed, FALLING, 0)))
    model = predictor(artifact)
    made = indices(seed + JUDGED_FROM, FALLING, STAYING)
    rows = np.array([[LIMIT, *each.values] for each in made])
    answers, plain = model.predict(rows), np.array([straight(each.values) for each in made])
    card = Card(
        "health_index_trend",
        "health",
        "Days until a health index reaches its limit",
        (),  # the catalogue states the domains
        (),
        "none",
        DATA_SET,
        "the interval is calibrated on falls of another seed; every judged index is seen once",
        "states nothing without a sure trend; a straight line: too late where wear speeds up",
        _figures(made, answers, plain, seed),
        row_us(model, rows),
        {"abstains": "no sure trend towards the limit"},
    )
    days = np.array([each.days for each in made])
    known = np.isfinite(days) & np.isfinite(answers[:, 0])
    pictures = {"errors.png": plots.life_errors(days[known], answers[known, 0], "days")}
    return Trained(artifact, card, rows[:5], {"seed": seed, "window": WINDOW, "limit": LIMIT}, pictures)


def calibrated(made: Sequence[Index]) -> Artifact:
    """The model whose interval holds nine tenths of these falls."""
    rows, truth = np.array([[LIMIT, *each.values] for each in made]), np.array([each.days for each in made])
    plain = predictor(Artifact("trend", INPUTS, OUTPUTS, options={"ratio_low": 1.0, "ratio_high": 1.0}))
    time = plain.predict(rows)[:, 0]
    known = time > 0.0
    low, high = np.quantile(truth[known] / time[known], [0.05, 0.95])
    return Artifact("trend", INPUTS, OUTPUTS, options={"ratio_low": float(low), "ratio_high": float(high)})


def straight(values: FloatArray) -> float:
    """Days by a least squares line that is sure at 1 % of independent noise; NaN without."""
    found = linregress(np.arange(len(values)), values)
    if found.pvalue > 0.01 or found.slope >= 0.0:
        return float("nan")
    return float(max((LIMIT - found.intercept) / found.slope - (len(values) - 1), 0.0))


def _figures(made: Sequence[Index], answers: FloatArray, plain: FloatArray, seed: int) -> tuple[Figure, ...]:
    """False statements, answered share, error and coverage."""
    truth = np.array([each.days for each in made])
    stays = np.isnan(truth)
    stated, line = np.isfinite(answers[:, 0]), np.isfinite(plain)
    both = np.flatnonzero(~stays & stated & line)
    mean = np.abs(truth[both] - np.nanmean(truth))
    error = np.abs(np.column_stack([answers[:, 0], plain]) - truth[:, None])
    within = (answers[:, 1] <= truth) & (truth <= answers[:, 2])
    known = np.flatnonzero(~stays & stated)

    nan, staying, falling = float("nan"), np.flatnonzero(stays), np.flatnonzero(~stays)
    share = {"stays": 100.0 * float(line[staying].mean()), "falls": 100.0 * float(line[falling].mean())}
    alone = float(np.median(error[both, 1]))
    return (
        _figure(Measure("median error, days", "lower", error[both, 0], np.median, float(np.median(mean)), "the mean", alone), seed),
        _figure(Measure("stated without a trend, %", "lower", 100.0 * stated[staying], np.mean, 100.0, "always", share["stays"]), seed),
        _figure(Measure("answered, % of falling ones", "higher", 100.0 * stated[falling], np.mean, 0.0, "never", share["falls"]), seed),
        _figure(Measure("coverage of the 90 % interval, %", "higher", 100.0 * within[known], np.mean, nan, "", nan), seed),
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure as the mean or median of values (n,), beside its baselines."""

    metric: str
    better: Literal["higher", "lower"]
    values: npt.NDArray[np.floating[Any]]
    middle: Callable[[npt.NDArray[np.floating[Any]]], np.floating[Any]]
    trivial: float
    name: str
    simple: float


def _figure(measure: Measure, seed: int) -> Figure:
    def figure(rows: IntArray) -> float:
        return float(measure.middle(measure.values[rows]))

    everything = np.arange(len(measure.values))
    low, high = interval(figure, everything, seed)
    found, line = figure(everything), "least squares line, plain test at 1 %"
    return Figure(DATA_SET, PROTOCOL, measure.metric, found, measure.better, low, high, measure.trivial, measure.name, measure.simple, line)
