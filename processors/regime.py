"""What a sensor learnt is kept per operating mode: the sensor's record holds the present mode, regimes hold the others.

So every detector works on the sensor's record alone, and a change of mode exchanges what it has learnt.
"""

import numpy as np
from numba import njit

from processors import level, mode, shift
from processors.layout import NEVER, NO_MODE, NONE, REGIMES, Record
from processors.state import Arrays


@njit(cache=True, nogil=True)
def room(arrays: Arrays) -> bool:
    """True if the pool can take what one reading may need: the regime it leaves and the one it enters."""
    return bool(len(arrays.regimes) - arrays.numbers[REGIMES] >= 2)


@njit(cache=True, nogil=True)
def enter(arrays: Arrays, slot: int, ts: int) -> bool:
    """Put the sensor into the mode of its asset at `ts`; True while it settles there and must not be judged by its past.

    So must it while the asset may be starting or stopping and the delay of its run rule is not over.
    """
    sensor = arrays.sensors[slot]
    asset = arrays.assets[sensor.asset]
    now, since = mode.at(asset, ts)
    if now != sensor.mode:
        _switch(arrays, slot, now)
    if sensor.regime == NONE and asset.drivers_used:  # what the drivers explain stands in a regime
        sensor.regime = add(arrays, slot, now)
    if asset.pending and ts >= asset.pending_since:
        return True
    return bool(since != NEVER and ts - since < mode.settling_us(sensor, asset))


@njit(cache=True, nogil=True)
def find(arrays: Arrays, slot: int, wanted: int) -> int:
    """Regime of a sensor in a mode, -1 if there is none."""
    at = arrays.sensors[slot].regimes
    while at != NONE and arrays.regimes[at].mode != wanted:
        at = arrays.regimes[at].next
    return int(at)


@njit(cache=True, nogil=True)
def referred(arrays: Arrays, sensor: Record) -> bool:
    """True if a person accepted a reference of the sensor for the mode it is in."""
    if sensor.regime == NONE:
        return False
    regime = arrays.regimes[sensor.regime]
    return bool(regime.accepted and np.isfinite(regime.normal))


@njit(cache=True, nogil=True)
def add(arrays: Arrays, slot: int, wanted: int) -> int:
    """A regime more for a sensor; the caller has seen to room."""
    at = arrays.numbers[REGIMES]
    arrays.numbers[REGIMES] += 1
    regime, sensor = arrays.regimes[at], arrays.sensors[slot]
    regime.mode, regime.next, regime.born, regime.normal = wanted, sensor.regimes, NEVER, np.nan
    sensor.regimes = at
    return int(at)


@njit(cache=True, nogil=True)
def forget(arrays: Arrays, slot: int, first: int) -> None:
    """Nothing of the past of a sensor counts any more, in modes from `first` on."""
    at = arrays.sensors[slot].regimes
    while at != NONE:
        regime = arrays.regimes[at]
        if regime.mode < first:
            at = regime.next
            continue
        regime.born, regime.normal = NEVER, np.nan
        regime.readings = 0
        regime.above = regime.below = 0.0
        regime.condition.active = 0
        regime.explains = regime.fixed = 0
        regime.starts = regime.start_since = regime.start_active = 0
        regime.weight = 0.0
        regime.mean[:] = 0.0
        regime.moment[:] = 0.0
        at = regime.next


@njit(cache=True, nogil=True)
def _switch(arrays: Arrays, slot: int, now: int) -> None:
    """Exchange what the sensor learnt of the mode it leaves for what it knows of the one it enters."""
    sensor = arrays.sensors[slot]
    if sensor.mode != NO_MODE:  # learnt before modes were known, it would be a mixture of all
        if sensor.regime == NONE:
            sensor.regime = add(arrays, slot, sensor.mode)
        _copy(sensor, arrays.regimes[sensor.regime])
    at = find(arrays, slot, now)
    if at == NONE and now != NO_MODE:
        at = add(arrays, slot, now)
    if at == NONE or arrays.regimes[at].born == NEVER:
        level.forget(sensor)
    else:
        _copy(arrays.regimes[at], sensor)
    sensor.regime, sensor.mode = at, now
    sensor.deviation = 0.0
    sensor.frozen = 0
    shift.clear(sensor)


@njit(cache=True, nogil=True)
def _copy(giver: Record, taker: Record) -> None:
    """The fields LEARNT and the arrays beside them."""
    taker.born = giver.born
    taker.frozen_since = giver.frozen_since
    taker.run_since = giver.run_since
    taker.anchor = giver.anchor
    taker.level = giver.level
    taker.spread = giver.spread
    taker.covariance = giver.covariance
    taker.variance = giver.variance
    taker.innovation = giver.innovation
    taker.other_level = giver.other_level
    taker.other_spread = giver.other_spread
    taker.other_innovation = giver.other_innovation
    taker.tail_total = giver.tail_total
    taker.blocks = giver.blocks
    taker.in_block = giver.in_block
    taker.count = giver.count
    taker.scaled = giver.scaled
    taker.grace = giver.grace
    taker.run = giver.run
    taker.longest = giver.longest
    taker.repeats = giver.repeats
    for which in range(2):
        taker.block_top[which] = giver.block_top[which]
        taker.block_mean[which] = giver.block_mean[which]
        taker.block_square[which] = giver.block_square[which]
    for k in range(len(taker.tail)):
        taker.tail[k] = giver.tail[k]
