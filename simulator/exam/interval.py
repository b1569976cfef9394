"""Exact intervals of counts: Poisson (Garwood 1936) and the tail of a binomial; by bisection, numpy only."""

import math
from collections.abc import Callable

import numpy as np

STEPS = 200


def poisson(count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval of the mean of a Poisson count.

    >>> [round(bound, 2) for bound in poisson(0)], [round(bound, 2) for bound in poisson(10)]
    ([0.0, 3.69], [4.8, 18.39])
    """
    tail = (1.0 - confidence) / 2.0
    most = count + 10.0 * math.sqrt(count + 1.0) + 20.0
    low = 0.0 if count == 0 else _root(lambda mean: 1.0 - _at_most(count - 1, mean) - tail, 0.0, most)
    return low, _root(lambda mean: tail - _at_most(count, mean), 0.0, most)


def upper(count: int, confidence: float = 0.95) -> float:
    """One-sided upper bound of the mean of a Poisson count.

    >>> round(upper(0), 2)
    3.0
    """
    return poisson(count, 2.0 * confidence - 1.0)[1]


def binomial_tail(hits: int, chances: list[float]) -> float:
    """Chance of at least so many hits if each of some trials hits with its own chance (Poisson binomial).

    >>> round(binomial_tail(2, [0.5, 0.5]), 2)
    0.25
    """
    weights = np.ones(1)
    for chance in chances:
        weights = np.convolve(weights, [1.0 - chance, chance])
    return float(min(weights[hits:].sum(), 1.0))


def _at_most(count: int, mean: float) -> float:
    """P(N <= count) for a Poisson mean."""
    if mean <= 0.0:
        return 1.0
    k = np.arange(count + 1)
    logs = k * math.log(mean) - mean - np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))])
    return float(min(np.exp(logs).sum(), 1.0))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if rising(middle) > 0.0 else (middle, high)
    return (low + high) / 2.0
