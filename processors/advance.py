"""The loop over readings: the one place where the order of judging a reading stands."""

import numpy as np
from numba import njit

from processors import health, level, level1, window
from processors.batch import EVENTS, OK, ROWS, Batch, Output
from processors.condition import EVENTS_PER_READING, Reading, settle
from processors.options import Parameters
from processors.outcome import Flag, Status
from processors.state import HISTORY, LIMIT, NEVER, OUT_OF_SERVICE, RANGE, RATE, Arrays, Record

LATE = int(Flag.LATE)
NO_VALUE = int(Flag.NO_VALUE)
OUT_OF_RANGE = int(Flag.OUT_OF_RANGE)
PART = int(Flag.PART)
HISTORICAL = int(Flag.HISTORICAL)
BAD = Status.BAD
BAD_OUT_OF_RANGE = Status.BAD_OUT_OF_RANGE
UNCERTAIN = 0x40000000
UNCERTAIN_WEIGHT = 0.5
STATUS_MAX = 0xFFFFFFFF
INTERVAL_WEIGHT = 0.1
INTERVAL_GROWTH = 4.0  # a gap counts at most this many intervals


@njit(cache=True, nogil=True)
def advance(arrays: Arrays, parameters: Parameters, batch: Batch, begin: int, end: int, output: Output) -> int:
    """Apply the readings [begin, end) whose outcome is OK; returns the first that was not applied for want of room."""
    for i in range(begin, end):
        if batch.outcome[i] != OK:
            continue
        sensor = arrays.sensors[batch.slot[i]]
        if len(output.events) - output.used[EVENTS] < EVENTS_PER_READING or not window.room(arrays, arrays.assets[sensor.asset]):
            return i
        _apply(arrays, sensor, parameters, batch, i, output)
    return end


@njit(cache=True, nogil=True)
def _apply(arrays: Arrays, sensor: Record, parameters: Parameters, batch: Batch, i: int, output: Output) -> None:
    row = output.rows[output.used[ROWS]]
    output.used[ROWS] += 1
    record, slot, ts = batch.record[i], batch.slot[i], batch.ts[i]
    value, status, flags = _measured(sensor, batch.value[i], batch.status[i])
    if batch.part[i]:
        flags |= PART
    historical = ts < max(arrays.numbers[HISTORY], sensor.history, arrays.assets[sensor.asset].history)
    if historical:
        flags |= HISTORICAL
    reading = Reading(record, slot, ts, value, historical)
    health.arrive(sensor, arrays.assets[sensor.asset], reading, batch.known_at[record], parameters, output)
    score = np.nan
    if ts <= sensor.newest:
        flags |= LATE
    else:
        dt_s = _pass_time(arrays, sensor, slot, ts, record, parameters)
        if status < BAD and not level1.in_range(sensor, reading, output.found[RANGE]):
            status = BAD_OUT_OF_RANGE
            flags |= OUT_OF_RANGE
        if status < BAD and sensor.state < OUT_OF_SERVICE:
            score, found = _judge(arrays, sensor, reading, dt_s, 1.0 if status < UNCERTAIN else UNCERTAIN_WEIGHT, parameters, output)
            flags |= found
        quiet_us = int(max(parameters.quiet_s, parameters.quiet_intervals * level.interval_s(sensor)) * 1e6)
        settle(arrays, reading, quiet_us, parameters.peak_growth, output)
        window.add(sensor, arrays.windows[slot], ts, value if status < BAD else np.nan, status < UNCERTAIN, score)
    row.offset, row.sensor, row.ts, row.known_at = batch.offsets[record], slot, ts, batch.known_at[record]
    row.value, row.status, row.score = value, status, score
    row["flags"] = flags


@njit(cache=True, nogil=True)
def _measured(sensor: Record, raw: float, status: int) -> tuple[float, int, int]:
    """Value, status and flags: scaled; not finite = no value and Bad; a status that is no OPC UA code = Bad."""
    value = raw * sensor.scale + sensor.offset
    if status < 0 or status > STATUS_MAX:
        status = BAD
    if np.isfinite(value):
        return value, status, 0
    return np.nan, max(status, BAD), NO_VALUE


@njit(cache=True, nogil=True)
def _pass_time(arrays: Arrays, sensor: Record, slot: int, ts: int, cause: int, parameters: Parameters) -> float:
    """Move the sensor's event time; returns seconds since its newest reading, NaN for its first."""
    dt_s = np.nan
    if sensor.newest != NEVER:
        dt_s = (ts - sensor.newest) * 1e-6
        if sensor.seen == 1:
            sensor.interval_s = dt_s
        elif dt_s <= parameters.gap_intervals * sensor.interval_s:
            sensor.interval_s += INTERVAL_WEIGHT * (min(dt_s, INTERVAL_GROWTH * sensor.interval_s) - sensor.interval_s)
    sensor.seen += 1
    window.turn(arrays, slot, ts, cause)
    return dt_s


@njit(cache=True, nogil=True)
def _judge(
    arrays: Arrays, sensor: Record, reading: Reading, dt_s: float, weight: float, parameters: Parameters, output: Output
) -> tuple[float, int]:
    """Level 1 of a usable reading."""
    flags = level1.limits(sensor, reading, arrays.conditions[reading.slot, LIMIT], output.found[LIMIT])
    if sensor.scaled > 0:
        if dt_s > parameters.gap_intervals * max(level.interval_s(sensor), 1e-6):
            level.restart(sensor, reading.value, parameters.adopt_readings)
        else:
            level1.rate(sensor, reading, dt_s, output.found[RATE])
    score, found = level1.deviation(arrays, sensor, reading, weight, parameters, output)
    sensor.before = reading.value
    return score, flags | found
