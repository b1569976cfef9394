"""Pictures of a run as PNG: the figures of a card, and what recipes add for their task."""

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from models.card import Card, Figure
from models.table import BoolArray, FloatArray, IntArray

SIZE: Final = (6.4, 4.0)  # inches
BINS: Final = 10
SHARES: Final = (-0.04, 1.04)  # ends of an axis of shares
TWO_SIDED: Final = 1.96  # standard deviations of a 95 % interval


def figures(card: Card) -> bytes:
    """Each figure of a card with its interval, beside its baselines and the best published one."""
    canvas, panels = _canvas(len(card.figures))
    for panel, figure in zip(panels, card.figures, strict=True):
        named = {"trivial": figure.trivial, "simple": figure.simple, "published": figure.published, "ours": figure.value}
        known = {name: value for name, value in named.items() if math.isfinite(value)}
        names = [f"{name} {value:.4g}" for name, value in known.items()]
        panel.barh(names, list(known.values()), color=["tab:blue" if name == "ours" else "lightgray" for name in known])
        if math.isfinite(figure.low) and "ours" in known:
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
    panel.step(hits[last] / max(int(truth.sum()), 1), hits[last] / (last + 1), where="post", label="ours")
    panel.axhline(float(truth.mean()), color="gray", linestyle=":", label="alarm always")
    panel.set(xlim=SHARES, ylim=SHARES)
    _label(panel, "recall (share of true cases found)", "precision (share of alarms that are true)")
    return _png(canvas)


def calibration(truth: BoolArray, probability: FloatArray) -> bytes:
    """Share that came true over the probability that was told, in ten bins of equal width, with 95 % intervals and counts."""
    place = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    parts = [part for part in (np.flatnonzero(place == number) for number in range(BINS)) if len(part)]
    told, came = (np.array([each[part].mean() for part in parts]) for each in (probability, truth))
    canvas, (panel,) = _canvas(1)
    panel.plot([0, 1], [0, 1], color="gray", linestyle=":", label="calibrated")
    low, high = _wilson(came, np.array([len(part) for part in parts]))
    panel.errorbar(told, came, (came - low, high - came), marker="o", capsize=3, label="ours, 95 %")
    for part, across, up in zip(parts, told, high, strict=True):
        panel.annotate(f"{len(part)}", (across, up), (0, 3), textcoords="offset points", ha="center", fontsize=7, color="dimgray")
    panel.set(xlim=SHARES, ylim=(SHARES[0], 1.1))
    _label(panel, "probability told", "share that came true (numbers: rows)")
    return _png(canvas)


def probabilities(truth: BoolArray, probability: FloatArray) -> dict[str, bytes]:
    """Both pictures of a model that tells probabilities, by file name."""
    return {"precision_recall.png": precision_recall(truth, probability), "calibration.png": calibration(truth, probability)}


def coverage(nominal: Sequence[float], lines: Mapping[str, Sequence[Figure]]) -> bytes:
    """Share of units inside their interval over the share it was made to hold, with 95 % intervals, beside the constant width.

    Args:
        nominal: shares, for example 0.8 and 0.9.
        lines: figures of the coverage at each of them, by what the units have in common; their simple baseline is the constant width.

    """
    canvas, (panel,) = _canvas(1)
    panel.plot([0, 1], [0, 1], color="gray", linestyle=":", label="calibrated")
    for number, (name, held) in enumerate(lines.items()):
        across = np.array(nominal) + 0.004 * (number - (len(lines) - 1) / 2)  # side by side, not on top of each other
        value, low, high, constant = (np.array([getattr(each, part) for each in held]) for part in ("value", "low", "high", "simple"))
        colour = f"C{number}"
        panel.errorbar(across, value, (value - low, high - value), marker="o", linestyle="", capsize=3, color=colour, label=name)
        panel.scatter(across, constant, marker="x", color=colour, label=f"{name}: constant width")
    panel.set_xticks(nominal)
    panel.set(xlim=(min(nominal) - 0.05, max(nominal) + 0.05), ylim=(0.5, 1.02))
    _label(panel, "share the interval is made to hold", "share inside it")
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
    panel.scatter(true, error, s=6, alpha=0.4, color="tab:blue", label="one estimate")
    panel.plot(middle, median, color="black", label="median")
    panel.fill_between(middle, low, high, alpha=0.2, color="black", label="80 % of the errors")
    panel.axhline(0, color="gray", linestyle=":")
    panel.invert_xaxis()
    _label(panel, f"true remaining life, {unit}", f"told minus true (above 0: too late), {unit}")
    return _png(canvas)


def _wilson(share: FloatArray, count: IntArray) -> tuple[FloatArray, FloatArray]:
    """Ends of Wilson's 95 % interval of shares among so many."""
    square = TWO_SIDED**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = TWO_SIDED / (1 + square / count) * np.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return np.minimum(middle - half, share), np.maximum(middle + half, share)


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
