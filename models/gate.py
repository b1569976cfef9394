"""When a version may become champion."""

import math

from models.card import Figure
from models.version import PASSED, Version


def trivial(figure: Figure | None) -> str:
    """Of the first version: "passed" when it beats what costs nothing, else why not.

    >>> trivial(Figure("set", "split", "RMSE, cycles", 20.0, "lower", trivial=40.0))
    'passed'
    >>> trivial(Figure("set", "split", "F1", 0.2, "higher", trivial=0.3, trivial_name="always"))
    'F1 0.2 does not beat the trivial baseline 0.3 (always)'
    """
    if figure is None or not math.isfinite(figure.value):
        return "its deciding figure is not a number"
    perfect = figure.better == "lower" and figure.value == 0.0  # nothing beats it, whatever costs nothing may reach
    if math.isfinite(figure.trivial) and not perfect and not _beats(figure.value, figure.trivial, figure):
        named = f" ({figure.trivial_name})" if figure.trivial_name else ""
        return f"{figure.metric} {figure.value:.6g} does not beat the trivial baseline {figure.trivial:.6g}{named}"
    return PASSED


def against(new: Figure | None, champion: Version) -> str:
    """Of a later version: "passed" when its figure beats the champion's, else why not. Equal does not beat."""
    first, old = trivial(new), champion.deciding
    if first != PASSED or new is None or old is None:
        return first
    if (new.data_set, new.protocol, new.metric) != (old.data_set, old.protocol, old.metric):
        return f"judged by {new.metric} on {new.data_set}, the champion by {old.metric} on {old.data_set}: not comparable"
    alike = new.simple_name == old.simple_name  # a card may have found a stronger baseline on the same rows
    if not _same(new.trivial, old.trivial) or (alike and not _same(new.simple, old.simple)):
        return f"judged on other rows than the champion: its baseline has {old.simple:.6g} there, that of the new version {new.simple:.6g}"
    if math.isfinite(old.value) and not _beats(new.value, old.value, new):
        return f"{new.metric} {new.value:.6g} does not beat the champion's {old.value:.6g} (version {champion.number})"
    return PASSED


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(one) and math.isnan(other))


def _beats(value: float, other: float, figure: Figure) -> bool:
    return value > other if figure.better == "higher" else value < other
