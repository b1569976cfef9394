"""Level 1: what one reading says about its sensor, by rules and by the sensor's own past."""

import numpy as np
from numba import njit

from processors import level, shift, tail, trouble
from processors.batch import ABSENT, UNJUDGED
from processors.condition import (
    DRIFT,
    HIGH,
    HIGH_HIGH,
    LOW,
    LOW_LOW,
    RATE_OF_CHANGE,
    SATURATED,
    SENSOR_FAULT,
    STUCK_AT,
    VARIANCE,
    find,
)
from processors.layout import BY_EXCEPTION, CUSUM, DISCOVERED, EWMA, LEARNING, LIMIT, MONITORED, NEVER, RANGE, RATE, STUCK, Record
from processors.outcome import Flag

F_LEARNING = int(Flag.LEARNING)
F_OUTLIER = int(Flag.OUTLIER)
F_LIMIT = int(Flag.LIMIT)
F_STUCK = int(Flag.STUCK)
TAIL_AFTER = 20  # learnt readings until deviations count in the tail
REPEATS_MEMORY = 1000.0  # readings
REPEATS_LEAST = 0.05
LONGEST_KEPT = 0.999  # share of the longest run kept at each new run
STUCK_SURPRISE_MAX = 20.0
RETURNS = 2  # readings within which a jump there is one there and back
REST_S = 7 * 86_400.0  # a machine may rest for so long before its rest is taken as the level
SATURATED_SHARE = 1e-3  # of the instrument's range: its upper end, shown twice in a row


@njit(cache=True, nogil=True)
def in_range(sensor: Record, case: Record) -> bool:
    """False, with a finding on the sensor, if the instrument cannot show this value; a value that rests at its end is told, too."""
    found = case.found[RANGE]
    found.verdict = ABSENT
    bound = np.nan
    if case.value < sensor.range_low:
        bound = sensor.range_low
    elif case.value > sensor.range_high:
        bound = sensor.range_high
    elif case.value == sensor.before and case.value > sensor.range_high - SATURATED_SHARE * (sensor.range_high - sensor.range_low):
        find(found, SATURATED, 2, case.ts, np.nan, sensor.range_high, sensor.range_high)
    if np.isnan(bound):
        return True
    find(found, SENSOR_FAULT, 2, case.ts, np.nan, bound, bound)
    return False


@njit(cache=True, nogil=True)
def limits(sensor: Record, case: Record, resting: bool) -> None:
    """Sets Flag.LIMIT if a configured limit is passed; a limit is left only by the deadband. At rest low values are no news."""
    condition, found = sensor.conditions[LIMIT], case.found[LIMIT]
    band = sensor.deadband if sensor.deadband > 0.0 and condition.active else 0.0
    high_band = band if condition.kind in (HIGH, HIGH_HIGH) else 0.0
    low_band = band - high_band
    value = case.value
    kind, severity, limit = HIGH, 0, np.nan
    if value >= sensor.limit_hh - (high_band if condition.kind == HIGH_HIGH else 0.0):
        kind, severity, limit = HIGH_HIGH, 5, sensor.limit_hh
    elif not resting and value <= sensor.limit_ll + (low_band if condition.kind == LOW_LOW else 0.0):
        kind, severity, limit = LOW_LOW, 5, sensor.limit_ll
    elif value >= sensor.limit_h - high_band:
        kind, severity, limit = HIGH, 4, sensor.limit_h
    elif not resting and value <= sensor.limit_l + low_band:
        kind, severity, limit = LOW, 4, sensor.limit_l
    found.verdict = ABSENT
    if severity == 0:
        condition.pending = 0
        return
    case.flags |= F_LIMIT
    since = case.ts
    if not condition.active and sensor.delay_on > 0.0 and sensor.reporting != BY_EXCEPTION:
        if not condition.pending:
            condition.pending, condition.since = 1, case.ts
        since = condition.since
        if case.ts - since < sensor.delay_on * 1e6:
            return
    find(found, kind, severity, since, np.nan, limit, limit)


@njit(cache=True, nogil=True)
def rate(sensor: Record, case: Record, elapsed_s: float) -> None:
    """A change since the last sound reading, `elapsed_s` ago, that is faster than anybody believes."""
    found = case.found[RATE]
    found.verdict = ABSENT
    if abs(case.value - sensor.before) > sensor.rate_max * elapsed_s:
        find(found, RATE_OF_CHANGE, 2, case.ts, np.nan, sensor.before, sensor.rate_max)


@njit(cache=True, nogil=True)
def stuck(sensor: Record, case: Record, bar: float, options: Record) -> bool:
    """True while the sensor repeats itself although it never did so for so long; an infinite bar only learns."""
    found = case.found[STUCK]
    step = 0.5 * sensor.resolution if sensor.resolution > 0.0 else 0.0
    weight = max(1.0 / REPEATS_MEMORY, 1.0 / (sensor.scaled + 1.0))
    found.verdict = ABSENT
    if sensor.scaled == 0 or abs(case.value - sensor.anchor) > step:
        if not sensor.conditions[STUCK].active:
            sensor.longest = max(sensor.longest * LONGEST_KEPT, float(sensor.run))
        sensor.run = 0
        sensor.run_since = case.ts
        sensor.anchor = case.value
        sensor.repeats -= weight * sensor.repeats
        return False
    sensor.run += 1
    if sensor.run < options.stuck_readings:
        sensor.repeats += weight * (1.0 - sensor.repeats)
    if sensor.repeats > options.stuck_repeats_max or sensor.reporting == BY_EXCEPTION:
        return False
    score = min(-sensor.run * np.log10(max(sensor.repeats, REPEATS_LEAST)), STUCK_SURPRISE_MAX)
    if score < bar or sensor.run < max(options.stuck_readings, options.stuck_longest * sensor.longest):
        return False
    find(found, STUCK_AT, 2, sensor.run_since, score, case.value, bar)
    return True


@njit(cache=True, nogil=True)
def deviation(sensor: Record, case: Record, weight: float, options: Record) -> None:
    """Surprise of a reading (NaN while learning) and flags; learns from it unless it is abnormal."""
    learning = _learning(sensor, case.ts, options)
    bar = level.threshold(sensor, options)
    held = stuck(sensor, case, np.inf if learning else bar, options)
    level.swap(sensor, case.rest)
    error = case.rest - sensor.level
    residual = level.whitened(sensor, error)
    low = level.floor(sensor)
    at = tail.place(max(abs(error) / max(sensor.spread, low), abs(residual) / max(sensor.innovation, low)))
    score = tail.surprise(sensor.tail, sensor.tail_total, at) * weight
    shift.add(sensor, residual / max(sensor.innovation, low), options)
    shifted = _shifted(sensor, case, learning, bar)
    outlier = not learning and score >= bar
    found = case.found[EWMA]
    found.verdict = UNJUDGED if outlier else ABSENT
    if outlier:
        kind = trouble.excursion(sensor, error, low)
        if kind != trouble.SINGLE:
            find(found, kind, 2, case.ts, score, sensor.level + case.value - case.rest, bar)
    abnormal = outlier or shifted
    if sensor.count >= TAIL_AFTER and not held and (not abnormal or (outlier and sensor.frozen == 0)):
        sensor.tail_total = tail.learn(sensor.tail, sensor.tail_total, at, options.tail_readings)
    _take(sensor, case, error, residual, weight, held, abnormal, options)
    case.flags |= (F_LEARNING if learning else 0) | (F_OUTLIER if abnormal else 0) | (F_STUCK if held else 0)
    if not learning:
        case.score = score


@njit(cache=True, nogil=True)
def _learning(sensor: Record, ts: int, options: Record) -> bool:
    """True within a grace period; moves the life cycle on."""
    if sensor.born == NEVER:
        sensor.born = ts
        sensor.grace = int(options.grace_readings)
    learning = sensor.count < sensor.grace or ts - sensor.born < options.grace_s * 1e6
    if sensor.state == DISCOVERED and sensor.seen >= options.discovered_readings:
        sensor.state = LEARNING
    if sensor.state == LEARNING and not learning and not sensor.told:
        sensor.state = MONITORED
    return bool(learning)


@njit(cache=True, nogil=True)
def _shifted(sensor: Record, case: Record, learning: bool, bar: float) -> bool:
    """True while a sum of residuals says that mean or variance moved."""
    found = case.found[CUSUM]
    found.verdict = ABSENT
    if learning:
        if sensor.count < TAIL_AFTER:
            shift.clear(sensor)
        else:
            shift.note(sensor)
            shift.learn(sensor)
        return False
    mean = shift.surprise(sensor, shift.MEAN, bar)
    volatility = shift.surprise(sensor, shift.VOLATILITY, bar)
    shift.note(sensor)
    largest = max(mean, volatility)
    if largest >= (0.5 * bar if sensor.conditions[CUSUM].active else bar):
        one_sided = max(sensor.up, sensor.down) >= 0.5 * sensor.volatile
        find(found, DRIFT if one_sided else VARIANCE, 2, case.ts, largest, sensor.level + case.value - case.rest, bar)
        return True
    shift.learn(sensor)
    return False


@njit(cache=True, nogil=True)
def _take(sensor: Record, case: Record, error: float, residual: float, weight: float, held: bool, abnormal: bool, options: Record) -> None:
    """Learn from a normal reading; take a deviation that has lasted long enough as the new level, unless the sensor is at fault."""
    if not held and not abnormal:
        memory = sensor.conditions[EWMA]
        if 1 <= sensor.frozen <= RETURNS:
            trouble.rattle(sensor)
        elif memory.pending > 0:
            memory.pending -= 1
        sensor.frozen = 0
        level.learn(sensor, error, residual, weight, options)
        sensor.deviation = case.rest - sensor.level
        return
    sensor.deviation = error
    if held:
        return
    if sensor.frozen == 0:
        sensor.frozen_since = case.ts
    sensor.frozen += 1
    lasted_s = options.relearn_s
    if trouble.rests(sensor, case.rest):
        shift.clear(sensor)
        lasted_s = REST_S
    if trouble.at_fault(sensor):
        return
    if sensor.frozen >= options.relearn_readings and case.ts - sensor.frozen_since >= lasted_s * 1e6:
        level.adopt(sensor, case.rest, options.adopt_readings)
