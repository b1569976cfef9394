"""How good probabilities are: Brier score, skill against the hazard of the class with an interval over machines, reliability."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.exam.chance import CLASS, LOG, PLATFORM, Cases

EDGES: Final = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # most probabilities are small
RESAMPLES: Final = 2000
SEED: Final = 5
Floats = npt.NDArray[np.float64]


def scores(found: Sequence[Cases]) -> list[dict[str, Any]]:
    """A line for every horizon and candidate; none of a horizon of which the platform said nothing: there is no skill in silence."""
    return [_line(cases, name) for cases in found if cases.stated for name in cases.said]


def reliability(found: Sequence[Cases]) -> list[dict[str, Any]]:
    """What the platform said beside what came, by what it said: a line for every horizon and range that holds a stated moment."""
    return [line for cases in found for line in _ranges(cases)]


def skill(cases: Cases, name: str) -> tuple[float, float, float]:
    """One less the ratio of the Brier score to that of the class hazard, with the 95 % interval from machines drawn anew.

    Moments of one machine resemble each other: machines are drawn, not moments. NaN where the class hazard is never wrong.
    """
    size = int(cases.machine.max()) + 1
    own, base = (np.bincount(cases.machine, (cases.said[each] - cases.failed) ** 2, size) for each in (name, CLASS))
    known = np.bincount(cases.machine, minlength=size) > 0
    own, base = own[known], base[known]
    if not base.sum():
        return (np.nan, np.nan, np.nan)
    drawn = np.random.default_rng(SEED).integers(len(own), size=(RESAMPLES, len(own)))
    low, high = np.quantile(1.0 - own[drawn].sum(axis=1) / base[drawn].sum(axis=1), [0.025, 0.975])
    return float(1.0 - own.sum() / base.sum()), float(low), float(high)


def _line(cases: Cases, name: str) -> dict[str, Any]:
    said = cases.said[name]
    whole, low, high = skill(cases, name)
    return {
        "days": cases.days,
        "candidate": name,
        "moments": len(cases.failed),
        "stated": cases.stated if name in {PLATFORM, LOG} else len(cases.failed),
        "censored": cases.censored,
        "failing": float(cases.failed.mean()),
        "said, mean": float(said.mean()),
        "Brier": float(np.mean((said - cases.failed) ** 2)),
        "skill": whole if np.isfinite(whole) else None,
        "95 %": (low, high) if np.isfinite([low, high]).all() else None,
    }


def _ranges(cases: Cases) -> list[dict[str, Any]]:
    said, made = cases.said[PLATFORM], []
    for low, high in pairwise(EDGES):
        inside = cases.told & (said >= low) & ((said < high) | (high == EDGES[-1]))
        if inside.any():
            made.append(
                {
                    "days": cases.days,
                    "said": f"{low:g} .. {high:g}",
                    "moments": int(inside.sum()),
                    "machines": len(np.unique(cases.machine[inside])),
                    "said, mean": float(said[inside].mean()),
                    "failing": float(cases.failed[inside].mean()),
                }
            )
    return made
