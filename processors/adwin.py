"""ADWIN: a window of the past that is cut when its old part and its new part have different means (A. Bifet, R. Gavalda, SDM 2007).

The window is kept as buckets of 1, 2, 4, ... values, at most `BUCKETS` of each size: a few hundred numbers for any length.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from processors.layout import Floats, Record, Records

BUCKETS: Final = 5  # of each size
SIZES: Final = 40  # sizes of buckets: 2**40 values
CLOCK: Final = 32  # values between two looks
GRACE: Final = 10  # values before the first look
PART_MIN: Final = 5  # values of either part
STATE: Final = np.dtype(
    [
        ("width", "f8"),
        ("total", "f8"),
        ("deviation", "f8"),  # sum of squared deviations from the mean of the window
        ("ticks", "i8"),
        ("sizes", "i8"),  # in use
        ("counts", "i8", SIZES),
        ("totals", "f8", (SIZES, BUCKETS + 1)),
        ("deviations", "f8", (SIZES, BUCKETS + 1)),
    ]
)


def begin() -> Records:
    """An empty window, one record."""
    state = np.zeros(1, STATE)
    state["sizes"] = 1
    return state


def changes(values: Floats, state: Records, delta: float = 0.002) -> npt.NDArray[np.bool_]:
    """True where a change of the mean is seen, bool[n]; the window then begins anew. NaN is passed over.

    Args:
        values: float64[n], for example the absolute errors of a model.
        state: of `begin`, or as the values before left it.
        delta: probability of a false change at one look.

    >>> random = np.random.default_rng(0)
    >>> found = changes(np.concatenate([random.normal(size=500), random.normal(3.0, 1.0, 500)]), begin())
    >>> found[:500].any(), int(found.argmax()) < 540
    (np.False_, True)
    """
    found = np.zeros(len(values), np.bool_)
    run(values, state, delta, found)
    return found


@njit(cache=True, nogil=True)
def run(values: Floats, state: Records, delta: float, out: npt.NDArray[np.bool_]) -> None:
    """Kernel of `changes`."""
    own = state[0]
    for i in range(len(values)):
        if np.isfinite(values[i]):
            out[i] = add(own, values[i], delta)
            if out[i]:
                clear(own)


@njit(cache=True, nogil=True)
def clear(own: Record) -> None:
    """Forget the window."""
    own.width = own.total = own.deviation = 0.0
    own.ticks = 0
    own.sizes = 1
    for k in range(SIZES):
        own.counts[k] = 0


@njit(cache=True, nogil=True)
def add(own: Record, value: float, delta: float) -> bool:
    """Take one value in; True if the window was cut."""
    _put(own, 0, value, 0.0)
    own.width += 1.0
    if own.width > 1.0:
        own.deviation += (own.width - 1.0) * (value - own.total / (own.width - 1.0)) ** 2 / own.width
    own.total += value
    _compress(own)
    own.ticks += 1
    if own.ticks % CLOCK != 0 or own.width <= GRACE:
        return False
    cut = False
    while _parts_differ(own, delta):
        _drop(own)
        cut = True
    return cut


@njit(cache=True, nogil=True)
def _put(own: Record, size: int, total: float, deviation: float) -> None:
    """A bucket behind those of its size."""
    place = own.counts[size]
    own.totals[size, place] = total
    own.deviations[size, place] = deviation
    own.counts[size] = place + 1


@njit(cache=True, nogil=True)
def _take(own: Record, size: int, count: int) -> None:
    """Remove the oldest buckets of a size."""
    for k in range(count, own.counts[size]):
        own.totals[size, k - count] = own.totals[size, k]
        own.deviations[size, k - count] = own.deviations[size, k]
    own.counts[size] -= count


@njit(cache=True, nogil=True)
def _compress(own: Record) -> None:
    """Where a size has one bucket too many, join its two oldest."""
    size = 0
    while size < SIZES - 1 and own.counts[size] == BUCKETS + 1:
        values = 2.0**size
        apart = own.totals[size, 0] / values - own.totals[size, 1] / values
        deviation = own.deviations[size, 0] + own.deviations[size, 1] + values * values * apart * apart / (2.0 * values)
        total = own.totals[size, 0] + own.totals[size, 1]
        _take(own, size, 2)
        own.sizes = max(own.sizes, size + 2)
        size += 1
        _put(own, size, total, deviation)


@njit(cache=True, nogil=True)
def _drop(own: Record) -> None:
    """Remove the oldest bucket of the window."""
    size = own.sizes - 1
    values, total = 2.0**size, own.totals[size, 0]
    own.width -= values
    own.total -= total
    apart = total / values - own.total / own.width
    own.deviation -= own.deviations[size, 0] + values * own.width * apart * apart / (values + own.width)
    _take(own, size, 1)
    while own.sizes > 1 and own.counts[own.sizes - 1] == 0:
        own.sizes -= 1


@njit(cache=True, nogil=True)
def _parts_differ(own: Record, delta: float) -> bool:
    """True if at some bucket's edge the means before and behind differ more than chance allows."""
    old, old_total = 0.0, 0.0
    prime = np.log(2.0 * np.log(own.width) / delta)
    variance = own.deviation / own.width
    for size in range(own.sizes - 1, -1, -1):
        last = own.counts[size] - 1
        for k in range(last + 1):
            if size == 0 and k == last:
                return False
            old += 2.0**size
            old_total += own.totals[size, k]
            new = own.width - old
            if old < PART_MIN or new < PART_MIN:
                continue
            share = 1.0 / (old - PART_MIN + 1.0) + 1.0 / (new - PART_MIN + 1.0)
            bound = np.sqrt(2.0 * share * variance * prime) + 2.0 / 3.0 * prime * share
            if abs(old_total / old - (own.total - old_total) / new) > bound:
                return True
    return False
