"""Distance of a row from what is usual, as a sum of one term per channel: the terms are the exact contributions.

Both distances are quadratic forms z' P z of the scaled row z. With the symmetric root R of P the distance is the squared length
of R z, and the square of its entry j is what channel j contributes (complete decomposition: C. Alcala, S. J. Qin, Automatica 45,
2009). The terms are not negative and sum to the score.

T2/SPE: T2 over its limit, within the space the sensors share, plus SPE over its limit, beside it (combined index: H. H. Yue,
S. J. Qin, Ind. Eng. Chem. Res. 40, 2001). Mahalanobis: the distance from a covariance that outlying rows do not move.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit

from processors.layout import Floats
from processors.pattern import scale as scaling
from processors.pattern.scale import Scale, scaled

CLIP: Final = 12.0  # spreads: one absurd value must not hide the others
CLIP_FIT: Final = 6.0
RIDGE: Final = 0.02  # added to each variance, in spreads squared: channels that repeat each other stay solvable
LIMIT: Final = 0.99  # quantile of T2 and of SPE on the healthy rows
LIMIT_MIN: Final = 0.1
NORMAL_LIMIT: Final = 2.326  # the same quantile of a normal variable
KEPT: Final = 0.75  # share of rows that teach the robust covariance
STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Distance:
    """A fitted distance.

    Attributes:
        scale: centre and spread per channel.
        root: symmetric root of the form, float64[m, m].
    """

    scale: Scale
    root: Floats


@dataclass(frozen=True, slots=True)
class Axes:
    """The space that m sensors share, k <= m - 1 axes: directions float64[m, k], variances float64[k]."""

    directions: Floats
    variances: Floats


def axes(z: Floats, share: float = 0.9) -> Axes:
    """Principal axes that hold a share of the variance of scaled rows; at least one direction is left beside them.

    >>> axes(np.array([[1.0, 1.0], [-1.0, -1.0], [2.0, 2.0], [-2.0, -2.0]])).directions.round(3).tolist()
    [[0.707], [0.707]]
    """
    variances, directions = np.linalg.eigh(_covariance(z))
    variances, directions = variances[::-1], directions[:, ::-1]
    count = int(np.searchsorted(np.cumsum(variances) / variances.sum(), share)) + 1
    count = max(min(count, z.shape[1] - 1), 1)
    kept = directions[:, :count]
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(count)])  # a solver may turn an axis round
    return Axes(kept, variances[:count])


def t2spe(rows: Floats, share: float = 0.9, drift: float = 2.0) -> Distance:
    """T2 over its limit plus SPE over its limit.

    Args:
        rows: healthy, float64[n, m], in the order of time, NaN where missing.
        share: of the variance within the axes.
        drift: weight of slow movement in the scale (scale.fit).

    >>> rows = np.random.default_rng(0).normal(size=(500, 3))
    >>> found = t2spe(rows)
    >>> bool(np.median(score(rows, found)[0]) < 1.0 < score(np.full((1, 3), 9.0), found)[0][0])
    True
    """
    scale = scaling.fit(rows, drift)
    z = scaling.apply(rows, scale, CLIP_FIT)
    found = axes(z, share)
    within = (found.directions / np.sqrt(found.variances)) @ found.directions.T
    beside = np.eye(z.shape[1]) - found.directions @ found.directions.T
    limits = [max(float(np.quantile(((z @ part) ** 2).sum(axis=1), LIMIT)), LIMIT_MIN) for part in (within, beside)]
    return Distance(scale, within / np.sqrt(limits[0]) + beside / np.sqrt(limits[1]))


def mahalanobis(rows: Floats, drift: float = 2.0) -> Distance:
    """Mahalanobis distance, squared, over its limit, from a covariance found by concentration steps.

    The steps start from all rows, clipped, and keep the three quarters nearest to the present estimate until these no longer
    change (P. Rousseeuw, K. Van Driessen, Technometrics 41, 1999; the start is fixed, so the result is). Arguments: as t2spe.

    >>> rows = np.random.default_rng(0).normal(size=(500, 2))
    >>> rows[:50] = 30.0
    >>> bool(score(np.full((1, 2), 30.0), mahalanobis(rows))[0][0] > 5.0)
    True
    """
    scale = scaling.fit(rows, drift)
    z = scaling.apply(rows, scale, CLIP_FIT)
    centre, covariance = _concentrated(z)
    variances, directions = np.linalg.eigh(covariance)
    root = (directions / np.sqrt(variances)) @ directions.T
    moved = Scale(scale.centre + centre * scale.spread, scale.spread)
    return Distance(moved, root / np.sqrt(_chi2(z.shape[1], NORMAL_LIMIT)))


def _concentrated(z: Floats) -> tuple[Floats, Floats]:
    kept = np.ones(len(z), dtype=bool)
    for _ in range(STEPS):
        centre = z[kept].mean(axis=0)
        covariance = _covariance(z[kept] - centre)
        apart = z - centre
        squared = (apart * np.linalg.solve(covariance, apart.T).T).sum(axis=1)
        nearest = squared <= np.quantile(squared, KEPT)
        if (nearest == kept).all():
            break
        kept = nearest
    inflate = max(float(np.median(squared)) / _chi2(z.shape[1], 0.0), 1e-6)  # the nearest rows alone lie too close
    return centre, covariance * inflate


def _chi2(degrees: int, normal: float) -> float:
    """The quantile of a chi-squared variable at a normal quantile, to 1 % (Wilson-Hilferty)."""
    return float(degrees * (1.0 - 2.0 / (9.0 * degrees) + normal * np.sqrt(2.0 / (9.0 * degrees))) ** 3)


def _covariance(z: Floats) -> Floats:
    found: Floats = np.atleast_2d(np.cov(z.T)) + RIDGE * np.eye(z.shape[1])
    return found


def score(rows: Floats, distance: Distance, *, clip: float = CLIP) -> tuple[Floats, Floats]:
    """Score float64[n] and contribution of each channel float64[n, m], which sum to it."""
    contributions = np.empty(rows.shape)
    scores = np.empty(len(rows))
    measure(np.ascontiguousarray(rows), distance.scale.centre, distance.scale.spread, distance.root, clip, scores, contributions)
    return scores, contributions


@njit(cache=True, nogil=True)
def measure(rows: Floats, centre: Floats, spread: Floats, root: Floats, clip: float, scores: Floats, contributions: Floats) -> None:
    """Kernel of `score`: each row by itself, in a fixed order of sums, so that single rows and batches agree bit by bit."""
    z = np.empty(rows.shape[1])
    for i in range(len(rows)):
        scaled(rows[i], centre, spread, clip, z)
        total = 0.0
        for j in range(len(z)):
            entry = 0.0
            for k in range(len(z)):
                entry += root[j, k] * z[k]
            contributions[i, j] = entry * entry
            total += entry * entry
        scores[i] = total
