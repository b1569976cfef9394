"""Abnormal sound of a machine from energies in bands: a robust distance for each machine, taught by half of its normal clips."""

from pathlib import Path
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score

from models import plots
from models.artifact import Artifact
from models.card import Card, Figure
from models.datasets import mimii
from models.detectors import DETECTORS
from models.generated import sound
from models.judge import interval, row_us, served
from models.kinds.machine import correct, pack
from models.predictor import predictor
from models.recipe import Trained
from models.simple import others, strongest
from models.table import FloatArray, IntArray, Table
from processors.pattern.scale import robust

MACHINES, NORMAL, ABNORMAL = 4, 80, 40  # generated clips of each machine
PUBLISHED: Final = "autoencoder of the set's authors at 6 dB, pumps: 0.80, 0.49, 0.98, 0.94 (yachuchi/mimii)"


def bands(folder: Path, seed: int) -> Trained:
    """Clips of the user's folder, or generated ones."""
    recorded = folder.is_dir() and any(folder.glob("**/normal/*.wav"))
    table = mimii.load(folder) if recorded else clips(seed)
    teaching, judging = mimii.parts(table, seed)
    artifact = served(_fitted(table.rows(teaching)))
    rows, truth = _inputs(table.rows(judging)), table.targets["abnormal"][judging]
    model = predictor(artifact)
    score = model.predict(rows)[:, 0]
    data_set = "MIMII" if recorded else "generated sounds"
    card = Card(
        "sound_band_energies",
        "anomaly",
        "Abnormal sound of a machine",
        (),  # the catalogue states the domains
        ("sound",),
        "none",
        data_set,
        "half of the normal clips of each machine teach; the other half and all abnormal ones are judged",
        "one microphone at one place; another machine beside it is abnormal, too",
        _figures(data_set, score, table.rows(teaching), table.rows(judging), seed),
        row_us(model, rows),
        {"explains": "exact"},
    )
    pictures = {"precision_recall.png": plots.precision_recall(truth > 0.0, score)}
    return Trained(artifact, card, rows[:5], {"seed": seed, "clips": len(table), "abnormal": int(truth.sum())}, pictures)


def clips(seed: int) -> Table:
    """Generated clips of some machines, as MIMII is read."""
    random = np.random.default_rng(seed)
    kinds = ["" if number < NORMAL else sound.ABNORMAL[number % len(sound.ABNORMAL)] for number in range(NORMAL + ABNORMAL)]
    rows = np.array([mimii.bands(sound.clip(random, machine, kind), sound.RATE_HZ) for machine in range(MACHINES) for kind in kinds])
    return Table(
        dict(zip(mimii.NAMES, rows.T.copy(), strict=True)),
        {"abnormal": np.tile([float(bool(kind)) for kind in kinds], MACHINES)},
        np.repeat(np.arange(MACHINES), len(kinds)),
        np.tile(np.arange(len(kinds), dtype=np.float64), MACHINES),
        "clip",
        tuple(f"pump/{machine}" for machine in range(MACHINES)),
    )


def _inputs(table: Table) -> FloatArray:
    return np.column_stack([table.matrix(mimii.NAMES), table.unit])


def _fitted(table: Table) -> Artifact:
    made = {}
    for number, part in table.each():
        rows = part.matrix(mimii.NAMES)
        made[table.units[number]] = correct(rows, np.empty((len(rows), 0))), DETECTORS["mahalanobis"](rows, mimii.NAMES)
    return pack(mimii.NAMES, (), made, {})


def _figures(data_set: str, score: FloatArray, teaching: Table, judging: Table, seed: int) -> tuple[Figure, ...]:
    """Area under the curve, mean of the machines, and of each."""
    truth, simple = judging.targets["abnormal"], _simple(teaching, judging)

    def area(rows: IntArray, by: FloatArray = score) -> float:
        found = [_area(truth[own], by[own]) for number in np.unique(judging.unit[rows]) for own in [rows[judging.unit[rows] == number]]]
        return float(np.nanmean(found))

    protocol, everything = "half of the normal clips teach", np.arange(len(judging))
    low, high = interval(area, everything, seed, 200)
    rivals = {name: area(everything, guess) for name, guess in simple.items()}
    best, source = strongest(rivals, "higher"), PUBLISHED if data_set == "MIMII" else ""
    note = f"{others(rivals, 'higher')}; {source}".removesuffix("; ")
    metric, value, base = "ROC-AUC, mean of machines", area(everything), (0.5, "any constant", rivals[best], best)
    whole = Figure(data_set, protocol, metric, value, "higher", low, high, *base, note=note)
    return (whole, *(_machine(data_set, judging, number, score, (best, simple[best])) for number in np.unique(judging.unit).tolist()))


def _simple(teaching: Table, judging: Table) -> dict[str, FloatArray]:
    """Scores (n,) of the baselines: how far a clip's loudness, or its strangest band, is from the machine's normal clips."""
    found = {"loudness": np.zeros(len(judging)), "largest robust deviation of a band": np.zeros(len(judging))}
    for number in np.unique(judging.unit).tolist():
        own = judging.unit == number
        taught, asked = (part.matrix(mimii.NAMES[: mimii.BANDS]) for part in (teaching.of_units([number]), judging.rows(own)))
        usual = robust(taught)
        found["loudness"][own] = np.abs(asked.mean(axis=1) - np.median(taught.mean(axis=1)))
        found["largest robust deviation of a band"][own] = np.abs((asked - usual.centre) / usual.spread).max(axis=1)
    return found


def _machine(data_set: str, judging: Table, number: int, score: FloatArray, simple: tuple[str, FloatArray]) -> Figure:
    own = judging.unit == number
    truth, (name, guess) = judging.targets["abnormal"][own], simple
    metric, alone = f"ROC-AUC of {judging.units[number]}", _area(truth, guess[own])
    value = _area(truth, score[own])
    return Figure(data_set, "half of the normal clips teach", metric, value, "higher", trivial=0.5, simple=alone, simple_name=name)


def _area(truth: FloatArray, score: FloatArray) -> float:
    return float(roc_auc_score(truth, score)) if 0.0 < truth.mean() < 1.0 else float("nan")
