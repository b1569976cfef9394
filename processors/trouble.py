"""Sensor faults told from machine faults: an outlier or a drift that has the mark of a known fault of sensors gets its name."""

from typing import Final

import numpy as np
from numba import njit

from processors import quantity
from processors.condition import (
    CLOCK,
    CLOCK_SHIFTED,
    DRIFT,
    LOOSE_MOUNTING,
    NOISY,
    OFF,
    ON,
    SENSOR_DRIFT,
    SPIKE,
    SWAPPED,
    UNIT_CHANGED,
    VARIANCE,
    emit,
    find,
)
from processors.layout import ALONE, COUPLED, CUSUM, EWMA, NO_MODE, PLAIN, REDUNDANT, RUNNING, VIBRATION, Record
from processors.reference import CALM, speaks
from processors.state import Arrays

# nature, factor, shift: quantities without a nature of their own are taken as pressures
CONVERSIONS: Final = tuple((quantity.NATURES.get(what, PLAIN), factor, shift) for what, _, _, factor, shift in quantity.CONVERSIONS)
NEAR: Final = 4.0  # scales within which a value is the one expected
NARROW: Final = 0.12  # such a range must be a small share of the distance, or the match is chance
LOOSE: Final = 0.3  # share of its level below which the vibration of a running machine cannot fall by itself
INERT: Final = 0.7  # correlation of neighbouring deviations: what has inertia cannot jump to and fro
JUMP: Final = 3.0  # innovation scales between neighbours that are a jump
RATTLE: Final = 20  # readings for which a jump there and back is remembered; two of them are an instrument's
RATTLE_MAX: Final = 5 * RATTLE
DOUBTFUL, SINGLE = 254, 255  # of an outlier, where a kind of condition would stand
LASTING: Final = 3  # neighbours in a row that must not jump, until an excursion of what has inertia is believed
HOUR_US: Final = 3_600_000_000
HOURS_MAX: Final = 14
LAG_SLACK_US: Final = 120_000_000
LAG_US: Final = 600_000_000  # of arrival: a buffer that is being delivered passes whole hours faster


@njit(cache=True, nogil=True)
def outlier(arrays: Arrays, sensor: Record, case: Record) -> int:
    """Kind of an outlier, the second in a row at least."""
    if rests(sensor, case.rest):
        return SPIKE
    if _unit(sensor, case.rest):
        return UNIT_CHANGED
    if sensor.partner != ALONE and sensor.tie == COUPLED:
        partner = arrays.sensors[sensor.partner]
        if speaks(partner, case.ts) and _is_near(case.rest, partner.level, partner.spread, sensor.level):
            return SWAPPED
    if sensor.nature == VIBRATION and sensor.mode >= RUNNING and case.rest < LOOSE * sensor.level:
        return LOOSE_MOUNTING
    return SPIKE


@njit(cache=True, nogil=True)
def excursion(sensor: Record, error: float, low: float) -> int:
    """What one outlier more says, to be asked once for each: SPIKE, NOISY, DOUBTFUL (only with the mark of another fault), or SINGLE.

    No machine jumps there and back between two readings, again and again: an instrument does. So a single outlier is a flag on its
    row, and two in a row are an excursion unless such jumps came shortly before. What has inertia goes on or stays where it is.
    """
    memory = sensor.conditions[EWMA]
    if not _inert(sensor):
        if sensor.frozen > 0 and error * sensor.deviation < 0.0:
            rattle(sensor)
        if memory.pending > RATTLE:
            return NOISY
        if sensor.frozen == 0:
            return SINGLE
        return SPIKE if sensor.frozen > 1 or memory.pending == 0 else DOUBTFUL
    outward = error * sensor.deviation > 0.0 and abs(error) > abs(sensor.deviation)
    jumps = abs(error - sensor.deviation) > JUMP * max(sensor.innovation, low)
    memory.pending = 0 if sensor.frozen == 0 or (jumps and not outward) else min(memory.pending + 1, LASTING)
    if sensor.frozen == 0:
        return SINGLE
    return SPIKE if memory.pending >= LASTING else DOUBTFUL


@njit(cache=True, nogil=True)
def rattle(sensor: Record) -> None:
    """Remember one jump there and back."""
    sensor.conditions[EWMA].pending = min(sensor.conditions[EWMA].pending + RATTLE, RATTLE_MAX)


@njit(cache=True, nogil=True)
def _inert(sensor: Record) -> bool:
    """True if neighbouring deviations are nearly the same."""
    return bool(sensor.variance > 0.0 and sensor.covariance > INERT * sensor.variance)


@njit(cache=True, nogil=True)
def at_fault(sensor: Record) -> bool:
    """True while an outlier or a shift of the sensor has the mark of its own trouble: what it shows is no level of the machine."""
    spike, moved = sensor.conditions[EWMA], sensor.conditions[CUSUM]
    return bool((spike.active and spike.kind > NOISY) or (moved.active and moved.kind >= NOISY))


@njit(cache=True, nogil=True)
def hold(sensor: Record, ts: int) -> None:
    """A case goes on while nothing can be judged: no sensor is mended because its machine rests."""
    for which in (EWMA, CUSUM):
        condition = sensor.conditions[which]
        if condition.active and condition.kind >= NOISY:
            condition.last = ts


@njit(cache=True, nogil=True)
def rests(sensor: Record, value: float) -> bool:
    """True if vibration so low may mean that the machine was switched off, and nothing says whether it runs."""
    return bool(sensor.nature == VIBRATION and sensor.mode == NO_MODE and abs(value) < LOOSE * sensor.level)


@njit(cache=True, nogil=True)
def shift(arrays: Arrays, sensor: Record, kind: int, ts: int) -> int:
    """Kind of a lasting shift that CUSUM found: DRIFT or VARIANCE, or the sensor's own trouble."""
    if kind == VARIANCE:
        return NOISY if _inert(sensor) else VARIANCE
    if sensor.partner != ALONE and sensor.tie == REDUNDANT:
        partner = arrays.sensors[sensor.partner]
        if speaks(partner, ts) and max(partner.up, partner.down) < CALM * max(sensor.up, sensor.down):
            return SENSOR_DRIFT
    return DRIFT


@njit(cache=True, nogil=True)
def clock(asset: Record, case: Record) -> None:
    """Say once that the readings of an asset are whole hours behind their arrival: local time sent as UTC."""
    lag = case.now - case.ts
    if asset.lag_hours == 0 and not HOUR_US // 2 <= lag <= (HOURS_MAX + 1) * HOUR_US:
        return  # nearly always
    hours = (lag + HOUR_US // 2) // HOUR_US
    if not 1 <= hours <= HOURS_MAX or abs(lag - hours * HOUR_US) > LAG_SLACK_US or case.historical:
        if asset.lagging:
            end_clock(asset, case)
        asset.lag_hours = 0
    elif asset.lag_hours != hours:
        asset.lag_hours = hours
        asset.lag_since = case.now
    elif not asset.lagging and case.now - asset.lag_since >= LAG_US:
        asset.lagging = 1
        asset.lag_slot = case.slot
        _clock(asset, case, ON)


@njit(cache=True, nogil=True)
def end_clock(asset: Record, case: Record) -> None:
    """The clock is right again, or nothing more is expected."""
    asset.lagging = 0
    _clock(asset, case, OFF)


@njit(cache=True, nogil=True)
def _clock(asset: Record, case: Record, phase: int) -> None:
    """Evidence with the sensor of its begin, whichever sensor tells its end: a condition is known by its sensor."""
    find(case.found[CLOCK], CLOCK_SHIFTED, 2, case.ts, np.nan, np.nan, asset.lag_hours * 3600.0)
    emit(case, CLOCK, phase, case.ts, case.ts)
    case.events[case.steps - 1].slot = asset.lag_slot


@njit(cache=True, nogil=True)
def _unit(sensor: Record, value: float) -> bool:
    """True if the value is the level in another unit."""
    for nature, factor, by in CONVERSIONS:
        if sensor.nature == nature and _is_near(value, factor * sensor.level + by, factor * sensor.spread, sensor.level):
            return True
    return False


@njit(cache=True, nogil=True)
def _is_near(value: float, wanted: float, scale: float, level: float) -> bool:
    """True if the value is `wanted` within its scale, and that is so far from the level that it is no chance."""
    reach = NEAR * scale
    return bool(abs(value - wanted) <= reach < NARROW * abs(wanted - level))
