"""Operating modes of an asset, told by its run rule and the bands of its catalogue entry, in event time.

A stop or start counts when the rule says so for its delay, beyond its hysteresis; a band is left only by a share of its width.
The newest changes are remembered, so that a reading of another gateway that is a little older finds the mode of its own time.
"""

from typing import Final

import numpy as np
from numba import njit

from processors.condition import OFF as STEP_OFF
from processors.condition import ON as STEP_ON
from processors.condition import STOP, UNPLANNED_STOP, emit, find
from processors.layout import BANDS, BANDS_MAX, CHANGES_KEPT, NEVER, NO_MODE, NONE, OFF, RUNNING, THERMAL, UNSTATED, Record

HOLD: Final = 0.05  # share of a band's width by which its sensor must leave it
SETTLING: Final = 60  # tens of seconds, of most quantities
SETTLING_THERMAL: Final = 360  # of temperatures
SETTLING_US: Final = 10_000_000
WANTED: Final = 0.5  # a demand above it wants the machine to run


@njit(cache=True, nogil=True)
def follow(asset: Record, slot: int, ts: int, value: float) -> None:
    """Take note of a sound reading, which may be one that tells the mode."""
    told = tells(asset, slot)
    if asset.rule == slot:
        _run(asset, ts, value)
    elif asset.pending and ts - asset.pending_since >= asset.delay_us:  # its sensor may say nothing more
        told = True
        asset.running, asset.pending = OFF if asset.running == RUNNING else RUNNING, 0
    for k in range(asset.bands_used):
        if asset.bands[k].slot == slot:
            asset.bands[k].value = value
    if not told:
        return
    mode = _mode(asset)
    if mode != asset.mode:
        asset.mode = mode
        asset.changed[asset.changes % CHANGES_KEPT] = ts
        asset.became[asset.changes % CHANGES_KEPT] = mode
        asset.changes += 1


@njit(cache=True, nogil=True)
def tells(asset: Record, slot: int) -> bool:
    """True for a sensor that the run rule or a mode goes by: it moves as people want it to."""
    if asset.rule == slot:
        return True
    for k in range(asset.bands_used):  # noqa: SIM110  numba knows no generators
        if asset.bands[k].slot == slot:
            return True
    return False


@njit(cache=True, nogil=True)
def stop(asset: Record, case: Record) -> None:
    """Say once that an asset rests although it is wanted, and when that is over; before a reading tells its demand nothing is known."""
    if case.slot == asset.demand:
        asset.wanted = case.value
    resting = asset.running == OFF and asset.wanted > WANTED
    if resting != asset.stopped:
        if resting:
            asset.stop_slot = case.slot
        asset.stopped = resting
        _say(asset, case, STEP_ON if resting else STEP_OFF)


@njit(cache=True, nogil=True)
def end_stop(asset: Record, case: Record) -> None:
    """Nobody judges any more whether it should run."""
    asset.stopped = 0
    _say(asset, case, STEP_OFF)


@njit(cache=True, nogil=True)
def _say(asset: Record, case: Record, phase: int) -> None:
    """Evidence with the sensor of its begin, whichever sensor tells its end: a condition is known by its sensor."""
    find(case.found[STOP], UNPLANNED_STOP, 3, case.ts, np.nan, asset.wanted, WANTED)
    emit(case, STOP, phase, case.ts, case.ts)
    case.events[case.steps - 1].slot = asset.stop_slot


@njit(cache=True, nogil=True)
def word(asset: Record, number: int) -> int:
    """Name of a mode of the catalogue, index into words; 0 for those that every asset has."""
    return int(asset.bands[number - BANDS].name) if BANDS <= number < BANDS + BANDS_MAX else 0


@njit(cache=True, nogil=True)
def at(asset: Record, ts: int) -> tuple[int, int]:
    """(mode, event time since which) at an event time. NEVER where the begin of the mode was not seen: it may be old."""
    known = min(asset.changes, CHANGES_KEPT)
    for back in range(1, known + 1):
        number = asset.changes - back
        since = asset.changed[number % CHANGES_KEPT]
        if since <= ts:
            return int(asset.became[number % CHANGES_KEPT]), int(since) if number > 0 else NEVER
    return NO_MODE, NEVER


@njit(cache=True, nogil=True)
def started(asset: Record, ts: int) -> int:
    """Event time at which it left rest for the mode of an event time; NEVER if that mode was entered from another one."""
    known = min(asset.changes, CHANGES_KEPT)
    for back in range(1, known):
        number = asset.changes - back
        if asset.changed[number % CHANGES_KEPT] <= ts:
            running = asset.became[number % CHANGES_KEPT] >= RUNNING
            return int(asset.changed[number % CHANGES_KEPT]) if running and asset.became[(number - 1) % CHANGES_KEPT] == OFF else NEVER
    return NEVER


@njit(cache=True, nogil=True)
def settling_us(sensor: Record, asset: Record) -> int:
    """Event time after a change of mode in which a sensor is not judged by its past."""
    if sensor.settling != UNSTATED:
        return int(sensor.settling) * SETTLING_US
    if asset.settling == UNSTATED and sensor.nature == THERMAL:
        return SETTLING_THERMAL * SETTLING_US
    return int(asset_settling_us(asset))


@njit(cache=True, nogil=True)
def asset_settling_us(asset: Record) -> int:
    """The settling time of most quantities of an asset."""
    return (SETTLING if asset.settling == UNSTATED else int(asset.settling)) * SETTLING_US


@njit(cache=True, nogil=True)
def _run(asset: Record, ts: int, value: float) -> None:
    beyond = value - asset.threshold if asset.above else asset.threshold - value
    if asset.running == NO_MODE:
        asset.running = RUNNING if beyond > 0.0 else OFF
        return
    if beyond > asset.hysteresis:
        wanted = RUNNING
    elif beyond < -asset.hysteresis:
        wanted = OFF
    else:
        wanted = NO_MODE
    if wanted == NO_MODE or wanted == asset.running:  # noqa: PLR1714  numba compares numbers of one type only in tuples
        asset.pending = 0
        return
    if not asset.pending:
        asset.pending = 1
        asset.pending_since = ts
    if ts - asset.pending_since >= asset.delay_us:
        asset.running = wanted
        asset.pending = 0


@njit(cache=True, nogil=True)
def _mode(asset: Record) -> int:
    """The first band that fits while the asset runs; the present one is held a little beyond its ends against others of its sensor."""
    if asset.rule != NONE and asset.running != RUNNING:
        return int(asset.running)
    held = asset.mode - BANDS if asset.mode >= BANDS and _within(asset.bands[asset.mode - BANDS], HOLD) else NONE
    for k in range(asset.bands_used):
        if held != NONE and (k == held or asset.bands[k].slot == asset.bands[held].slot):
            return BANDS + held
        if _within(asset.bands[k], 0.0):
            return BANDS + k
    return RUNNING


@njit(cache=True, nogil=True)
def _within(band: Record, share: float) -> bool:
    width = band.high - band.low
    slack = share * width if np.isfinite(width) else 0.0
    return bool(band.low - slack <= band.value < band.high + slack)
