"""Which engines of a fleet differ from healthy ones: an isolation forest on smoothed readings (C-MAPSS), taught by young engines.

Five members, each taught by the first cycles of four fifths of the engines and judged on the others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from models import plots
from models.artifact import Array, Artifact
from models.card import MEMBERS, Card, Figure
from models.datasets.cmapss import TARGET, folds, subset
from models.judge import interval, row_us, served
from models.kinds.stack import members, stack
from models.plain import isolation
from models.predictor import predictor
from models.recipe import Trained
from models.simple import others, strongest
from models.table import BoolArray, FloatArray, IntArray, Table
from models.turbofan import Scale, beginnings
from processors.history import smoothed

SMOOTHING: Final = 0.1
SETTLED, YOUNG = 15, 40  # cycles: after the smoothing has settled, before anything is worn
HEALTHY, FAULTY = 125.0, 60.0  # cycles left: above, below; rows between are not judged
FALSE_ALARMS: Final = 0.01
IN_A_ROW: Final = 5  # alarms that count as found
TREES, ROWS = 100, 256
ALWAYS: Final = "always alarm"
DEVIATIONS: Final[dict[str, Callable[[FloatArray], FloatArray]]] = {  # baselines: of the sensors' deviations from young engines (n, k)
    "largest deviation of a sensor": lambda z: np.asarray(np.abs(z).max(axis=1)),
    "root mean square of the deviations": lambda z: np.asarray(np.sqrt((z**2).mean(axis=1))),
    "mean deviation of the sensors": lambda z: np.asarray(np.abs(z).mean(axis=1)),
}
PROTOCOL: Final = "5-fold by engine; healthy above 125 cycles left, faulty up to 60; threshold at 1 % of healthy training rows"


def recipes(name: str) -> Callable[[Path, int], Trained]:
    """The recipe of a subset."""

    def made(folder: Path, seed: int) -> Trained:
        table, _ = subset(folder, name)
        with threadpool_limits(1):
            return trained(table, name, seed)

    return made


fd001, fd002 = recipes("FD001"), recipes("FD002")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Score and alarm of each row by the member that never saw its engine, and those of the baselines by name."""

    score: FloatArray
    alarm: BoolArray
    simple: dict[str, "Verdict"] = field(default_factory=dict)

    @classmethod
    def empty(cls, rows: int, *names: str) -> "Verdict":
        """Nothing is said of any row yet."""
        return cls(np.zeros(rows), np.zeros(rows, np.bool_), {name: cls.empty(rows) for name in names})


def trained(table: Table, name: str, seed: int) -> Trained:
    """Taught and judged on the training engines of a subset, which run to failure."""
    artifact = served(fit(table, seed))
    verdict = judged(artifact, table, seed)
    rows = inputs(artifact, table)
    card = Card(
        f"fleet_iforest_{name.lower()}",
        "anomaly",
        f"Engines that differ from healthy ones of the fleet, {name}",
        (),  # the catalogue states the domains
        ("temperature", "pressure", "speed", "flow"),
        "none",
        "cmapss",
        "five folds of engines; regimes, scaling, forest and threshold from the training engines of the fold",
        "simulated engines of one type; needs young engines that are healthy. Says that an engine differs, not what is wrong.",
        figures(table, name, verdict),
        row_us(predictor(artifact), rows),
        {"explains": "exact, path length; about 2 ms a row and member: for alarms only"},
        judged=MEMBERS,
    )
    left = table.targets[TARGET]
    chosen = (left > HEALTHY) | (left <= FAULTY)
    pictures = {"precision_recall.png": plots.precision_recall((left <= FAULTY)[chosen], verdict.score[chosen])}
    return Trained(artifact, card, rows[:5], {"seed": seed, "trees": TREES, "rows_per_tree": ROWS}, pictures)


def fit(table: Table, seed: int) -> Artifact:
    """Five members with their own scales; their inputs are named `fold_0 sensor`."""
    parts: dict[str, tuple[Artifact, float]] = {}
    arrays: dict[str, Array] = {}
    limits = []
    for fold, (seen, _) in enumerate(folds(table, seed)):
        scale = Scale.fit(table.rows(seen))
        part = f"fold_{fold}"
        z = smoothed(scale.z(table), beginnings(table), SMOOTHING)
        young = seen[(table.time[seen] > SETTLED) & (table.time[seen] <= YOUNG)]
        model = IsolationForest(n_estimators=TREES, max_samples=ROWS, random_state=seed).fit(z[young])
        member = isolation(model, [f"{part} {sensor}" for sensor in scale.names], ("strangeness",))
        healthy = seen[table.targets[TARGET][seen] > HEALTHY]
        limit = float(np.quantile(predictor(member).predict(z[healthy]), 1.0 - FALSE_ALARMS))
        parts[part] = replace(member, options={**member.options, "threshold": limit}), 0.2
        arrays |= {f"{part}_scale.{each.name}": getattr(scale, each.name) for each in fields(scale)}
        limits.append(limit)
    whole = stack(parts, [name for part, _ in parts.values() for name in part.inputs])
    return replace(whole, arrays={**whole.arrays, **arrays}, options={**whole.options, "threshold": float(np.mean(limits))})


def inputs(artifact: Artifact, table: Table) -> FloatArray:
    """Columns of the artifact's inputs (n, inputs) for whole engines."""
    return np.column_stack([smoothed(_scale(artifact, part).z(table), beginnings(table), SMOOTHING) for part in members(artifact)])


def judged(artifact: Artifact, table: Table, seed: int) -> Verdict:
    """Every engine by the member that never saw it."""
    found = Verdict.empty(len(table), *DEVIATIONS)
    parts = members(artifact)
    for fold, (seen, held) in enumerate(folds(table, seed)):
        member, part = parts[f"fold_{fold}"], table.rows(held)
        z = smoothed(_scale(artifact, f"fold_{fold}").z(part), beginnings(part), SMOOTHING)
        found.score[held] = predictor(member).predict(z)[:, 0]
        found.alarm[held] = found.score[held] > member.options["threshold"]
        for name, told in _deviations(_scale(artifact, f"fold_{fold}"), table.rows(seen), part).items():
            found.simple[name].score[held], found.simple[name].alarm[held] = told
    return found


def lead(alarm: BoolArray, left: FloatArray) -> float:
    """Cycles before the failure at which one engine is found: the first of five alarms in a row below 125 cycles; 0 if never."""
    run = np.convolve(alarm, np.ones(IN_A_ROW))[: len(alarm)] >= IN_A_ROW
    found = np.flatnonzero(run & (left <= HEALTHY))
    return float(left[found[0]]) if len(found) else 0.0


def figures(table: Table, name: str, verdict: Verdict) -> tuple[Figure, ...]:
    """F1, area under the curve, false alarms, misses and lead beside alarming always and the strongest simple rule."""
    left = table.targets[TARGET]
    chosen = np.flatnonzero((left > HEALTHY) | (left <= FAULTY))
    faulty = left <= FAULTY
    rivals = {rule: _f1(faulty, each.alarm, chosen) for rule, each in verdict.simple.items()}
    best = strongest(rivals, "higher")
    simple = verdict.simple[best]
    leads, simple_leads = (_leads(table, alarm) for alarm in (verdict.alarm, simple.alarm))
    note = f"{int((leads == 0).sum())} of {len(leads)} engines missed; simple baseline: {int((simple_leads == 0).sum())}"

    def figure(metric: str, measure: Callable[[BoolArray, IntArray], float], better: Literal["higher", "lower"], note: str) -> Figure:
        low, high = interval(lambda rows: measure(verdict.alarm, chosen[rows]), table.unit[chosen])
        base = measure(np.ones(len(left), np.bool_), chosen), ALWAYS, measure(simple.alarm, chosen), best
        return Figure(f"cmapss {name}", PROTOCOL, metric, measure(verdict.alarm, chosen), better, low, high, *base, note=note)

    area = partial(_area, faulty, verdict.score)
    area_ends = interval(lambda rows: area(chosen[rows]), table.unit[chosen], rounds=100)
    area_base = 0.5, ALWAYS, _area(faulty, simple.score, chosen), best
    lead_ends = interval(lambda rows: float(np.median(leads[rows])), np.arange(len(leads)))
    lead_base = HEALTHY, ALWAYS, float(np.median(simple_leads)), best
    return (
        figure("F1", partial(_f1, faulty), "higher", f"{others(rivals, 'higher')}; {note}"),
        figure("false alarm rate", partial(_far, faulty), "lower", note),
        figure("miss rate", partial(_mar, faulty), "lower", note),
        Figure(f"cmapss {name}", PROTOCOL, "ROC-AUC", area(chosen), "higher", *area_ends, *area_base),
        Figure(f"cmapss {name}", PROTOCOL, "median lead, cycles", float(np.median(leads)), "higher", *lead_ends, *lead_base, note=note),
    )


def _leads(table: Table, alarm: BoolArray) -> FloatArray:
    left = table.targets[TARGET]
    return np.array([lead(alarm[table.unit == unit], left[table.unit == unit]) for unit in np.unique(table.unit)])


def _scale(artifact: Artifact, part: str) -> Scale:
    return Scale(*(artifact.arrays[f"{part}_scale.{each.name}"] for each in fields(Scale)))


def _deviations(scale: Scale, seen: Table, held: Table) -> dict[str, tuple[FloatArray, BoolArray]]:
    """The baselines: how far the sensors are from those of young engines, in their standard deviations; alarm by the model's rule."""
    taught, asked = (smoothed(scale.z(table), beginnings(table), SMOOTHING) for table in (seen, held))
    young = taught[(seen.time > SETTLED) & (seen.time <= YOUNG)]
    taught, asked = ((z - young.mean(axis=0)) / young.std(axis=0) for z in (taught, asked))
    healthy = seen.targets[TARGET] > HEALTHY
    return {name: (rule(asked), rule(asked) > np.quantile(rule(taught[healthy]), 1.0 - FALSE_ALARMS)) for name, rule in DEVIATIONS.items()}


def _f1(faulty: BoolArray, alarm: BoolArray, rows: IntArray) -> float:
    return float(2.0 * (alarm & faulty)[rows].sum() / max(alarm[rows].sum() + faulty[rows].sum(), 1))


def _far(faulty: BoolArray, alarm: BoolArray, rows: IntArray) -> float:
    return float((alarm & ~faulty)[rows].sum() / max((~faulty)[rows].sum(), 1))


def _mar(faulty: BoolArray, alarm: BoolArray, rows: IntArray) -> float:
    return float((~alarm & faulty)[rows].sum() / max(faulty[rows].sum(), 1))


def _area(faulty: BoolArray, score: FloatArray, rows: IntArray) -> float:
    return float(roc_auc_score(faulty[rows], score[rows]))
