"""Level-2 detectors of the user's own machine, from the rows of its accepted reference. Pure: rows in, a trained model out.

The first 70 % of the time teach and set the threshold, the last 30 % only judge. The threshold is where a later stretch of the
same machine should open one false episode in `BUDGET_DAYS`: from scores of blocks that the detector was not fitted on.
"""

import json
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from models import hearing
from models.artifact import Artifact
from models.card import Card, Figure
from models.detectors import DETECTORS, threshold
from models.judge import row_us, served
from models.kinds.machine import Correction, correct, pack
from models.predictor import predictor
from models.recipe import Trained
from models.table import BoolArray, FloatArray
from processors.pattern.alarm import episodes, held
from processors.pattern.scale import robust

TEACHES: Final = 0.7  # of the rows, the earliest
BLOCKS: Final = 5  # each scored by a detector of the others
ROWS_MIN: Final = 200  # of a mode, in the part that teaches
KNOWN_MIN: Final = 0.5  # share of rows in which a column has a value
BUDGET_DAYS: Final = 60.0  # machine days per false episode that the threshold aims at
HOLD, QUIET = 3, 12  # rows: at or over the threshold to open an episode, below it to close one
MAXIMA_MIN: Final = 20  # stretches whose largest scores tell of rarer ones
EULER: Final = 0.5772156649015329
DAY_S: Final = 86400.0
SHIFTS: Final = 200  # injected, to tell a deaf detector from a good one
SHIFT: Final = 4.0  # robust standard deviations of one column
SHIFT_ROWS: Final = 30


class FitError(ValueError):
    """The reference cannot teach a detector; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Rows of one asset within its accepted reference, in the order of time.

    Args:
        asset: its name.
        columns: what each column is, as `sensor.feature`: the signature.
        rows: (n, k); NaN where a window has no value.
        time_s: (n,) start of each window, seconds, rising.
        window_s: length of a window.
        mode: (n,) name of the operating mode of each window; leave windows out in which the mode changes.
        drivers: names of load, speed, ambient temperature, in their order.
        driver_rows: (n, d), d may be 0.
        quantities: measured quantities of the columns, for the card.

    """

    asset: str
    columns: tuple[str, ...]
    rows: FloatArray
    time_s: FloatArray
    window_s: float
    mode: npt.NDArray[np.str_]
    drivers: tuple[str, ...]
    driver_rows: FloatArray
    quantities: tuple[str, ...] = ()
    asset_class: str = "general"

    def __post_init__(self) -> None:
        n = len(self.rows)
        if self.rows.shape != (n, len(self.columns)) or self.driver_rows.shape != (n, len(self.drivers)):
            raise FitError(f"{self.asset}: {self.rows.shape} rows and {self.driver_rows.shape} drivers do not fit their names")
        if len(self.time_s) != n or len(self.mode) != n or (np.diff(self.time_s) < 0.0).any():
            raise FitError(f"{self.asset}: time and mode of {n} rows are needed, in the order of time")

    def part(self, chosen: BoolArray | slice, columns: BoolArray) -> "Baseline":
        """Some rows and some columns."""
        return Baseline(
            self.asset,
            tuple(name for name, kept in zip(self.columns, columns, strict=True) if kept),
            self.rows[chosen][:, columns],
            self.time_s[chosen],
            self.window_s,
            self.mode[chosen],
            self.drivers,
            self.driver_rows[chosen],
            self.quantities,
            self.asset_class,
        )

    def coded(self, modes: tuple[str, ...]) -> FloatArray:
        """Rows in the order of the artifact's inputs; -1 for a mode that is not among these."""
        place = {name: float(number) for number, name in enumerate(modes)}
        return np.column_stack([self.rows, self.driver_rows, [place.get(name, -1.0) for name in self.mode.tolist()]])


def fit(baseline: Baseline, detector: str = "t2spe", seed: int = 0, *, cut: int | None = None) -> Trained:
    """A detector of one asset, judged on the end of its reference.

    Args:
        baseline: a few days at least; 200 windows of a mode are needed in its first 70 %.
        detector: name in models/detectors.py.
        seed: of the injected shifts.
        cut: rows that teach, where it is not the usual share; the others judge.

    Raises:
        FitError: too few rows, no usable column, or an unknown detector.

    """
    if detector not in DETECTORS:
        raise FitError(f"no detector {detector!r}; known: {', '.join(DETECTORS)}")
    cut = int(TEACHES * len(baseline.rows)) if cut is None else cut
    known = np.isfinite(baseline.rows[:cut]).mean(axis=0) >= KNOWN_MIN if cut else np.zeros(len(baseline.columns), np.bool_)
    if known.sum() < 2:
        raise FitError(f"{baseline.asset}: {int(known.sum())} columns have values in half of {cut} rows; at least 2 are needed")
    teaching, judging = baseline.part(slice(None, cut), known), baseline.part(slice(cut, None), known)
    modes = _modes(teaching)
    aims = {"hold": HOLD, "quiet": QUIET, "window_s": baseline.window_s}
    level = _level(_crossed(teaching, modes, detector), teaching.window_s)
    made = pack(teaching.columns, teaching.drivers, _detectors(teaching, modes, detector), aims)
    artifact = served(threshold(made, level))
    card = _card(baseline, artifact, detector, _figures(teaching, judging, artifact, seed))
    return Trained(
        artifact,
        replace(card, tags=card.tags | hearing.tag(hearing.unheard(teaching, artifact))),
        teaching.coded(modes)[:5],
        {"detector": detector, "seed": seed, "rows": cut, "window_s": baseline.window_s, "level": level},
    )


def examine(artifact: Artifact, teaching: Baseline, judging: Baseline, seed: int = 0) -> tuple[float, float, float]:
    """False episodes per 30 machine days, share found of injected shifts, and machine days of a stretch that taught nothing.

    Args:
        artifact: whose columns both stretches have, and no others.
        teaching: tells how much each column spreads: the shifts are in its units.
        judging: without a fault.
        seed: of the shifts; equal seeds inject equal ones.

    """
    false, days = _false(judging, artifact)
    return false, _shifts(teaching, judging, artifact, seed)[0], days


def _modes(teaching: Baseline) -> tuple[str, ...]:
    names, counts = np.unique(teaching.mode, return_counts=True)
    found = tuple(str(name) for name, count in zip(names, counts, strict=True) if count >= ROWS_MIN)
    if not found:
        most = max(counts.tolist(), default=0)
        raise FitError(f"{teaching.asset}: {most} windows of one mode to learn from, {ROWS_MIN} are needed; accept a longer reference")
    return found


def _detectors(teaching: Baseline, modes: tuple[str, ...], detector: str) -> dict[str, tuple[Correction, Artifact]]:
    found = {}
    for mode in modes:
        chosen = teaching.mode == mode
        rows, drivers = teaching.rows[chosen], teaching.driver_rows[chosen]
        correction = correct(rows, drivers)
        found[mode] = correction, DETECTORS[detector](correction.apply(rows, drivers), teaching.columns)
    return found


def _crossed(teaching: Baseline, modes: tuple[str, ...], detector: str) -> FloatArray:
    """Score of each row by a detector of the other blocks of its mode; rows of other modes: NaN."""
    scores = np.full(len(teaching.rows), np.nan)
    for mode in modes:
        rows = np.flatnonzero(teaching.mode == mode)
        for block in np.array_split(rows, BLOCKS):
            others = np.zeros(len(scores), np.bool_)
            others[np.setdiff1d(rows, block)] = True
            everything = np.ones(len(teaching.columns), np.bool_)
            made = _detectors(teaching.part(others, everything), (mode,), detector)[mode]
            corrected = made[0].apply(teaching.rows[block], teaching.driver_rows[block])
            scores[block] = predictor(made[1]).predict(corrected)[:, 0]
    return scores


def _level(scores: FloatArray, window_s: float) -> float:
    """The held score that one stretch in BUDGET_DAYS exceeds: a Gumbel distribution through the largest of each stretch."""
    scores = held(scores[np.isfinite(scores)], HOLD)
    stretch = max(min(int(DAY_S / window_s), len(scores) // MAXIMA_MIN), 1)
    count = len(scores) // stretch
    largest = np.log(np.maximum(scores[: count * stretch].reshape(count, stretch).max(axis=1), 1e-6))
    width = float(largest.std()) * np.sqrt(6.0) / np.pi
    rare = min(stretch * window_s / (BUDGET_DAYS * DAY_S), 0.5)
    return max(float(np.exp(largest.mean() - EULER * width - width * np.log(-np.log1p(-rare)))), 1.0)


def _figures(teaching: Baseline, judging: Baseline, artifact: Artifact, seed: int) -> tuple[Figure, ...]:
    false, days = _false(judging, artifact)
    simple = _per_month(_deviation(teaching, judging), days)
    found, alone = _shifts(teaching, judging, artifact, seed)
    protocol = f"fitted on the first {TEACHES:.0%} of the reference, judged on the last {days:.1f} machine days"
    low, high = _poisson(false * days / 30.0)
    month, name = 30.0 / days, "largest robust deviation of any column, over 4"
    episodic, injected = "false episodes per 30 machine days", f"share found of shifts of one column by {SHIFT:g} robust sigmas"
    return (
        Figure(teaching.asset, protocol, episodic, false, "lower", low * month, high * month, simple, name),
        Figure(teaching.asset, protocol, injected, found, "higher", trivial=alone, trivial_name=name),
    )


def _card(baseline: Baseline, artifact: Artifact, detector: str, figures: tuple[Figure, ...]) -> Card:
    modes = tuple(artifact.options["modes"])
    left = sorted(set(baseline.mode.tolist()) - set(modes))
    example = np.zeros((1, len(artifact.inputs)))
    return Card(
        f"level2_{baseline.asset}",
        "anomaly",
        f"{detector} of {baseline.asset}",
        (baseline.asset_class,),
        baseline.quantities,
        "asset",
        f"reference of {baseline.asset}",
        "by time: nothing of the judged stretch was learnt or chosen from",
        f"this machine and the modes {', '.join(modes)} only" + (f"; too few windows to learn {', '.join(left)}" if left else ""),
        figures,
        row_us(predictor(artifact), example),
        {
            "asset": baseline.asset,
            "detector": detector,
            "explains": "exact" if detector in {"t2spe", "mahalanobis"} else "shares",
            "abstains": "modes that were not learnt",
            "rule": _rule(baseline.window_s, modes),
        },
    )


def _rule(window_s: float, modes: tuple[str, ...]) -> str:
    """How its scores become episodes, for those who see the card alone (processors/patterns.py)."""
    return json.dumps({"window_s": window_s, "hold": HOLD, "quiet": QUIET, "budget_days": BUDGET_DAYS, "modes": modes})


def _false(judging: Baseline, artifact: Artifact) -> tuple[float, float]:
    """False episodes per 30 machine days, and the machine days that could be judged."""
    rows = judging.coded(tuple(artifact.options["modes"]))
    judged = (rows[:, -1] >= 0.0) & np.isfinite(judging.rows).any(axis=1)
    days = float(judged.sum()) * judging.window_s / DAY_S if judged.any() else float("nan")
    return _per_month(predictor(artifact).predict(rows)[:, 0], days), days


def _per_month(scores: FloatArray, days: float) -> float:
    return len(episodes(scores, 1.0, HOLD, QUIET)) * 30.0 / days


def _poisson(count: float) -> tuple[float, float]:
    """95 % interval of a count (O. Byar's approximation, within 1 % of the exact one); NaN where nothing was counted."""
    low = count * (1.0 - 1.0 / (9.0 * count) - 1.96 / (3.0 * np.sqrt(count))) ** 3 if count > 0.5 else 0.0
    more = count + 1.0
    return float(low), float(more * (1.0 - 1.0 / (9.0 * more) + 1.96 / (3.0 * np.sqrt(more))) ** 3)


def _deviation(teaching: Baseline, judging: Baseline) -> FloatArray:
    """Largest robust deviation of any column, over 4; knows no modes and no drivers."""
    usual = robust(teaching.rows)
    found: FloatArray = np.nan_to_num(np.abs(judging.rows - usual.centre) / np.maximum(usual.spread, 1e-9)).max(axis=1) / 4.0
    return found


def _shifts(teaching: Baseline, judging: Baseline, artifact: Artifact, seed: int) -> tuple[float, float]:
    """Share of stretches that reach an episode with one column shifted and not without, for the model and for the largest deviation."""
    random = np.random.default_rng(seed)
    if len(judging.rows) <= SHIFT_ROWS:
        return float("nan"), float("nan")
    spread = robust(teaching.rows).spread
    model, modes = predictor(artifact), tuple(artifact.options["modes"])
    hits = np.zeros(2)
    everything = np.ones(len(teaching.columns), np.bool_)
    healthy = model.predict(judging.coded(modes))[:, 0], _deviation(teaching, judging)
    for _ in range(SHIFTS):
        begin = int(random.integers(len(judging.rows) - SHIFT_ROWS))
        column = int(random.integers(len(teaching.columns)))
        stretch = slice(begin, begin + SHIFT_ROWS)
        part = judging.part(stretch, everything)
        part.rows[:, column] += SHIFT * spread[column] * random.choice([-1.0, 1.0])
        for place, scores in enumerate((model.predict(part.coded(modes))[:, 0], _deviation(teaching, part))):
            hits[place] += _alarmed(scores) and not _alarmed(healthy[place][stretch])  # one that never ends finds nothing
    return float(hits[0] / SHIFTS), float(hits[1] / SHIFTS)


def _alarmed(scores: FloatArray) -> bool:
    return len(episodes(scores, 1.0, HOLD, QUIET)) > 0
