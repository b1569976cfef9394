"""The loop over readings: the one place where the order of judging a reading stands."""

import numpy as np
from numba import njit

from processors import driver, health, level, level1, mode, reference, regime, start, trouble, window
from processors.batch import ABSENT, EVENTS, OK, PRESENT, ROWS, STEPS_MAX, UNJUDGED, Batch, Output
from processors.condition import DRIFT, NOISY, SPIKE, VARIANCE, settle
from processors.layout import (
    BY_EXCEPTION,
    CUSUM,
    EWMA,
    HISTORY,
    NEVER,
    NO_MODE,
    NONE,
    OFF,
    OUT_OF_SERVICE,
    RANGE,
    RESCALES,
    Record,
    Records,
)
from processors.outcome import MODE_SHIFT, Flag, Status
from processors.state import Arrays

LATE = int(Flag.LATE)
NO_VALUE = int(Flag.NO_VALUE)
OUT_OF_RANGE = int(Flag.OUT_OF_RANGE)
PART = int(Flag.PART)
HISTORICAL = int(Flag.HISTORICAL)
TRANSIENT = int(Flag.TRANSIENT)
ABNORMAL = int(Flag.OUTLIER | Flag.STUCK)
BAD = Status.BAD
BAD_OUT_OF_RANGE = Status.BAD_OUT_OF_RANGE
UNCERTAIN = 0x40000000
UNCERTAIN_WEIGHT = 0.5
STATUS_MAX = 0xFFFFFFFF
INTERVAL_WEIGHT = 0.1
ABSURD = 1e100  # stored as it came, but its square would end every statistic
INTERVAL_GROWTH = 4.0  # a gap counts at most this many intervals


@njit(cache=True, nogil=True)
def advance(arrays: Arrays, parameters: Records, batch: Batch, begin: int, end: int, output: Output) -> int:
    """Apply the readings [begin, end) whose outcome is OK; returns the first that was not applied for want of room."""
    sensors, assets, numbers, used, options = arrays.sensors, arrays.assets, arrays.numbers, output.used, parameters[0]
    outcome, slots, ts, case = batch.outcome, batch.slot, batch.ts, output.case[0]
    for i in range(begin, end):
        if outcome[i] != OK:
            continue
        sensor = sensors[slots[i]]
        asset = assets[sensor.asset]
        if len(output.events) - used[EVENTS] < STEPS_MAX or not window.room(arrays, asset) or not regime.room(arrays):
            return i
        record = batch.record[i]
        case.cause, case.slot, case.ts, case.now = record, slots[i], ts[i], batch.known_at[record]
        case.asset, case.gateway = sensor.asset, sensor.gateway
        case.flags = PART if batch.part[i] else 0
        case.mode, case.word = sensor.mode, mode.word(asset, sensor.mode)
        case.historical = ts[i] < max(numbers[HISTORY], asset.history)
        value = batch.value[i] * sensor.scale + sensor.offset
        if numbers[RESCALES]:
            value = _rescaled(arrays, slots[i], ts[i], batch.value[i], value)
        _receive(sensor, asset, case, value, batch.status[i], options)
        if not case.flags & LATE:
            since = sensor.newest
            if window.leaves(sensor, ts[i]):
                window.turn(arrays, slots[i], ts[i], record)
            sensor.newest = ts[i]
            window.hold(sensor, since, ts[i])
            _judge(arrays, sensor, asset, case, options)
        row = output.rows[used[ROWS]]
        used[ROWS] += 1
        row.offset, row.sensor, row.ts, row.known_at = batch.offsets[record], slots[i], ts[i], case.now
        row.value, row.status, row.score = case.value, case.status, case.score
        row["flags"] = case.flags
        if case.steps:
            take_events(case, output)
    return end


@njit(cache=True, nogil=True)
def _rescaled(arrays: Arrays, slot: int, ts: int, raw: float, value: float) -> float:
    """The value by the scale that was in force at `ts`; `value` is that of the present one."""
    for k in range(arrays.numbers[RESCALES]):
        former = arrays.rescales[k]  # the oldest first: the one that ends next after `ts`
        if former.slot == slot and ts < former.until:
            return float(raw * former.scale + former.offset)
    return value


@njit(cache=True, nogil=True)
def take_events(case: Record, output: Output) -> None:
    """Move the events of a case to the output."""
    for step in range(case.steps):
        output.events[output.used[EVENTS]] = case.events[step]
        output.used[EVENTS] += 1
    case.steps = 0


@njit(cache=True, nogil=True)
def _receive(sensor: Record, asset: Record, case: Record, value: float, status: int, options: Record) -> None:
    """Value, status, lateness and arrival of a reading; moves the clock of its sensor but not yet its newest time."""
    if status < 0 or status > STATUS_MAX:
        status = BAD  # no OPC UA code
    if not np.isfinite(value):
        value = np.nan
        status = max(status, BAD)
        case.flags |= NO_VALUE
    case.value, case.status, case.score = value, status, np.nan
    if case.historical:
        case.flags |= HISTORICAL
    health.arrive(sensor, asset, case, options)
    trouble.clock(asset, case)
    if case.ts <= sensor.newest:
        case.flags |= LATE
        return
    if sensor.newest != NEVER:
        interval_s = (case.ts - sensor.newest) * 1e-6
        if sensor.seen == 1:
            sensor.interval_s = interval_s
        else:  # gaps included, but clipped: a first pair that stood close together must not make all that follow a gap
            sensor.interval_s += INTERVAL_WEIGHT * (min(interval_s, INTERVAL_GROWTH * sensor.interval_s) - sensor.interval_s)
    sensor.seen += 1
    sensor.advanced = case.now


@njit(cache=True, nogil=True)
def _judge(arrays: Arrays, sensor: Record, asset: Record, case: Record, options: Record) -> None:
    """Mode, level 1, conditions and window of a reading that is not late."""
    if case.status < BAD and not level1.in_range(sensor, case):
        case.status = BAD_OUT_OF_RANGE
        case.flags |= OUT_OF_RANGE
    if sensor.state >= OUT_OF_SERVICE:
        case.found[RANGE].verdict = UNJUDGED
    settling = (asset.moded or asset.drivers_used or sensor.mode != NO_MODE) and _settles(arrays, sensor, asset, case)
    if case.status < BAD and sensor.state < OUT_OF_SERVICE:
        level1.limits(sensor, case, settling or sensor.mode == OFF)
    sound = case.status < BAD and abs(case.value) < ABSURD
    if sound and sensor.state < OUT_OF_SERVICE:
        drives = asset.drivers_used and driver.follow(asset, case.slot, case.value)
        explained = asset.drivers_used and not drives
        case.rest = driver.rest(arrays.regimes[sensor.regime], asset, case.value) if explained else case.value
        if sensor.scaled > 0:
            elapsed_s = (case.ts - sensor.sound) * 1e-6  # readings without a sound value tell nothing of what came between
            if elapsed_s <= options.gap_intervals * max(level.interval_s(sensor), 1e-6):
                level1.rate(sensor, case, elapsed_s)
            elif not settling and not trouble.at_fault(sensor):
                level.restart(sensor, case.rest, options.adopt_readings)
        if settling:
            trouble.hold(sensor, case.ts)
            if asset.moded:
                start.follow(arrays, case, options)
        else:
            level1.deviation(sensor, case, 1.0 if case.status < UNCERTAIN else UNCERTAIN_WEIGHT, options)
            if drives or mode.tells(asset, case.slot):  # people move it: its past says nothing against it, limits and its health do
                case.found[EWMA].verdict = case.found[CUSUM].verdict = ABSENT
            else:
                _name(arrays, sensor, case)
                if sensor.mode != OFF and not trouble.at_fault(sensor):
                    reference.add(arrays, case.slot, case, options)
            if explained and not case.flags & ABNORMAL:
                driver.learn(arrays.regimes[sensor.regime], asset, case.value)
        sensor.before, sensor.sound = case.value, case.ts
    quiet_us = max(options.quiet_s, options.quiet_intervals * level.interval_s(sensor)) * 1e6
    left_us = quiet_us if np.isnan(sensor.delay_off) else sensor.delay_off * 1e6
    if sensor.reporting == BY_EXCEPTION:
        left_us = 0.0  # the next reading may be hours away
    settle(sensor, case, quiet_us, left_us, options.peak_growth)
    window.add(sensor, case, sound, case.status < UNCERTAIN)


@njit(cache=True, nogil=True)
def _name(arrays: Arrays, sensor: Record, case: Record) -> None:
    """Give findings that are marks of the sensor's own trouble their name.

    The others speak of the machine: not while it rests, or may rest, and cools down, and a drift not where an accepted reference
    judges it.
    """
    spike, shift = case.found[EWMA], case.found[CUSUM]
    rests = sensor.mode == OFF or trouble.rests(sensor, case.rest)
    if spike.verdict == PRESENT:
        doubtful = spike.kind == trouble.DOUBTFUL
        if doubtful or spike.kind == SPIKE:
            spike.kind = trouble.outlier(arrays, sensor, case)
        if spike.kind in (SPIKE, NOISY) and rests:
            spike.verdict = ABSENT
        elif spike.kind == SPIKE and doubtful:
            spike.verdict = UNJUDGED
    if sensor.mode == OFF and trouble.at_fault(sensor):
        trouble.hold(sensor, case.ts)
        spike.verdict = shift.verdict = UNJUDGED
    elif shift.verdict == PRESENT:
        shift.kind = trouble.shift(arrays, sensor, shift.kind, case.ts)
        if shift.kind in (DRIFT, VARIANCE) and (rests or (shift.kind == DRIFT and regime.referred(arrays, sensor))):
            shift.verdict = ABSENT


@njit(cache=True, nogil=True)
def _settles(arrays: Arrays, sensor: Record, asset: Record, case: Record) -> bool:
    """Bring asset and sensor into the mode of this reading; True while the sensor settles in it."""
    if case.status < BAD:
        mode.follow(asset, case.slot, case.ts, case.value)
        if asset.demand != NONE:
            mode.stop(asset, case)
    settling: bool = regime.enter(arrays, case.slot, case.ts)
    case.mode, case.word = sensor.mode, mode.word(asset, sensor.mode)
    case.flags |= sensor.mode << MODE_SHIFT | (TRANSIENT if settling else 0)
    return settling
