"""Damage of a pump's bearing from one second of acceleration: lines of the envelope over their floor, impulsiveness, a logistic model.

Machines to judge on are others than those to learn from: other speeds, resonances and noise.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from models import plots
from models.artifact import Artifact
from models.card import Card, Figure
from models.generated.waveform import BEARING, CLASSES, RATE_HZ, Frame, frames
from models.judge import interval, row_us, served
from models.predictor import predictor
from models.recipe import Trained
from models.simple import others, strongest
from models.table import FloatArray, IntArray
from processors.bearing import INNER, OUTER, SLIP, orders
from processors.envelope import Envelope, envelope, floor

LEARNT, JUDGED = 36, 45  # machines
JUDGED_FROM: Final = 6_000_000
AROUND: Final = 30  # lines of the local floor
INPUTS: Final = ("log_rms", "kurtosis", "crest", "outer_1", "outer_2", "outer_3", "inner_1", "inner_2", "inner_3", "band_kurtosis")
SIMPLE: Final = {"kurtosis": slice(1, 2), "level, kurtosis and crest": slice(3), "our features": slice(None)}


def bearing(folder: Path, seed: int) -> Trained:  # noqa: ARG001  every recipe takes a folder
    """Healthy, outer ring or inner ring."""
    teaching, judging = frames(seed, LEARNT), frames(seed + JUDGED_FROM, JUDGED)
    rows, truth = features(teaching), labels(teaching)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=500)).fit(rows, truth)
    graph = to_onnx(model, rows[:1].astype(np.float32), options={"zipmap": False}, target_opset=15).SerializeToString()
    outputs = tuple(f"probability_{name.replace(' ', '_')}" for name in CLASSES)
    artifact = served(Artifact("graph", INPUTS, outputs, graphs={"model": graph}, options={"output": "probabilities"}))
    fresh, answer = features(judging), labels(judging)
    served_model = predictor(artifact)
    answers = served_model.predict(fresh)
    ours, damaged = answers.argmax(axis=1), 1.0 - answers[:, 0].astype(np.float64)
    simple = {f"a tree of three leaves on {name}": _tree(rows[:, columns], truth, fresh[:, columns]) for name, columns in SIMPLE.items()}
    card = Card(
        "pump_waveform_bearing",
        "classification",
        "Damage of a rolling bearing from one second of acceleration",
        (),  # the catalogue states the domains
        ("vibration",),
        "none",
        "generated waveforms",
        "by machine: those judged differ in speed, resonance, noise and size of the damage",
        "needs the bearing's geometry and the speed; generated waveforms are cleaner than a plant",
        _figures(ours, simple, answer, np.array([frame.machine for frame in judging]), seed),
        row_us(served_model, fresh),
    )
    pictures = plots.probabilities(answer > 0, damaged)
    return Trained(artifact, card, rows[:5], {"seed": seed, "machines": LEARNT}, pictures)


def _tree(rows: FloatArray, truth: IntArray, judged: FloatArray) -> IntArray:
    return np.asarray(DecisionTreeClassifier(max_leaf_nodes=len(CLASSES), random_state=0).fit(rows, truth).predict(judged))


def features(made: Sequence[Frame]) -> FloatArray:
    """Inputs of the model, one row per frame."""
    return np.array([_row(frame) for frame in made])


def labels(made: Sequence[Frame]) -> IntArray:
    """Place of each frame's damage among the classes."""
    return np.array([CLASSES.index(frame.damage) for frame in made])


def _row(frame: Frame) -> list[float]:
    values = frame.values - frame.values.mean()
    rms = float(np.sqrt(np.mean(values**2)))
    found = envelope(frame.values, RATE_HZ)
    if not isinstance(found, Envelope):
        raise TypeError(found.reason)
    amplitude = found.spectrum.amplitude
    ratio = amplitude / np.maximum(floor(amplitude, AROUND), 1e-12)
    lines = [
        float(np.log(_strongest(ratio, found.spectrum.df_hz, harmonic * orders(BEARING)[part] * frame.shaft_hz)))
        for part in (OUTER, INNER)
        for harmonic in (1, 2, 3)
    ]
    kurtosis = float(np.mean(values**4)) / rms**4
    return [float(np.log(rms)), kurtosis, float(np.abs(values).max()) / rms, *lines, found.band.kurtosis]


def _strongest(ratio: FloatArray, df_hz: float, hz: float) -> float:
    """Largest ratio within the slip around a line; 1 beyond the envelope."""
    part = ratio[int(hz * (1.0 - SLIP) / df_hz) : int(hz * (1.0 + SLIP) / df_hz) + 2]
    return float(part.max()) if len(part) else 1.0


def _figures(ours: IntArray, simple: Mapping[str, IntArray], truth: IntArray, machine: IntArray, seed: int) -> tuple[Figure, ...]:
    def share(chosen: IntArray) -> float:
        return float((ours[chosen] == truth[chosen]).mean())

    low, high = interval(share, machine, seed, whole=1.0)
    majority = float(np.bincount(truth).max() / len(truth))
    rivals = {name: float((told == truth).mean()) for name, told in simple.items()}
    best = strongest(rivals, "higher")
    value = share(np.arange(len(truth)))
    protocol = f"{LEARNT} machines to learn from, {JUDGED} others to judge, 6 frames each"
    base = majority, "one class always", rivals[best], best
    return (Figure("generated waveforms", protocol, "accuracy", value, "higher", low, high, *base, note=others(rivals, "higher")),)
