"""Which of several simple baselines stands on a card: the strongest one on the judged rows.

Choosing it there favours the baseline: it is stricter than choosing it on the rows that teach.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from models.card import Card, Figure

BEHIND = "does not beat the simple baseline"


def strongest(figures: Mapping[str, float], better: Literal["higher", "lower"]) -> str:
    """Name of the baseline with the best figure; the first of equal ones.

    >>> strongest({"line": 3.0, "mean": 2.0}, "lower")
    'mean'
    """
    known = [name for name, figure in figures.items() if math.isfinite(figure)]
    return (max if better == "higher" else min)(known, key=lambda name: figures[name])


def others(figures: Mapping[str, float], better: Literal["higher", "lower"]) -> str:
    """The baselines that the strongest one left behind, for the note of a figure.

    >>> others({"line": 3.0, "mean": 2.0}, "lower")
    'simple baseline: the strongest of 2 on these rows; line 3'
    """
    best = strongest(figures, better)
    rest = ", ".join(f"{name} {figure:.4g}" for name, figure in figures.items() if name != best)
    return f"simple baseline: the strongest of {len(figures)} on these rows; {rest}"


def frank(card: Card) -> Card:
    """The card with the note BEHIND on the first figure of each data set, where the simple baseline is as good or better."""
    first = {figure.data_set: figure for figure in reversed(card.figures)}
    return replace(card, figures=tuple(_frank(figure) if first[figure.data_set] is figure else figure for figure in card.figures))


def _frank(figure: Figure) -> Figure:
    ahead = figure.value > figure.simple if figure.better == "higher" else figure.value < figure.simple
    if ahead or not math.isfinite(figure.simple) or not math.isfinite(figure.value):
        return figure
    return replace(figure, note=f"{BEHIND}; {figure.note}".removesuffix("; "))
