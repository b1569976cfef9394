"""Declared drivers (speed, load, ambient) explain part of what a sensor shows: that part is taken off before it is judged.

The share of each driver is learnt by exponentially weighted least squares from normal readings only, per sensor and mode, and
is used once it explains enough. An accepted reference brings shares of its own, which never move.
"""

from typing import Final

import numpy as np
from numba import njit

from processors.layout import DRIVERS_MAX, Record

MEMORY: Final = 5000.0  # readings
READINGS_MIN: Final = 200.0  # until a share is believed
EXPLAINED_MIN: Final = 0.1  # share of the variance
RIDGE: Final = 1e-6  # of a driver's variance: two drivers may be one and the same
STEADY: Final = 1e-12  # a driver with less relative variance explains nothing


@njit(cache=True, nogil=True)
def follow(asset: Record, slot: int, value: float) -> bool:
    """Take note of a sound reading; True if it is one of a driver, which nothing explains."""
    drives = False
    for k in range(asset.drivers_used):
        if asset.driver[k] == slot:
            drives = True
            asset.driving[k] = value
    return drives


@njit(cache=True, nogil=True)
def rest(regime: Record, asset: Record, value: float) -> float:
    """What the drivers do not explain of a value: the value at the drivers' `zero`; all of it where that is no number."""
    left = value
    if regime.explains:
        for k in range(asset.drivers_used):
            if np.isfinite(asset.driving[k]):
                left -= regime.slope[k] * (asset.driving[k] - regime.zero[k])
    return float(left if np.isfinite(left) else value)


@njit(cache=True, nogil=True)
def learn(regime: Record, asset: Record, value: float) -> None:
    """Learn from a normal reading, unless a reference has fixed the shares."""
    if regime.fixed:
        return
    for k in range(asset.drivers_used):
        if not np.isfinite(asset.driving[k]):
            return
    regime.weight = min(regime.weight + 1.0, MEMORY)
    step = 1.0 / regime.weight
    last = DRIVERS_MAX  # place of the value behind the drivers
    for i in range(last + 1):
        if i < asset.drivers_used or i == last:
            x = value if i == last else asset.driving[i]
            regime.gap[i] = x - regime.mean[i]
            regime.mean[i] += step * regime.gap[i]
    for i in range(last + 1):
        for j in range(i + 1):
            product = regime.gap[i] * regime.gap[j] * (1.0 - step)
            regime.moment[i, j] += step * (product - regime.moment[i, j])
    _solve(regime, int(asset.drivers_used))


@njit(cache=True, nogil=True)
def _solve(regime: Record, used: int) -> None:
    """Shares from the moments; they count from READINGS_MIN on while they explain enough."""
    if regime.weight < READINGS_MIN:
        return
    first, second, total = regime.moment[0, 0], regime.moment[1, 1], regime.moment[DRIVERS_MAX, DRIVERS_MAX]
    of_first, of_second = regime.moment[DRIVERS_MAX, 0], regime.moment[DRIVERS_MAX, 1]
    one, two = 0.0, 0.0
    steady_first = first <= STEADY * regime.mean[0] ** 2 or first <= 0.0
    steady_second = used < DRIVERS_MAX or second <= STEADY * regime.mean[1] ** 2 or second <= 0.0
    if not steady_first and not steady_second:
        mixed = regime.moment[1, 0]
        a, b = first * (1.0 + RIDGE), second * (1.0 + RIDGE)
        determinant = a * b - mixed * mixed
        one = (b * of_first - mixed * of_second) / determinant
        two = (a * of_second - mixed * of_first) / determinant
    elif not steady_first:
        one = of_first / first
    elif not steady_second:
        two = of_second / second
    explained = one * of_first + two * of_second
    if not regime.explains:
        if explained < EXPLAINED_MIN * total or total <= 0.0:
            return
        regime.explains = 1
        for k in range(DRIVERS_MAX):
            regime.zero[k] = regime.mean[k]
    regime.slope[0], regime.slope[1] = one, two
