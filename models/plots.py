"""Pictures of a run as PNG: the figures of a card, and what recipes add for their task."""

import io
import math
from typing import Any, Final

import numpy as np

from models.card import Card
from models.table import BoolArray, FloatArray

SIZE: Final = (6.4, 4.0)  # inches
BINS: Final = 10


def figures(card: Card) -> bytes:
    """Each figure of a card with its interval, beside its baselines and the best published one."""
    canvas, panels = _canvas(len(card.figures))
    for panel, figure in zip(panels, card.figures, strict=True):
        named = {"trivial": figure.trivial, "simple": figure.simple, "published": figure.published, "served": figure.value}
        known = {name: value for name, value in named.items() if math.isfinite(value)}
        panel.barh(list(known), list(known.values()), color=["tab:blue" if name == "served" else "lightgray" for name in known])
        if math.isfinite(figure.low) and "served" in known:
            panel.plot([figure.low, figure.high], [len(known) - 1] * 2, color="black")
        panel.set_title(f"{figure.data_set}: {figure.metric} ({figure.better} is better)", fontsize=8)
    return _png(canvas)


def precision_recall(truth: BoolArray, score: FloatArray) -> bytes:
    """Precision over recall as the threshold falls.

    Args:
        truth: (n,) what was there.
        score: (n,) higher: more suspect.

    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)  # equal scores fall together
    canvas, (panel,) = _canvas(1)
    panel.step(hits[last] / max(int(truth.sum()), 1), hits[last] / (last + 1), where="post")
    panel.axhline(float(truth.mean()), color="gray", linestyle=":", label="alarm always")
    _label(panel, "recall", "precision")
    return _png(canvas)


def calibration(truth: BoolArray, probability: FloatArray) -> bytes:
    """Share that came true over the probability that was told, in ten bins of equal count."""
    parts = [part for part in np.array_split(np.argsort(probability, kind="stable"), BINS) if len(part)]
    canvas, (panel,) = _canvas(1)
    panel.plot([0, 1], [0, 1], color="gray", linestyle=":", label="calibrated")
    panel.plot([probability[part].mean() for part in parts], [truth[part].mean() for part in parts], marker="o")
    _label(panel, "probability told", "share that came true")
    return _png(canvas)


def life_errors(true: FloatArray, predicted: FloatArray, unit: str) -> bytes:
    """Error of the remaining life over the true one, with its median and 80 % band.

    Args:
        true: (n,) remaining life in `unit`.
        predicted: (n,) what was told.
        unit: of both, for the axes.

    """
    error = predicted - true
    parts = [part for part in np.array_split(np.argsort(true, kind="stable"), BINS) if len(part)]
    middle = [true[part].mean() for part in parts]
    low, median, high = (np.array([np.quantile(error[part], q) for part in parts]) for q in (0.1, 0.5, 0.9))
    canvas, (panel,) = _canvas(1)
    panel.scatter(true, error, s=4, alpha=0.3, color="tab:blue")
    panel.plot(middle, median, color="black", label="median")
    panel.fill_between(middle, low, high, alpha=0.2, color="black", label="80 %")
    panel.axhline(0, color="gray", linestyle=":")
    panel.invert_xaxis()
    _label(panel, f"true remaining life, {unit}", f"told minus true, {unit}")
    return _png(canvas)


def _canvas(panels: int) -> tuple[Any, list[Any]]:
    """A picture with panels one above the other; without pyplot, which keeps state and asks for a screen."""
    from matplotlib.figure import Figure  # noqa: PLC0415  in the profile full only

    canvas = Figure(figsize=(SIZE[0], SIZE[1] if panels == 1 else max(1, panels) * SIZE[1] / 2), layout="constrained")
    return canvas, [canvas.add_subplot(max(1, panels), 1, number + 1) for number in range(panels)]


def _label(panel: Any, across: str, up: str) -> None:  # noqa: ANN401  matplotlib's axes
    panel.set_xlabel(across)
    panel.set_ylabel(up)
    if panel.get_legend_handles_labels()[1]:
        panel.legend(fontsize=8)


def _png(canvas: Any) -> bytes:  # noqa: ANN401  matplotlib's figure
    content = io.BytesIO()
    canvas.savefig(content, format="png", dpi=90, metadata={"Software": None})
    return content.getvalue()
