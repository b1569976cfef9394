"""A fair trial of two versions on live assets: who gets which, and a test that may be looked at after every outcome.

An asset is given to one version by a hash, so that every process agrees without being told. The test is a bet: its capital grows
when outcomes contradict "the challenger is not better", and under that claim it reaches 1 / alpha with a probability of at most
alpha, whenever one looks (J. Ville 1939; I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting",
JRSS B 2024). It needs outcomes between 0 and 1 and nothing else: no normal distribution, no sample size fixed before.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from models.table import FloatArray

Arm = Literal["champion", "challenger"]
ALPHA: Final = 0.05
STAKES: Final = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9])  # shares of the capital; all are played side by side
HALVINGS: Final = 40  # of the span of means, to find an end of the interval


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the version that answers for an asset did there, 1 the best and 0 the worst: a verdict confirmed or not, say.

    Assets differ, and two outcomes of one asset are not independent: only the first of each asset counts in a trial.
    """

    asset: str
    value: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 1.0:
            raise ValueError(f"outcome of {self.asset}: {self.value} is not between 0 and 1")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known at this look.

    Args:
        pairs: outcomes of the challenger beside outcomes of the champion.
        difference: mean outcome of the challenger less that of the champion; NaN without pairs.
        low: lower end of its confidence interval, which holds at all looks together.
        high: its upper end.
        p: smallest alpha at which the trial would have been decided by now.
        better: who is; "" while it is open.

    """

    pairs: int
    difference: float
    low: float
    high: float
    p: float
    better: Arm | Literal[""]


def arm(experiment: str, asset: str, share: float = 0.5) -> Arm:
    """Which version an asset gets in an experiment. Another experiment deals anew.

    Args:
        experiment: its name.
        asset: id of the asset.
        share: of the assets that get the challenger.

    >>> arm("wear 3", "P-101"), arm("wear 3", "P-101", 0.0), arm("wear 3", "P-101", 1.0)
    ('challenger', 'champion', 'challenger')
    """
    drawn = int.from_bytes(hashlib.sha256(f"{experiment}\0{asset}".encode()).digest()[:8], "big") / 2**64
    return "challenger" if drawn < share else "champion"


def pairs(experiment: str, outcomes: Iterable[Outcome], share: float = 0.5) -> FloatArray:
    """Challenger less champion, (n,): the first outcome of the one's next asset beside the first of the other's, as they came."""
    seen: set[str] = set()
    dealt: dict[Arm, list[float]] = {"champion": [], "challenger": []}
    for each in outcomes:
        if each.asset not in seen:
            seen.add(each.asset)
            dealt[arm(experiment, each.asset, share)].append(each.value)
    count = min(map(len, dealt.values()))
    paired: FloatArray = np.array(dealt["challenger"][:count]) - np.array(dealt["champion"][:count])
    return paired


def judge(differences: FloatArray, alpha: float = ALPHA) -> Verdict:
    """The trial after these differences, each from -1 to 1, in the order they came. Each side is tested at alpha / 2.

    >>> verdict = judge(np.full(20, 0.5))
    >>> verdict.better, bool(0.0 < verdict.low < 0.5 < verdict.high)
    ('challenger', True)
    >>> judge(np.zeros(0)).better
    ''
    """
    if not len(differences):
        return Verdict(0, float("nan"), -1.0, 1.0, 1.0, "")
    low, high = _low(differences, alpha), -_low(-differences, alpha)
    most = max(float(evidence(side).max()) for side in (differences, -differences))
    better: Arm | Literal[""] = "challenger" if low > 0.0 else "champion" if high < 0.0 else ""
    return Verdict(len(differences), float(differences.mean()), low, high, min(2.0 / most, 1.0), better)


def evidence(differences: FloatArray, mean: float = 0.0) -> FloatArray:
    """Capital after each look, (n,), of a bet against "the mean difference is at most `mean`" that began with 1.

    >>> evidence(np.array([1.0, 1.0, -1.0])).round(3).tolist()
    [1.352, 1.921, 0.981]
    """
    gained = (1.0 + differences) / (1.0 + mean) - 1.0  # at least -1: no stake loses everything
    capital: FloatArray = np.exp(np.cumsum(np.log1p(np.outer(gained, STAKES)), axis=0)).mean(axis=1)
    return capital


def _low(differences: FloatArray, alpha: float) -> float:
    """The largest mean that some look has refuted: the lower end of the interval."""
    low, high = -1.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        refuted = evidence(differences, middle).max() >= 2.0 / alpha
        low, high = (middle, high) if refuted else (low, middle)
    return low
