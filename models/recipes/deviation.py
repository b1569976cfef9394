"""Simple rules for one recording of a rig: how far its channels are from their own healthy rows. What stands beside the detectors."""

from typing import Final

import numpy as np
from scipy.signal import lfilter

from models.table import FloatArray

WEIGHT: Final = 0.3  # of the newest row in the exponential mean


def largest(rows: FloatArray, healthy: int) -> FloatArray:
    """(n,) largest deviation of any channel, in robust standard deviations of the healthy rows."""
    return np.asarray(np.abs(_deviations(rows, healthy)).max(axis=1))


def mean(rows: FloatArray, healthy: int) -> FloatArray:
    """(n,) mean over the channels of what the exponential mean of each deviates, in the same units.

    >>> mean(np.array([[0.0], [1.0], [2.0], [9.0]]), 3).round(2).tolist()
    [0.67, 0.47, 0.13, 1.53]
    """
    deviations = _deviations(rows, healthy)
    means = lfilter([WEIGHT], [1.0, WEIGHT - 1.0], deviations, axis=0, zi=(1.0 - WEIGHT) * deviations[:1])[0]
    return np.asarray(np.abs(means).mean(axis=1))


def _deviations(rows: FloatArray, healthy: int) -> FloatArray:
    centre = np.median(rows[:healthy], axis=0)
    spread = 1.4826 * np.median(np.abs(rows[:healthy] - centre), axis=0)
    return np.asarray((rows - centre) / np.maximum(spread, 1e-9))
