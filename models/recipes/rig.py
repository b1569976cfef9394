"""Detectors that teach themselves on the first 400 rows of a pump rig: four mechanisms, tuned on generated rigs only.

The thresholds of the rank- and tree-based ones are chosen on generated rigs of this run's seed; the tunings of T2/SPE were found
on rigs of the same generator once and stand here. Judged on generated rigs of a seed that nothing was chosen on, and on the
recordings of the user's folder where it holds some.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from sklearn.metrics import roc_auc_score

from models import plots
from models.artifact import Artifact
from models.card import Card, Figure
from models.datasets import skab
from models.generated import rig
from models.judge import interval, row_us, served
from models.kinds.recording import hysteresis
from models.predictor import Predictor, predictor
from models.recipe import Trained
from models.recipes.deviation import largest, mean
from models.simple import others, strongest
from models.table import FloatArray, IntArray, Table

TUNINGS: Final = (
    {"drift": 4.0, "weight": 0.3, "follow": 0.004, "high": 5.074, "low": 2.772, "rows_on": 1, "rows_off": 8, "slack": 4.0},
    {"drift": 2.0, "weight": 0.3, "follow": 0.004, "high": 4.857, "low": 4.371, "rows_on": 3, "rows_off": 8, "slack": 4.0},
    {"drift": 4.0, "weight": 0.3, "follow": 0.001, "high": 4.972, "low": 3.467, "rows_on": 1, "rows_off": 8, "slack": 1.0},
)
VOTES: Final = 2
TUNED_ON, JUDGED_ON = 40, 60  # generated recordings
JUDGED_SEED: Final = 7_000_000  # beside the seed of the run: no tuning ever saw these
TRIED: Final = 24  # thresholds
FALSE_MAX: Final = 0.15  # of the healthy rows, while choosing a threshold
LOW: Final = 0.6  # of the threshold: below it an alarm ends
LIMITS: Final = "needs 400 healthy rows of the same machine in one mode; slow faults that begin within them are learnt as healthy"
ROUNDS: Final = 200
ROBUST_SIGMAS: Final = 4.0
LARGEST: Final = "largest robust deviation of any channel, alarm beyond 4"
MEAN: Final = "mean deviation of the channels' exponential means, one threshold"
PROTOCOL: Final = "first 400 rows of each recording healthy, the rest pooled"
SKAB: Final = "SKAB"
SOURCE: Final = "Conv-AE, leaderboard of waico/SKAB @b2c0d46"
COUNTED: Final[tuple[tuple[str, Literal["higher", "lower"], float], ...]] = (
    ("F1", "higher", 0.78),
    ("false alarms, % of healthy rows", "lower", 13.55),
    ("missed, % of faulty rows", "lower", 28.02),
)


@dataclass(frozen=True, slots=True)
class Alarms:
    """Judged rows: our alarm, the simple one with its name, the truth, the recording; each (n,)."""

    ours: FloatArray
    simple: FloatArray
    rule: str
    fault: FloatArray
    unit: IntArray


def t2spe(folder: Path, seed: int) -> Trained:
    """Two of three followers of T2, SPE and volatility."""
    options = {"healthy": rig.HEALTHY, "votes": VOTES, "tunings": [{"share": 0.8, "quantile": 0.95} | each for each in TUNINGS]}
    return _trained("rig_t2spe", "T2/SPE and volatility with drift-scaled channels", folder, seed, options)


def mahalanobis(folder: Path, seed: int) -> Trained:
    """Robust Mahalanobis distance of the means."""
    return _trained("rig_mahalanobis", "Robust Mahalanobis distance", folder, seed, _chosen("mahalanobis", seed))


def half_space_trees(folder: Path, seed: int) -> Trained:
    """Half-space trees on the means."""
    return _trained("rig_half_space_trees", "Half-space trees", folder, seed, _chosen("half_space_trees", seed))


def ensemble(folder: Path, seed: int) -> Trained:
    """Mean rank of T2/SPE, Mahalanobis and half-space trees."""
    return _trained("rig_ensemble", "Mean rank of T2/SPE, Mahalanobis and half-space trees", folder, seed, _chosen("ensemble", seed))


def counts(alarm: FloatArray, fault: FloatArray) -> tuple[float, float, float]:
    """F1, share of false alarms among healthy rows in %, share of missed rows in %."""
    hits, false, missed = (alarm * fault).sum(), (alarm * (1.0 - fault)).sum(), ((1.0 - alarm) * fault).sum()
    healthy = (1.0 - fault).sum()
    return (
        float(2.0 * hits / max(2.0 * hits + false + missed, 1.0)),
        float(100.0 * false / max(healthy, 1.0)),
        float(100.0 * missed / max(fault.sum(), 1.0)),
    )


def _chosen(detector: str, seed: int) -> dict[str, Any]:
    """Options whose threshold has the best F1 on generated rigs, among those with few false alarms."""
    options = {"healthy": rig.HEALTHY, "detector": detector, "weight": 0.3, "rows_off": 8, "high": 1.0, "low": LOW}
    model = predictor(_artifact(options))
    table = rig.recordings(seed, TUNED_ON)
    high = _bar(table, [model.predict(part.matrix())[skab.HEALTHY :, 0] for _, part in table.each()], _alarm)
    return options | {"high": high, "low": LOW * high}


@lru_cache(maxsize=1)
def _mean_bar(seed: int) -> float:
    """Threshold of the rule MEAN, chosen as those of the detectors are."""
    table = rig.recordings(seed, TUNED_ON)
    return _bar(table, [mean(part.matrix(), skab.HEALTHY)[skab.HEALTHY :] for _, part in table.each()], _over)


def _bar(table: Table, scores: Sequence[FloatArray], alarm: Callable[[FloatArray, float], FloatArray]) -> float:
    """The threshold of the best F1 over the scores of each recording's judged rows, among those with few false alarms."""
    fault = table.targets["fault"][skab.judged(table)]
    found = []
    for high in np.quantile(np.concatenate(scores), np.linspace(0.3, 0.99, TRIED)).tolist():
        f1, false, _ = counts(np.concatenate([alarm(score, high) for score in scores]), fault)
        found.append((f1 if false <= 100.0 * FALSE_MAX else f1 - 1.0, high))
    return float(max(found)[1])


def _alarm(score: FloatArray, high: float) -> FloatArray:
    return hysteresis(score, high, LOW * high, 8)


def _artifact(options: dict[str, Any]) -> Artifact:
    return Artifact("recording", rig.CHANNELS, ("score", "alarm"), options=options)


def _trained(name: str, title: str, folder: Path, seed: int, options: dict[str, Any]) -> Trained:
    artifact = served(_artifact(options))
    model = predictor(artifact)
    fresh = rig.recordings(seed + JUDGED_SEED, JUDGED_ON)
    judged = skab.judged(fresh)
    score = np.concatenate([model.predict(part.matrix())[:, 0] for _, part in fresh.each()])
    figures = _figures(model, fresh, "generated rigs", seed)
    if _present(folder):
        figures = (*_figures(model, skab.load(folder), SKAB, seed), *figures)
    example = fresh.of_units([0]).matrix()
    card = Card(
        name,
        "anomaly",
        title,
        (),  # the catalogue states the domains
        ("vibration", "current", "pressure", "temperature", "voltage", "flow"),
        "none",
        SKAB if _present(folder) else "generated rigs",
        "the first 400 rows of each recording teach, the rest is judged; tuned on other generated rigs only",
        LIMITS,
        figures,
        row_us(model, example),
        {"explains": "exact" if "tunings" in options else "shares"},
    )
    pictures = {"precision_recall.png": plots.precision_recall(fresh.targets["fault"][judged] > 0.0, score[judged])}
    return Trained(artifact, card, example[:5], {"seed": seed, "healthy": rig.HEALTHY, "votes": VOTES}, pictures)


def _present(folder: Path) -> bool:
    return any((root / skab.GROUPS[0]).is_dir() for root in (folder, folder / "data"))


def _figures(model: Predictor, table: Table, data_set: str, seed: int) -> tuple[Figure, ...]:
    """Of the alarms, and of the ranking: F1 alone rewards an alarm that never ends."""
    judged = skab.judged(table)
    answers = np.concatenate([model.predict(part.matrix()) for _, part in table.each()])[judged]
    fault, unit = table.targets["fault"][judged], table.unit[judged]
    simple = rules(table, seed)
    rivals = {name: counts(alarm, fault)[0] for name, (_, alarm) in simple.items()}
    best = strongest(rivals, "higher")
    alarms = Alarms(answers[:, 1], simple[best][1], best, fault, unit)
    counted = [_counted(place, data_set, alarms, seed) for place in range(3)]
    counted[0] = replace(counted[0], note=others(rivals, "higher"))

    def area(rows: IntArray) -> float:
        return float(roc_auc_score(fault[rows], answers[rows, 0]))

    everything = np.arange(len(fault))
    low, high = interval(area, unit, seed, ROUNDS)
    alone = float(roc_auc_score(fault, simple[best][0]))
    ranking = Figure(data_set, PROTOCOL, "ROC-AUC of rows", area(everything), "higher", low, high, 0.5, "any constant", alone, best)
    return (*counted, ranking)


def rules(table: Table, seed: int) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Score and alarm of each judged row by each simple rule; `seed` draws the rigs on which a threshold is chosen."""
    parts = [part.matrix() for _, part in table.each()]
    far, usual = (np.concatenate([score(rows, skab.HEALTHY)[skab.HEALTHY :] for rows in parts]) for score in (largest, mean))
    return {LARGEST: (far, _over(far, ROBUST_SIGMAS)), MEAN: (usual, _over(usual, _mean_bar(seed)))}


def _over(score: FloatArray, high: float) -> FloatArray:
    return (score > high).astype(np.float64)


def _counted(place: int, data_set: str, alarms: Alarms, seed: int) -> Figure:
    metric, better, published = COUNTED[place]

    def figure(rows: IntArray) -> float:
        return counts(alarms.ours[rows], alarms.fault[rows])[place]

    low, high = interval(figure, alarms.unit, seed, ROUNDS)
    always = counts(np.ones(len(alarms.fault)), alarms.fault)[place]
    alone = counts(alarms.simple, alarms.fault)[place]
    ours = figure(np.arange(len(alarms.fault)))
    known, source = (published, SOURCE) if data_set == SKAB else (float("nan"), "")
    return Figure(data_set, PROTOCOL, metric, ours, better, low, high, always, "always alarm", alone, alarms.rule, known, source)
