"""The nine views of the deep ensemble: each writes how far a reading deviates, NaN where it cannot tell yet."""

from typing import Final

import numpy as np
from numba import njit

from processors.layout import Record

VIEWS: Final = 9
LEVEL, STEP, REGRESSION, DAILY, SHIFT, VOLATILITY, RECORD, PAIR, FAR_PAIR = range(VIEWS)
LAGS: Final = 4  # of the autoregression
FORGET: Final = 0.999
SLOTS: Final = 96  # of a day
DAY_S: Final = 86400.0
MEMORY: Final = 64  # readings
FAR: Final = 12  # readings between the values of the far pair
FINENESS: Final = 6  # halvings of the range of codes
CODES_FROM: Final = 100  # readings until values are coded ...
PAIRS_FROM: Final = 130  # ... and until new pairs count
RECODE: Final = 4000  # readings until the codes begin anew


@njit(cache=True, nogil=True)
def look(own: Record, time_s: float, value: float, smooth: float, profile: float, window: int, readings: float) -> None:
    """Write the deviations of a reading into own.raw and learn from it."""
    if own.count == 0:
        own.level = own.low = own.high = own.before = value
    own.count += 1
    own.ring[(own.count - 1) % MEMORY] = value
    apart = abs(value - own.level)
    scale = own.spread + 1e-9 * (abs(own.level) + 1e-9) + 1e-12
    beyond = max(value - own.high, own.low - value, 0.0) / (own.high - own.low + 1e-12)
    own.raw[LEVEL] = apart / scale * (1.0 + 4.0 * min(beyond, 2.0))
    own.raw[STEP] = abs(value - own.before) / scale
    own.raw[REGRESSION] = _regress(own, min(max((value - own.level) / (scale + 1e-12), -20.0), 20.0))
    own.raw[DAILY] = _daily(own, time_s, value, scale, smooth, profile)
    _window(own, window, scale)
    own.raw[RECORD] = beyond if own.count > 20 else 0.0
    _pairs(own, value, scale)
    own.before = value
    own.high = max(own.high, value)
    own.low = min(own.low, value)
    weight = max(1.0 / own.count, 1.0 / readings)
    own.level += weight * (value - own.level)
    own.spread += weight * ((min(apart, 5.0 * scale) if own.count > 50 else apart) - own.spread)


@njit(cache=True, nogil=True)
def _regress(own: Record, z: float) -> float:
    """Error of the autoregression, by recursive least squares; z is the reading in spreads."""
    own.lags[LAGS] = 1.0
    expected = 0.0
    for k in range(LAGS + 1):
        expected += own.slopes[k] * own.lags[k]
    error = z - expected
    if own.count > 20:
        _teach(own, min(max(error, -3.0), 3.0))
    for k in range(LAGS - 1, 0, -1):
        own.lags[k] = own.lags[k - 1]
    own.lags[0] = z
    return abs(error)


@njit(cache=True, nogil=True)
def _teach(own: Record, error: float) -> None:
    """One step of recursive least squares; a covariance that explodes begins anew."""
    scale = FORGET
    for k in range(LAGS + 1):
        total = 0.0
        for j in range(LAGS + 1):
            total += own.covariance[k, j] * own.lags[j]
        own.gain[k] = total
        scale += own.lags[k] * total
    trace = 0.0
    for k in range(LAGS + 1):
        own.slopes[k] += own.gain[k] / scale * error
        for j in range(LAGS + 1):
            own.covariance[k, j] = (own.covariance[k, j] - own.gain[k] * own.gain[j] / scale) / FORGET
        trace += own.covariance[k, k]
    if trace > 1e4:
        for k in range(LAGS + 1):
            for j in range(LAGS + 1):
                own.covariance[k, j] = 1.0 if k == j else 0.0


@njit(cache=True, nogil=True)
def _daily(own: Record, time_s: float, value: float, scale: float, smooth: float, profile: float) -> float:
    """Mean error against the profile of the day, in its own spreads."""
    slot = int((time_s % DAY_S) / DAY_S * SLOTS)
    found = np.nan
    if own.profiled[slot] >= 2.0:
        rest = value - own.profile[slot]
        own.daily_mean += smooth * (rest - own.daily_mean)
        if abs(rest) > 0.0:
            found = abs(own.daily_mean) / (np.sqrt(own.daily_variance) + 1e-9 * scale + 1e-12)
        square = min(rest * rest, 9.0 * own.daily_variance + 1e-12 + 0.01 * scale * scale)
        own.daily_variance += 0.005 * (square - own.daily_variance)
    elif own.daily_variance < 1e-11:
        own.daily_variance = 0.5 * scale * scale
    own.profiled[slot] += 1.0
    own.profile[slot] += max(1.0 / own.profiled[slot], profile) * (value - own.profile[slot])
    return float(found)


@njit(cache=True, nogil=True)
def _window(own: Record, window: int, scale: float) -> None:
    """Shift of the mean and change of the variance of the last readings."""
    size = min(window, own.count)
    total, squares = 0.0, 0.0
    for k in range(size):
        apart = own.ring[(own.count - 1 - k) % MEMORY] - own.level
        total += apart
        squares += apart * apart
    mean = total / size
    own.raw[SHIFT] = abs(mean) / scale
    logarithm = np.log(max(squares / size - mean * mean, 0.0) / (scale * scale) + 1e-6)
    own.raw[VOLATILITY] = abs(logarithm - own.volatility)
    own.volatility += max(1.0 / own.count, 0.001) * (logarithm - own.volatility)


@njit(cache=True, nogil=True)
def _pairs(own: Record, value: float, scale: float) -> None:
    """How coarse the coarsest grid is on which this pair of values is new: 0 none, 1 the finest, 6 the coarsest."""
    own.raw[PAIR] = own.raw[FAR_PAIR] = 0.0
    if own.count == CODES_FROM or (own.count > CODES_FROM and own.count % RECODE == 0):
        own.coded_centre, own.coded_spread = own.level, scale
        for which in range(2):
            for k in range(len(own.seen[which])):
                own.seen[which, k] = 0
    if own.count < CODES_FROM:
        return
    place = np.arcsinh((value - own.coded_centre) / own.coded_spread) / 8.0 + 0.5
    code = int(min(max(place, 0.0), 0.999) * 64)
    own.codes[(own.count - 1) % MEMORY] = code
    if own.count > PAIRS_FROM:
        own.raw[PAIR] = _novelty(own, 0, own.codes[(own.count - 2) % MEMORY], code)
        own.raw[FAR_PAIR] = _novelty(own, 1, own.codes[(own.count - 1 - FAR) % MEMORY], code)


@njit(cache=True, nogil=True)
def _novelty(own: Record, which: int, earlier: int, code: int) -> float:
    """A grid is a bit of `seen`; the coarsest is bit 0."""
    found = 0.0
    for grid in range(FINENESS):
        halvings = FINENESS - 1 - grid
        key = (earlier >> halvings) * 64 + (code >> halvings)
        if found == 0.0 and own.seen[which, key] & (1 << grid) == 0:
            found = float(FINENESS - grid)
        own.seen[which, key] |= 1 << grid
    return found


@njit(cache=True, nogil=True)
def rarity(own: Record, which: int, novelty: float) -> float:
    """Surprise of a new pair: how rarely pairs of this novelty came."""
    own.novel[which, int(novelty)] += 1.0
    total = 0.5
    for k in range(int(novelty), FINENESS + 1):
        total += own.novel[which, k]
    return float(np.log10((own.count - 99.0) / total) + 0.3 * (novelty - 2.0))
