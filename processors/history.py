"""What a machine's past says at each of its rows: windows, slopes, drifts, and the lives it resembles. Rows only look back."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

WINDOWS: Final = (5, 10, 20, 40)  # rows
SMOOTHING: Final = (0.05, 0.15)
FRESH: Final = 20  # first rows of a machine, which say how it was when new
SLOPE_MIN: Final = 5  # rows; fewer have no slope
LEAK: Final = 0.995  # of the summed drift
SPREAD: Final = 0.05  # smoothing of the variance
BLOCKS: Final = (
    *(f"{name}_{window}" for window in WINDOWS for name in ("mean", "slope")),
    *("smooth_slow", "smooth_fast", "mean_all", "drift", "new", "spread", "change"),
)
ALIKE: Final = 30  # machines that are asked
WIDTH: Final = 0.5  # of the weight of likeness, in distances of the middle one of them
CAP: Final = 125.0  # cycles; more cannot be told
FAR: Final = 1e18
LIFE: Final = ("life", "life_spread", "life_capped", "life_geometric", "life_distance", "life_median")


@njit(cache=True, nogil=True)
def past(z: Floats, first: Ints) -> Floats:
    """Features of the past, (n, 15 * sensors), block by block in the order of BLOCKS.

    Args:
        z: (n, sensors) readings without the influence of the operating regime, machine by machine in the order of time.
        first: (n,) number of the first row of the same machine.

    """
    n, sensors = z.shape
    windows = len(WINDOWS)
    found = np.zeros((n, sensors * (2 * windows + 7)))
    smooth = np.zeros((2, sensors))
    mean, drift, new, variance = np.zeros(sensors), np.zeros(sensors), np.zeros(sensors), np.zeros(sensors)
    for i in range(n):
        age = i - first[i] + 1
        if age == 1:
            mean[:] = 0.0
            drift[:] = 0.0
            new[:] = 0.0
            variance[:] = 0.0
            smooth[0] = z[i]
            smooth[1] = z[i]
        for j in range(sensors):
            x = z[i, j]
            for w in range(windows):
                length = min(WINDOWS[w], age)
                total = 0.0
                moment = 0.0
                for q in range(length):
                    y = z[i - length + 1 + q, j]
                    total += y
                    moment += y * (q - (length - 1) / 2)
                found[i, 2 * w * sensors + j] = total / length
                if length >= SLOPE_MIN:
                    found[i, (2 * w + 1) * sensors + j] = moment / (length * (length * length - 1) / 12.0)
            mean[j] += (x - mean[j]) / age
            if age <= FRESH:
                new[j] += (x - new[j]) / age
            away = x - new[j]
            drift[j] = LEAK * drift[j] + away
            variance[j] += SPREAD * (away * away - variance[j])
            at = 2 * windows * sensors + j
            for a in range(2):
                smooth[a, j] += SMOOTHING[a] * (x - smooth[a, j])
                found[i, at + a * sensors] = smooth[a, j]
            found[i, at + 2 * sensors] = mean[j]
            found[i, at + 3 * sensors] = drift[j]
            found[i, at + 4 * sensors] = new[j]
            found[i, at + 5 * sensors] = np.sqrt(variance[j])
            found[i, at + 6 * sensors] = found[i, 2 * (windows - 1) * sensors + j] - new[j]
    return found


@njit(cache=True, nogil=True)
def smoothed(z: Floats, first: Ints, share: float) -> Floats:
    """Exponentially smoothed readings (n, sensors), machine by machine."""
    found = z.copy()
    for i in range(len(z)):
        if first[i] != i:
            for j in range(z.shape[1]):
                found[i, j] = found[i - 1, j] + share * (z[i, j] - found[i - 1, j])
    return found


@njit(cache=True, nogil=True)
def lives(query: Singles, own: Ints, reference: Singles, machine: Ints, life: Floats, group: Ints, groups: int) -> Floats:
    """What was left to machines that once looked alike, (n, groups, 6) in the order of LIFE, for each group without its machines.

    Args:
        query: (n, k) shape of the recent past of each row.
        own: (n,) number of the row's own machine, which is left out; -1: none of the reference.
        reference: (r, k) shapes of the reference machines.
        machine: (r,) machine of a reference row.
        life: (r,) cycles that were left there.
        group: (machines,) group of each machine.
        groups: number of groups.

    """
    machines = len(group)
    found = np.zeros((len(query), groups, 6))
    nearest, left, other = np.zeros(machines), np.zeros(machines), np.zeros(machines)
    for i in range(len(query)):
        _nearest(query[i], reference, machine, life, nearest, left)
        if own[i] >= 0:
            nearest[own[i]] = FAR
        for g in range(groups):
            for m in range(machines):
                other[m] = FAR if group[m] == g else nearest[m]
            order = np.argsort(other, kind="mergesort")[:ALIKE]
            _weighted(other[order], left[order], found[i, g])
    return found


@njit(cache=True, nogil=True)
def _weighted(distance: Floats, left: Floats, found: Floats) -> None:
    """Means of the lives left, weighted by likeness; the nearest comes first."""
    width = WIDTH * distance[len(distance) // 2] + 1e-9
    total = mean = square = capped = logarithm = 0.0
    for k in range(len(distance)):
        weight = np.exp((distance[0] - distance[k]) / width)
        total += weight
        mean += weight * left[k]
        square += weight * left[k] * left[k]
        capped += weight * min(left[k], CAP)
        logarithm += weight * np.log(left[k] + 1.0)
    mean /= total
    found[0] = mean
    found[1] = np.sqrt(max(square / total - mean * mean, 0.0))
    found[2] = capped / total
    found[3] = np.exp(logarithm / total) - 1.0
    found[4] = np.sqrt(distance[0])
    found[5] = np.median(left)


@njit(cache=True, nogil=True, fastmath=True)
def _nearest(row: Singles, reference: Singles, machine: Ints, life: Floats, nearest: Floats, left: Floats) -> None:
    """Fills, for each machine, the squared distance of its most similar row and the life that was left there."""
    nearest[:] = FAR
    for j in range(len(reference)):
        total = np.float32(0.0)
        for k in range(len(row)):
            difference = row[k] - reference[j, k]
            total += difference * difference
        if total < nearest[machine[j]]:
            nearest[machine[j]] = total
            left[machine[j]] = life[j]
