"""The deep ensemble of level 1: nine views of one series, each as a surprise, joined into one score. One pass, constant memory.

Views: distance from the level, step, error of an autoregression, mean error against the time of day, shift of the mean of the
last hour of readings, volatility, new extreme, and two that a pair of values has never been seen (the last two, and twelve apart).
Each becomes -log10 of the share of the past that deviated as much (`surprise`); a power mean joins them. An alarm lasts: only a new
record over a decaying peak is let through. A series that alarms often must shout louder (habituation).
It learns from every reading: what comes again and again is normal. Weights and tuning come from a search over generated series in which
the seven files of NAB's realKnownCause had a tenth of the say: figures on these files are no first look.
"""

from typing import Final

import numpy as np
from numba import njit

from processors import surprise, views
from processors.layout import Floats, Record, Records
from processors.views import FAR_PAIR, LAGS, MEMORY, PAIR, RECORD, SLOTS, VIEWS

# places in the tuning
TAIL, POWER, READINGS, REFRACTORY, WINDOW, PROFILE, PEAK, SMOOTH, WARM, LENGTH, PERSIST, HABIT, HABIT_READINGS, HABIT_FROM, REPEAT = range(
    15
)
WEIGHTS: Final = np.array([0.7753, 0.0081, 0.8266, 0.8745, 0.77, 0.1969, 0.4412, 0.1926, 0.3163])
TUNING: Final = np.array([0.719, 9.8765, 10315.1584, 425.1884, 61.0, 0.05, 1.2572, 0.0486, 165.0, 0.3603, 0.1384, 0.15, 1500.0, 1.6, 20.0])
BELOW_PEAK: Final = 0.2  # what is left of a score that is no new record
RECENT: Final = 0.15  # weight of a reading in the recent mean
STATE: Final = np.dtype(
    [
        ("count", "i8"),
        ("level", "f8"),
        ("spread", "f8"),
        ("low", "f8"),
        ("high", "f8"),
        ("before", "f8"),
        ("daily_variance", "f8"),
        ("daily_mean", "f8"),
        ("volatility", "f8"),
        ("coded_centre", "f8"),
        ("coded_spread", "f8"),
        ("peak", "f8"),
        ("recent", "f8"),
        ("alarms", "f8"),
        ("since", "f8"),
        ("slopes", "f8", LAGS + 1),
        ("lags", "f8", LAGS + 1),
        ("gain", "f8", LAGS + 1),
        ("covariance", "f8", (LAGS + 1, LAGS + 1)),
        ("profile", "f8", SLOTS),
        ("profiled", "f8", SLOTS),
        ("ring", "f8", MEMORY),
        ("codes", "i8", MEMORY),
        ("seen", "u1", (2, 4096)),
        ("novel", "f8", (2, views.FINENESS + 2)),
        ("raw", "f8", VIEWS),
        ("tails", "f8", (VIEWS, surprise.BINS)),
        ("totals", "f8", VIEWS),
        ("tops", "i8", VIEWS),
    ]
)


def begin() -> Records:
    """The state before the first reading, one record (33 kB)."""
    state = np.zeros(1, STATE)
    state["coded_spread"], state["daily_variance"], state["since"] = 1.0, 1e-12, 1e9
    state["slopes"][0, 0] = 1.0
    state["covariance"][0] = 10.0 * np.eye(LAGS + 1)
    return state


def scores(time_s: Floats, values: Floats, state: Records, weights: Floats = WEIGHTS, tuning: Floats = TUNING) -> Floats:
    """Score of each reading of one series, float64[n], not negative; the state moves on. NaN for a missing value.

    Args:
        time_s: float64[n], seconds; the time of day is taken from it.
        values: float64[n].
        state: of `begin`, or as the readings before left it.
        weights: of the views.
        tuning: see the names of its places.

    >>> time, values = np.arange(2000) * 300.0, np.random.default_rng(0).normal(size=2000)
    >>> values[1500] = 30.0
    >>> int(scores(time, values, begin()).argmax())
    1500
    """
    found = np.empty(len(values))
    run(time_s, values, state, weights, tuning, found)
    return found


@njit(cache=True, nogil=True)
def run(time_s: Floats, values: Floats, state: Records, weights: Floats, tuning: Floats, out: Floats) -> None:
    """Kernel of `scores`."""
    own = state[0]
    for i in range(len(values)):
        out[i] = advance(own, time_s[i], values[i], weights, tuning) if np.isfinite(values[i]) else np.nan


@njit(cache=True, nogil=True)
def advance(own: Record, time_s: float, value: float, weights: Floats, tuning: Floats) -> float:
    """Score of one reading; the state learns from it."""
    views.look(own, time_s, value, tuning[SMOOTH], tuning[PROFILE], int(tuning[WINDOW]), tuning[READINGS])
    return float(_habituated(own, _record(own, _joined(own, weights, tuning), tuning), tuning))


@njit(cache=True, nogil=True)
def _joined(own: Record, weights: Floats, tuning: Floats) -> float:
    """Power mean of the surprises; long series surprise more often, which is taken off."""
    common = tuning[LENGTH] * np.log10(min(own.count, tuning[READINGS]) / 1000.0 + 0.1)
    total = 0.0
    for view in range(VIEWS):
        if weights[view] <= 0.0 or np.isnan(own.raw[view]):
            continue
        if view >= RECORD and own.raw[view] <= 0.0:
            continue
        if view == RECORD:
            found = np.log10(own.count + 1.0) + 2.0 * own.raw[view]
        elif view in (PAIR, FAR_PAIR):
            found = views.rarity(own, view - PAIR, own.raw[view])
        else:
            found = surprise.learn(own.tails[view], own.totals, own.tops, view, own.raw[view], tuning[TAIL], tuning[READINGS])
        if found > common:
            total += (weights[view] * (found - common)) ** tuning[POWER]
    return float(total ** (1.0 / tuning[POWER]))


@njit(cache=True, nogil=True)
def _record(own: Record, joined: float, tuning: Floats) -> float:
    """The score if it is a new record over the decaying peak, else a fifth of it."""
    own.recent += RECENT * (joined - own.recent)
    score = (1.0 - tuning[PERSIST]) * joined + tuning[PERSIST] * 2.0 * own.recent
    if own.count < int(tuning[WARM]):
        score = 0.0
    if score > own.peak * tuning[PEAK]:
        own.peak = score
        return float(score)
    own.peak *= 1.0 - 1.0 / tuning[REFRACTORY]
    return float(BELOW_PEAK * score)


@njit(cache=True, nogil=True)
def _habituated(own: Record, score: float, tuning: Floats) -> float:
    """The score less what the alarms of the recent past take from it."""
    own.alarms *= 1.0 - 1.0 / tuning[HABIT_READINGS]
    found = max(score - tuning[HABIT] * np.log1p(own.alarms), 0.0)
    own.since += 1.0
    if score > tuning[HABIT_FROM] and own.since > tuning[REPEAT]:
        own.alarms += 1.0
        own.since = 0.0
    return float(found)
