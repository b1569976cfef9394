"""Windows of 10 s, 1 min and 10 min per asset, in event time.

A sensor sums up its present window of each length; a finished one is merged into the next longer and put into the pool of
cells, where it waits until every sensor of the asset that is not idle has passed its end. So a sensor may run ahead of the
others by any time and nothing depends on when its readings arrived. Sensors slower than a window do not take part in it,
except in the longest. A value that is reported by exception holds until the next: its time weighs it, in t1 (seconds), tx
(value times seconds) and t2 (its square), which no slope needs there.
"""

from typing import Final

import numpy as np
from numba import njit

from processors import mode
from processors.layout import BY_EXCEPTION, CELLS, CHANGING, HISTORY, NEVER, NO_MODE, NONE, Record
from processors.level import interval_s
from processors.state import Arrays

LENGTHS_US: Final = (10_000_000, 60_000_000, 600_000_000)
LENGTHS: Final = len(LENGTHS_US)
LONGEST: Final = LENGTHS - 1


@njit(cache=True, nogil=True)
def room(arrays: Arrays, asset: Record) -> bool:
    """True if the pool can take all that one reading of this asset may finish."""
    return bool(len(arrays.cells) - arrays.numbers[CELLS] >= LENGTHS * (asset.sensors + 1))


@njit(cache=True, nogil=True)
def add(sensor: Record, case: Record, usable: bool, good: bool) -> None:
    """Put a reading into the present window, its value only if it is usable."""
    window, value = sensor.windows[0], case.value
    window.total += 1
    if good:
        window.good += 1
    if not usable:
        return
    if window.n == 0 and sensor.windows[1].n == 0 and sensor.windows[LONGEST].n == 0 and sensor.windows[LONGEST].t1 == 0.0:
        sensor.shift = sensor.level if sensor.count > 0 else value  # keeps the fourth powers small
    x = value - sensor.shift
    x2 = x * x
    window.s1 += x
    window.s2 += x2
    window.s3 += x2 * x
    window.s4 += x2 * x2
    if sensor.reporting != BY_EXCEPTION:
        t = (case.ts % LENGTHS_US[LONGEST]) * 1e-6
        window.t1 += t
        window.t2 += t * t
        window.tx += t * x
    if window.n == 0:
        window.low = window.high = window.first = value
    window.low = min(window.low, value)
    window.high = max(window.high, value)
    window.last = value
    window.n += 1
    if case.score > window.surprise:  # noqa: PLR1730  max() of NaN depends on the order of its arguments
        window.surprise = case.score


@njit(cache=True, nogil=True)
def hold(sensor: Record, since: int, ts: int) -> None:
    """The value of a sensor that reports by exception held from its reading at `since` until `ts`, the one that comes now."""
    if sensor.reporting == BY_EXCEPTION and sensor.sound == since and since != NEVER:
        for length in range(LENGTHS):
            _weigh(sensor, length, ts - max(since, ts - ts % LENGTHS_US[length]))


@njit(cache=True, nogil=True)
def _weigh(sensor: Record, length: int, held_us: int) -> None:
    window, held_s, x = sensor.windows[length], held_us * 1e-6, sensor.before - sensor.shift
    window.t1 += held_s
    window.tx += held_s * x
    window.t2 += held_s * x * x


@njit(cache=True, nogil=True)
def leaves(sensor: Record, ts: int) -> bool:
    """True if a reading at `ts` lies beyond the sensor's present windows."""
    return bool(sensor.newest != NEVER and sensor.newest // LENGTHS_US[0] != ts // LENGTHS_US[0])


@njit(cache=True, nogil=True)
def turn(arrays: Arrays, slot: int, ts: int, cause: int) -> None:
    """Finish the windows that the sensor leaves with a reading at `ts`, and those of its asset that only waited for it."""
    sensor = arrays.sensors[slot]
    before = sensor.newest
    for length in range(LENGTHS):
        if before // LENGTHS_US[length] != ts // LENGTHS_US[length]:
            finish(arrays, slot, length)
    sensor.newest = ts
    asset = arrays.assets[sensor.asset]
    for length in range(LENGTHS):
        if before - before % LENGTHS_US[length] <= asset.closed[length] or asset.closed[length] == 0:
            close(arrays, sensor.asset, length, cause)


@njit(cache=True, nogil=True)
def finish(arrays: Arrays, slot: int, length: int) -> None:
    """Move the sensor's present window of this length to the pool, merge it into the next longer and empty it."""
    sensor = arrays.sensors[slot]
    window = sensor.windows[length]
    if window.total == 0:
        return
    start = sensor.newest - sensor.newest % LENGTHS_US[length]
    if sensor.reporting == BY_EXCEPTION and sensor.sound == sensor.newest:
        _weigh(sensor, length, start + LENGTHS_US[length] - sensor.newest)
    if takes_part(sensor, length) and start >= arrays.assets[sensor.asset].closed[length]:
        _wait(arrays, slot, length, start)
    if length < LONGEST:
        _merge(window, sensor.windows[length + 1], sensor.reporting == BY_EXCEPTION)
    _empty(window)


@njit(cache=True, nogil=True)
def close(arrays: Arrays, asset_slot: int, length: int, cause: int) -> None:
    """Close the asset's windows that all its sensors have passed."""
    asset = arrays.assets[asset_slot]
    passed = np.iinfo(np.int64).max
    slot = asset.first
    while slot != NONE:
        sensor = arrays.sensors[slot]
        if sensor.newest != NEVER and not sensor.idle and not sensor.ended and takes_part(sensor, length):
            passed = min(passed, sensor.newest - sensor.newest % LENGTHS_US[length])
        slot = sensor.sibling
    if passed != np.iinfo(np.int64).max and passed > asset.closed[length]:
        _close_until(arrays, asset_slot, length, passed, cause)


@njit(cache=True, nogil=True)
def flush(arrays: Arrays, asset_slot: int, cause: int) -> None:
    """Close all windows of an asset, also the unfinished ones: nothing more is expected."""
    for length in range(LENGTHS):
        until = np.int64(0)
        slot = arrays.assets[asset_slot].first
        while slot != NONE:
            if arrays.sensors[slot].newest != NEVER:
                newest = arrays.sensors[slot].newest
                until = max(until, newest - newest % LENGTHS_US[length] + LENGTHS_US[length])
            slot = arrays.sensors[slot].sibling
        if until > arrays.assets[asset_slot].closed[length]:
            _close_until(arrays, asset_slot, length, until, cause)


@njit(cache=True, nogil=True)
def takes_part(sensor: Record, length: int) -> bool:
    """True if the sensor is fast enough for windows of this length."""
    interval_us = interval_s(sensor) * 1e6
    return length == LONGEST or 0.0 < interval_us <= LENGTHS_US[length]


@njit(cache=True, nogil=True)
def _close_until(arrays: Arrays, asset_slot: int, length: int, until: int, cause: int) -> None:
    asset = arrays.assets[asset_slot]
    slot = asset.first
    while slot != NONE:  # a sensor that does not hold the window may still have one open
        newest = arrays.sensors[slot].newest
        if newest != NEVER and newest - newest % LENGTHS_US[length] < until:
            for shorter in range(length + 1):
                finish(arrays, slot, shorter)
        slot = arrays.sensors[slot].sibling
    before, at = NONE, asset.cell
    while at != NONE:
        cell = arrays.cells[at]
        if cell.length != length or cell.start >= until:
            before = at
        else:  # out of the chain, so that no later closing walks over it
            cell.cause = cause
            cell.mode = _mode(asset, cell.start, cell.start + LENGTHS_US[length])
            cell.word = mode.word(asset, cell.mode)
            cell.historical = cell.start + LENGTHS_US[length] <= max(arrays.numbers[HISTORY], asset.history)
            if before == NONE:
                asset.cell = cell.next
            else:
                arrays.cells[before].next = cell.next
        at = cell.next
    asset.cell_last = before
    asset.closed[length] = until


@njit(cache=True, nogil=True)
def _mode(asset: Record, start: int, end: int) -> int:
    """The mode of the whole window [start, end). Sensors settle differently: the shorter time of most quantities counts here."""
    if not asset.moded:
        return NO_MODE
    now, since = mode.at(asset, end - 1)
    if since != NEVER and start - since < mode.asset_settling_us(asset):
        return CHANGING
    return int(now)


@njit(cache=True, nogil=True)
def _wait(arrays: Arrays, slot: int, length: int, start: int) -> None:
    """Copy a window into the pool, at the end of the chain of its asset."""
    at = arrays.numbers[CELLS]
    arrays.numbers[CELLS] += 1
    sensor, cell = arrays.sensors[slot], arrays.cells[at]
    window = sensor.windows[length]
    asset = arrays.assets[sensor.asset]
    cell.start, cell.shift, cell.slot, cell.asset, cell.length = start, sensor.shift, slot, sensor.asset, length
    cell.next, cell.cause, cell.historical, cell.mode, cell.word = NONE, NONE, 0, NO_MODE, 0
    cell.by_exception = sensor.reporting == BY_EXCEPTION
    cell.s1, cell.s2, cell.s3, cell.s4 = window.s1, window.s2, window.s3, window.s4
    cell.t1, cell.t2, cell.tx = window.t1, window.t2, window.tx
    cell.low, cell.high, cell.first, cell.last = window.low, window.high, window.first, window.last
    cell.n, cell.good, cell.total, cell.surprise = window.n, window.good, window.total, window.surprise
    if asset.cell == NONE:
        asset.cell = at
    else:
        arrays.cells[asset.cell_last].next = at
    asset.cell_last = at


@njit(cache=True, nogil=True)
def _merge(short: Record, long: Record, weighed: bool) -> None:
    """`weighed`: every length weighs the times of its values itself, as values hold beyond the ends of short windows."""
    if short.n > 0:
        if long.n == 0:
            long.low, long.high, long.first = short.low, short.high, short.first
        long.low = min(long.low, short.low)
        long.high = max(long.high, short.high)
        long.last = short.last
    long.s1 += short.s1
    long.s2 += short.s2
    long.s3 += short.s3
    long.s4 += short.s4
    if not weighed:
        long.t1 += short.t1
        long.t2 += short.t2
        long.tx += short.tx
    long.n += short.n
    long.good += short.good
    long.total += short.total
    long.surprise = max(long.surprise, short.surprise)


@njit(cache=True, nogil=True)
def _empty(window: Record) -> None:
    window.s1 = window.s2 = window.s3 = window.s4 = 0.0
    window.t1 = window.t2 = window.tx = 0.0
    window.low = window.high = window.first = window.last = 0.0
    window.n = window.good = window.total = 0
    window.surprise = 0.0


@njit(cache=True, nogil=True)
def compact(arrays: Arrays, assets: int) -> None:
    """Take the closed cells out of the pool; the others keep their order, and the chains are laid anew."""
    for asset in range(assets):
        arrays.assets[asset].cell = NONE
        arrays.assets[asset].cell_last = NONE
    kept = 0
    for at in range(arrays.numbers[CELLS]):
        if arrays.cells[at].cause != NONE:
            continue
        if kept != at:
            arrays.cells[kept] = arrays.cells[at]
        arrays.cells[kept].next = NONE
        asset = arrays.assets[arrays.cells[kept].asset]
        if asset.cell == NONE:
            asset.cell = kept
        else:
            arrays.cells[asset.cell_last].next = kept
        asset.cell_last = kept
        kept += 1
    arrays.numbers[CELLS] = kept
