"""Level 1: what one reading says about its sensor."""

import numpy as np
from numba import njit

from processors.batch import OK, ROWS, Batch, Output
from processors.options import Parameters
from processors.outcome import Flag, Status
from processors.state import Arrays, Record

LATE = int(Flag.LATE)
NO_VALUE = int(Flag.NO_VALUE)
PART = int(Flag.PART)
LEARNING = int(Flag.LEARNING)
BAD = Status.BAD


@njit(cache=True, nogil=True)
def advance(arrays: Arrays, parameters: Parameters, batch: Batch, begin: int, end: int, output: Output) -> int:
    """Apply the readings [begin, end) whose outcome is OK; returns the first reading that was not applied for want of room."""
    for i in range(begin, end):
        if batch.outcome[i] != OK:
            continue
        sensor = arrays.sensors[batch.slot[i]]
        row = output.rows[output.used[ROWS]]
        output.used[ROWS] += 1
        record = batch.record[i]
        row.offset = batch.offsets[record]
        row.known_at = batch.known_at[record]
        row.sensor = batch.slot[i]
        row.ts = batch.ts[i]
        flags = PART if batch.part[i] else 0
        flags |= _value(sensor, batch, i, row)
        if batch.ts[i] <= sensor.newest:
            row["flags"] = flags | LATE
            continue
        sensor.newest = batch.ts[i]
        sensor.seen += 1
        if not np.isnan(row.value) and row.status < BAD:
            row.score = _score(sensor, row.value, parameters)
            if sensor.count < parameters.grace_readings:
                flags |= LEARNING
        row["flags"] = flags
    return end


@njit(cache=True, nogil=True)
def _value(sensor: Record, batch: Batch, i: int, row: Record) -> int:
    """Value and status after validation: scaled; not finite = no value and Bad; a status that is no OPC UA code = Bad."""
    value = batch.value[i] * sensor.scale + sensor.offset
    status = batch.status[i]
    flags = 0
    if status < 0 or status > 0xFFFFFFFF:
        status = np.int64(BAD)
    if not np.isfinite(value):
        value = np.nan
        flags = NO_VALUE
        if status < BAD:
            status = np.int64(BAD)
    row.value = value
    row.status = status
    row.score = np.nan
    return flags


@njit(cache=True, nogil=True)
def _score(sensor: Record, value: float, parameters: Parameters) -> float:
    weight = max(1.0 / parameters.level_readings, 1.0 / (sensor.count + 1))
    error = value - sensor.level
    score = abs(error) / sensor.spread if sensor.spread > 0 else 0.0
    sensor.spread += weight * (abs(error) - sensor.spread)
    sensor.level += weight * error
    sensor.count += 1
    return score
