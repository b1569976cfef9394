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
CORPORA: Final = 5  # judged, each of a seed of its own: the figure of one is luck
DATA_SET: Final = "generated health indices"
PROTOCOL: Final = "60 daily values, seen at a random time of the fall; mean of five corpora"
LINE: Final = "least squares line, plain test at 1 %"

Values = npt.NDArray[np.floating[Any]]


def trend(folder: Path, seed: int) -> Trained:  # noqa: ARG001  every recipe takes a folder
    """Robust slope, refused where the trend test fails."""
    artifact = served(calibrated(indices(seed, FALLING, 0)))
    model = predictor(artifact)
    made = [each for corpus in range(CORPORA) for each in indices(seed + JUDGED_FROM + corpus, FALLING, STAYING)]
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
        f"the interval is calibrated on falls of another seed; {CORPORA} corpora are judged, every index once",
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
    """Error, false statements, answered share and coverage."""
    truth = np.array([each.days for each in made])
    corpus = np.repeat(np.arange(CORPORA), len(made) // CORPORA)
    stays = np.isnan(truth)
    stated, line = np.isfinite(answers[:, 0]), np.isfinite(plain)
    error, plain_error, mean_error = (np.abs(guess - truth) for guess in (answers[:, 0], plain, np.nanmean(truth)))
    within = (answers[:, 1] <= truth) & (truth <= answers[:, 2])
    never, always, unknown = np.zeros(len(truth)), np.full(len(truth), 100.0), np.full(len(truth), np.nan)
    measures = (
        (~stays & stated & line, Measure("median error, days", "lower", np.median, error, plain_error, mean_error, "the mean")),
        (stays, Measure("stated without a trend, %", "lower", np.mean, 100.0 * stated, 100.0 * line, always, "always")),
        (~stays, Measure("answered, % of falling ones", "higher", np.mean, 100.0 * stated, 100.0 * line, never, "never")),
        (~stays & stated, Measure("coverage of the 90 % interval, %", "higher", np.mean, 100.0 * within, unknown, unknown, "")),
    )
    return tuple(measure.figure(corpus, np.flatnonzero(rows), seed) for rows, measure in measures)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure as the mean over the corpora of the mean or median of values (n,): ours, of the line, of what costs nothing."""

    metric: str
    better: Literal["higher", "lower"]
    middle: Callable[[Values], np.floating[Any]]
    ours: Values
    simple: Values
    trivial: Values
    trivial_name: str

    def each(self, values: Values, corpus: IntArray) -> list[float]:
        """Of each corpus."""
        return [float(self.middle(values[corpus == number])) for number in np.unique(corpus)]

    def figure(self, corpus: IntArray, rows: IntArray, seed: int) -> Figure:
        """Of some of the indices; its note has the figures of each corpus."""

        def figure(drawn: IntArray) -> float:
            return float(np.mean(self.each(self.ours[rows[drawn]], corpus[rows[drawn]])))

        whole = 100.0 if self.middle is np.mean else float("nan")
        low, high = interval(figure, np.arange(len(rows)), seed, whole=whole)
        ours, simple, trivial = (self.each(values[rows], corpus[rows]) for values in (self.ours, self.simple, self.trivial))
        known = np.isfinite(simple).all()
        note = f"each corpus: {_listed(ours)}" + (f"; simple baseline: {_listed(simple)}" if known else "")
        base = float(np.mean(trivial)), self.trivial_name, float(np.mean(simple)), LINE if known else ""
        return Figure(DATA_SET, PROTOCOL, self.metric, float(np.mean(ours)), self.better, low, high, *base, note=note)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)
