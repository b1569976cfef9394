"""A tick: time passes for all sensors of a partition, also for those that say nothing."""

import numpy as np
from numba import njit

from processors import health, mode, reference, start, trouble, window
from processors.advance import take_events
from processors.batch import Output
from processors.condition import end
from processors.layout import ASSETS, CONDITIONS, NEVER, NONE, OUT_OF_SERVICE, Record, Records
from processors.level import interval_s
from processors.state import Arrays


@njit(cache=True, nogil=True)
def tick(arrays: Arrays, parameters: Records, now: int, cause: int, output: Output) -> None:
    """Judge all sensors; the caller has seen to room for an event of each and for all their windows."""
    options, case = parameters[0], output.case[0]
    case.cause, case.now, case.historical = cause, now, 0
    for asset_slot in range(arrays.numbers[ASSETS]):
        asset = arrays.assets[asset_slot]
        idle = False
        quick_s = np.inf
        slot = asset.first
        while slot != NONE:
            sensor = arrays.sensors[slot]
            if sensor.newest != NEVER:
                if not sensor.ended and sensor.state < OUT_OF_SERVICE:
                    case.slot, case.asset, case.gateway, case.mode = slot, asset_slot, sensor.gateway, sensor.mode
                    case.word = mode.word(asset, sensor.mode)
                    health.silence(sensor, case, options)
                    quick_s = _quicker(sensor, quick_s)
                if not sensor.idle and health.left_behind(sensor, asset, options):
                    sensor.idle = 1
                    idle = True
                if case.steps:
                    take_events(case, output)
            slot = sensor.sibling
        asset.quick_s = quick_s if quick_s < np.inf else 0.0
        if idle:
            for length in range(window.LENGTHS):
                window.close(arrays, asset_slot, length, cause)
        if asset.arrival > 0 and now - asset.arrival > options.abandoned_s * 1e6:
            window.flush(arrays, asset_slot, cause)


@njit(cache=True, nogil=True)
def _quicker(sensor: Record, quick_s: float) -> float:
    interval = interval_s(sensor)
    return min(quick_s, interval) if interval > 0.0 else quick_s


@njit(cache=True, nogil=True)
def conclude(arrays: Arrays, slot: int, now: int, cause: int, output: Output) -> None:
    """End every condition of a sensor now."""
    sensor, case = arrays.sensors[slot], output.case[0]
    case.cause, case.slot, case.now, case.historical = cause, slot, now, 0
    case.asset, case.gateway, case.ts, case.value = sensor.asset, sensor.gateway, sensor.newest, sensor.before
    case.mode, case.word = sensor.mode, mode.word(arrays.assets[sensor.asset], sensor.mode)
    for detector in range(CONDITIONS):
        condition = sensor.conditions[detector]
        if condition.active:
            end(condition, case, detector)
    if sensor.silent:
        health.speaks(sensor, case)
    reference.conclude(arrays, slot, case)
    start.conclude(arrays, slot, case)
    take_events(case, output)


@njit(cache=True, nogil=True)
def conclude_asset(arrays: Arrays, asset_slot: int, now: int, cause: int, output: Output) -> None:
    """End now what is said of an asset as a whole."""
    asset, case = arrays.assets[asset_slot], output.case[0]
    case.cause, case.asset, case.now, case.ts, case.historical = cause, asset_slot, now, now, 0
    case.mode, case.word, case.value = asset.mode, mode.word(asset, asset.mode), np.nan
    if asset.stopped:
        case.gateway = arrays.sensors[asset.stop_slot].gateway
        mode.end_stop(asset, case)
    if asset.lagging:
        case.gateway = arrays.sensors[asset.lag_slot].gateway
        trouble.end_clock(asset, case)
    asset.lag_hours = 0
    take_events(case, output)
