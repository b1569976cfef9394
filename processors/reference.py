"""The frozen reference: what is healthy for a sensor in one mode, accepted by a person, and never moved by the data itself.

A level that is learnt follows slow wear. So the means of ten minutes of readings are summed up against the reference by a
CUSUM pair of their own (Page 1954). The bar follows from the budget of false episodes by Siegmund's approximation: a sum of S
scales over a slack of k scales has a chance of about exp(-2 k S) per block of independent means. These depend on each other
for hours (thermal masses, load, weather): with a correlation r of neighbours the variance of their sum, and so the bar, is
(1 + r) / (1 - r) times as large. At the default budget that is about a day of running far off: wear lasts, a disturbance of
some hours is the business of the other detectors.

What is small beside the way to a limit is nobody's business either: the slack is at least RELEVANT of that way.
"""

from typing import Final

import numpy as np
from numba import njit

from processors.condition import DRIFT, OFF, ON, PEAK, REFERENCE, SENSOR_DRIFT, emit, find
from processors.layout import ALONE, NONE, OUT_OF_SERVICE, REDUNDANT, Record
from processors.level import budget, interval_s
from processors.state import Arrays

BLOCK_US: Final = 600_000_000
SLACK: Final = 1.0  # sways forgiven
CLIP: Final = 3.0  # sways beyond a relevant slack that one block counts at most
MEMORY_S: Final = 7800.0  # in which such means forget
RELEVANT: Final = 0.05  # of the way from the normal level to the nearest limit on that side
RECENT: Final = 10.0  # intervals of a redundant sensor ...
RECENT_S: Final = 60.0  # ... and seconds within which it was heard of
CALM: Final = 0.25  # a redundant sensor that shows less than this share of a drift contradicts it
YEAR_S: Final = 31_557_600.0
LN10: Final = float(np.log(10.0))


@njit(cache=True, nogil=True)
def add(arrays: Arrays, slot: int, case: Record, options: Record) -> None:
    """Count a settled, sound reading in its block of time; the first of a new block judges the one before."""
    sensor = arrays.sensors[slot]
    if sensor.regime == NONE:
        return
    regime = arrays.regimes[sensor.regime]
    if not np.isfinite(regime.normal):
        return
    block = case.ts // BLOCK_US
    if block != regime.block:
        if regime.readings > 0:
            _judge(regime, sensor, _contradiction(arrays, sensor, case.ts), case, options)
        regime.block, regime.readings, regime.sum = block, 0, 0.0
    regime.readings += 1
    regime.sum += case.rest - regime.normal


@njit(cache=True, nogil=True)
def bar(options: Record, period_s: float) -> float:
    """Sum at which a drift begins, in sways, for a sensor with a reading each `period_s`."""
    blocks = YEAR_S / max(period_s, BLOCK_US * 1e-6)
    return float(inertia(period_s) * LN10 * np.log10(blocks / budget(options)) / (2.0 * SLACK))


@njit(cache=True, nogil=True)
def inertia(period_s: float) -> float:
    """(1 + r) / (1 - r) of neighbouring means: 26 for blocks of ten minutes, 4.4 for a reading an hour, 1 for one a day."""
    kept = np.exp(-max(period_s, BLOCK_US * 1e-6) / MEMORY_S)
    return float((1.0 + kept) / (1.0 - kept))


@njit(cache=True, nogil=True)
def total(before: float, over: float, limit: float) -> float:
    """The next sum: one block counts at most CLIP either way, so a drift takes its time to begin and to end; held at twice the bar."""
    return float(min(max(0.0, before + min(max(over, -CLIP), CLIP)), 2.0 * limit))


@njit(cache=True, nogil=True)
def slack(way: float, sway: float) -> float:
    """Sways forgiven, `way` being the distance to a limit in the unit of the sensor, infinite without one."""
    return float(max(SLACK, RELEVANT * way / sway)) if np.isfinite(way) else SLACK


@njit(cache=True, nogil=True)
def _way(limit: float, outer: float, normal: float) -> float:
    """Distance from the normal level up to the first limit beyond it, infinite without one."""
    if np.isfinite(limit) and limit > normal:
        return float(limit - normal)
    return float(outer - normal) if np.isfinite(outer) and outer > normal else np.inf


@njit(cache=True, nogil=True)
def speaks(partner: Record, ts: int) -> bool:
    """True if a sensor is alive, has learnt and was heard of lately: a dead one contradicts nobody."""
    if partner.seen == 0 or partner.silent or partner.ended or partner.state >= OUT_OF_SERVICE or partner.count < partner.grace:
        return False
    return bool(ts - partner.newest <= max(RECENT * interval_s(partner), RECENT_S) * 1e6)


@njit(cache=True, nogil=True)
def _contradiction(arrays: Arrays, sensor: Record, ts: int) -> float:
    """Share of a drift that a redundant sensor shows, infinite without one."""
    if sensor.partner == ALONE or sensor.tie != REDUNDANT:
        return np.inf
    if arrays.sensors[sensor.partner].regime == NONE or not speaks(arrays.sensors[sensor.partner], ts):
        return np.inf
    ours, theirs = arrays.regimes[sensor.regime], arrays.regimes[arrays.sensors[sensor.partner].regime]
    if not np.isfinite(theirs.normal):
        return np.inf
    return float(max(theirs.above, theirs.below) / max(ours.above, ours.below, 1.0))


@njit(cache=True, nogil=True)
def _judge(regime: Record, sensor: Record, shown: float, case: Record, options: Record) -> None:
    """`shown`: share of the drift that a redundant sensor shows."""
    u, period_s = regime.sum / regime.readings / regime.sway, interval_s(sensor)
    limit, weight = bar(options, period_s), inertia(period_s) * LN10 / (2.0 * SLACK)
    before = max(regime.above, regime.below)
    regime.above = total(regime.above, u - slack(_way(sensor.limit_h, sensor.limit_hh, regime.normal), regime.sway), limit)
    regime.below = total(regime.below, -u - slack(_way(-sensor.limit_l, -sensor.limit_ll, -regime.normal), regime.sway), limit)
    largest = max(regime.above, regime.below)
    if before == 0.0 and largest > 0.0:
        regime.since = regime.block * BLOCK_US
    condition, surprise, threshold = regime.condition, largest / weight, limit / weight
    if not condition.active and largest >= limit:
        condition.active, condition.since, condition.peak = 1, regime.since, surprise
        condition.kind = SENSOR_DRIFT if shown < CALM else DRIFT
        _say(regime, case, ON, surprise, threshold)
    elif condition.active and largest < 0.5 * limit:
        condition.active = 0
        _say(regime, case, OFF, condition.peak, threshold)
    elif condition.active and surprise >= options.peak_growth * condition.peak:
        condition.peak = surprise
        _say(regime, case, PEAK, surprise, threshold)


@njit(cache=True, nogil=True)
def _say(regime: Record, case: Record, phase: int, surprise: float, threshold: float) -> None:
    """Evidence with the severity of an accepted reference, or of a provisional one, which is for information only."""
    find(
        case.found[REFERENCE],
        regime.condition.kind,
        2 if regime.accepted else 1,
        regime.condition.since,
        surprise,
        regime.normal,
        threshold,
    )
    emit(case, REFERENCE, phase, case.ts, regime.condition.since)


@njit(cache=True, nogil=True)
def conclude(arrays: Arrays, slot: int, case: Record) -> None:
    """End the drift of every mode of a sensor now."""
    at = arrays.sensors[slot].regimes
    while at != NONE:
        regime = arrays.regimes[at]
        if regime.condition.active:
            regime.condition.active = 0
            find(case.found[REFERENCE], regime.condition.kind, 2, regime.condition.since, regime.condition.peak, regime.normal, np.nan)
            emit(case, REFERENCE, OFF, case.ts, regime.condition.since)
        regime.above = regime.below = 0.0
        at = regime.next
