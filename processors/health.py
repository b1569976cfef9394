"""What only time can tell: silent sensors, idle sensors, abandoned assets. Judged at ticks, by Kafka timestamps."""

import numpy as np
from numba import njit

from processors.condition import OFF, ON, SILENCE, SILENT, emit, find
from processors.layout import BY_EXCEPTION, Record
from processors.level import interval_s

LEARNT_AFTER = 10  # readings until a learnt interval says when the next is due
GAP_KEPT = 0.995  # share of the longest gap kept at each arrival
GAP_SLACK = 1.5  # times the longest gap


@njit(cache=True, nogil=True)
def limit_s(sensor: Record, options: Record) -> float:
    """Seconds without a reading until the sensor is silent; infinite if nobody knows when to expect one."""
    least = options.silence_s
    learnt_s = GAP_SLACK * sensor.gap_s if sensor.seen >= LEARNT_AFTER else 0.0  # gateways that send several periods at once
    if sensor.period_s > 0.0:
        return float(max(options.silence_periods * sensor.period_s, learnt_s, least))
    if sensor.seen < LEARNT_AFTER or sensor.reporting == BY_EXCEPTION:
        return np.inf
    return float(max(options.silence_periods * sensor.interval_s, learnt_s, least))


@njit(cache=True, nogil=True)
def arrive(sensor: Record, asset: Record, case: Record, options: Record) -> None:
    """A record of the sensor has come, whatever its event time."""
    if case.now - asset.arrival > max(options.idle_s, options.silence_periods * asset.quick_s) * 1e6:
        asset.resumed = case.now
    asset.arrival = case.now
    if sensor.silent:
        speaks(sensor, case)
    if sensor.seen > 0:
        gap_s = (case.now - sensor.arrival) * 1e-6
        most = 2.0 * limit_s(sensor, options) if sensor.seen >= LEARNT_AFTER else gap_s
        sensor.gap_s = max(min(gap_s, most), GAP_KEPT * sensor.gap_s)
    sensor.arrival = case.now
    sensor.idle = 0
    sensor.ended = 0


@njit(cache=True, nogil=True)
def silence(sensor: Record, case: Record, options: Record) -> None:
    """Say once that a sensor is silent, if its next reading is overdue at case.now."""
    limit = limit_s(sensor, options)
    if sensor.silent or not (case.now - sensor.arrival) * 1e-6 > limit:
        return
    sensor.silent = 1
    case.ts, case.value = sensor.newest, sensor.before
    find(case.found[SILENT], SILENCE, 2, sensor.newest, np.nan, sensor.before, limit)
    emit(case, SILENT, ON, sensor.newest, sensor.newest)


@njit(cache=True, nogil=True)
def speaks(sensor: Record, case: Record) -> None:
    """The silence is over at case.ts."""
    sensor.silent = 0
    find(case.found[SILENT], SILENCE, 2, sensor.newest, np.nan, case.value, 0.0)
    emit(case, SILENT, OFF, case.ts, sensor.newest)


@njit(cache=True, nogil=True)
def left_behind(sensor: Record, asset: Record, options: Record) -> bool:
    """True if other sensors of the asset went on without this one. A pause of all of them does not count.

    A sensor whose clock stands still arrives, but holds back its asset's windows no longer than one that is gone.
    """
    waited_us = asset.arrival - max(sensor.advanced, asset.resumed)
    return bool(waited_us > max(options.idle_s, options.silence_periods * interval_s(sensor)) * 1e6)
