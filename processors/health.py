"""What only time can tell: silent sensors, idle sensors, abandoned assets. Judged at ticks, by Kafka timestamps."""

import numpy as np
from numba import njit

from processors import window
from processors.batch import Output
from processors.condition import OFF, ON, SILENCE, SILENT, Reading, begin, emit
from processors.level import interval_s
from processors.options import Parameters
from processors.state import ASSETS, BY_EXCEPTION, NEVER, NONE, OUT_OF_SERVICE, Arrays, Record

LEARNT_AFTER = 10  # readings until a learnt interval says when the next is due
GAP_KEPT = 0.995  # share of the longest gap kept at each arrival
GAP_SLACK = 1.5  # times the longest gap


@njit(cache=True, nogil=True)
def limit_s(sensor: Record, parameters: Parameters) -> float:
    """Seconds without a reading until the sensor is silent; infinite if nobody knows when to expect one."""
    least = parameters.silence_s
    if sensor.period_s > 0.0:
        return float(max(parameters.silence_periods * sensor.period_s, least))
    if sensor.seen < LEARNT_AFTER or sensor.reporting == BY_EXCEPTION:
        return np.inf
    return float(max(parameters.silence_periods * sensor.interval_s, GAP_SLACK * sensor.gap_s, least))


@njit(cache=True, nogil=True)
def arrive(sensor: Record, asset: Record, reading: Reading, now: int, parameters: Parameters, output: Output) -> None:
    """A record of the sensor has come, whatever its event time."""
    if now - asset.arrival > max(parameters.idle_s, parameters.silence_periods * asset.quick_s) * 1e6:
        asset.resumed = now
    asset.arrival = now
    if sensor.silent:
        sensor.silent = 0
        begin(output.found[SILENT], SILENCE, 2, sensor.newest, np.nan, reading.value, 0.0)
        emit(output.found[SILENT], reading, SILENT, OFF, reading.ts, sensor.newest, output)
    if sensor.seen > 0:
        gap_s = (now - sensor.arrival) * 1e-6
        most = 2.0 * max(limit_s(sensor, parameters), 0.0) if sensor.seen >= LEARNT_AFTER else gap_s
        sensor.gap_s = max(min(gap_s, most), GAP_KEPT * sensor.gap_s)
    sensor.arrival = now
    sensor.idle = 0
    sensor.ended = 0


@njit(cache=True, nogil=True)
def tick(arrays: Arrays, parameters: Parameters, now: int, cause: int, output: Output) -> None:
    """Judge all sensors; the caller has seen to room for an event of each and for all their windows."""
    for asset_slot in range(arrays.numbers[ASSETS]):
        asset = arrays.assets[asset_slot]
        changed = False
        quick_s = np.inf
        slot = asset.first
        while slot != NONE:
            sensor = arrays.sensors[slot]
            if sensor.newest != NEVER and not sensor.ended and sensor.state < OUT_OF_SERVICE:
                _silence(sensor, slot, parameters, now, cause, output)
                if interval_s(sensor) > 0.0:
                    quick_s = min(quick_s, interval_s(sensor))
            if sensor.newest != NEVER and not sensor.idle and _left_behind(asset, sensor, parameters):
                sensor.idle = 1
                changed = True
            slot = sensor.sibling
        asset.quick_s = quick_s if quick_s < np.inf else 0.0
        if changed:
            for length in range(window.LENGTHS):
                window.close(arrays, asset_slot, length, cause)
        if asset.arrival > 0 and now - asset.arrival > parameters.abandoned_s * 1e6:
            window.flush(arrays, asset_slot, cause)


@njit(cache=True, nogil=True)
def _silence(sensor: Record, slot: int, parameters: Parameters, now: int, cause: int, output: Output) -> None:
    limit = limit_s(sensor, parameters)
    if sensor.silent or not (now - sensor.arrival) * 1e-6 > limit:
        return
    sensor.silent = 1
    begin(output.found[SILENT], SILENCE, 2, sensor.newest, np.nan, sensor.before, limit)
    emit(output.found[SILENT], Reading(cause, slot, sensor.newest, sensor.before, False), SILENT, ON, sensor.newest, sensor.newest, output)


@njit(cache=True, nogil=True)
def _left_behind(asset: Record, sensor: Record, parameters: Parameters) -> bool:
    """True if other sensors of the asset went on arriving without this one. A pause of all of them does not count."""
    waited_us = asset.arrival - max(sensor.arrival, asset.resumed)
    return bool(waited_us > max(parameters.idle_s, parameters.silence_periods * interval_s(sensor)) * 1e6)
