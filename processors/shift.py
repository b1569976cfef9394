"""CUSUM pair on the whitened residual: lasting shifts of the mean and growth of the variance, too small for a single reading.

The largest sums of blocks of readings follow a Gumbel distribution, whose place and width the sensor itself teaches: so the
bar fits its false-episode budget also where whitening is imperfect. A prior for white noise counts like some blocks.
"""

from typing import Final

import numpy as np
from numba import njit

from processors.layout import Record

BLOCK: Final = 32  # readings
BLOCKS_MEMORY: Final = 4096.0
PRIOR_BLOCKS: Final = 32.0
PRIOR_WIDTH: Final = 1.5  # of the Gumbel distribution, for white noise and the default slack
PRIOR_PLACE: Final = 4.0
CAUTION: Final = 1.25  # real sums have a longer tail than the distribution fitted to them
CLIP: Final = 4.0  # a single reading counts at most this many scales
MEAN_ABSOLUTE: Final = 0.798  # of a standard normal variable
EULER: Final = 0.5772156649015329
LOG10_BLOCK: Final = float(np.log10(BLOCK))
MEAN, VOLATILITY = range(2)


@njit(cache=True, nogil=True)
def add(sensor: Record, u: float, parameters: Record) -> None:
    """Add a whitened residual in innovation scales to both sums."""
    u = min(max(u, -CLIP), CLIP)
    sensor.up = max(0.0, sensor.up + u - parameters.cusum_slack)
    sensor.down = max(0.0, sensor.down - u - parameters.cusum_slack)
    sensor.volatile = max(0.0, sensor.volatile + abs(u) - MEAN_ABSOLUTE - parameters.volatility_slack)


@njit(cache=True, nogil=True)
def surprise(sensor: Record, which: int, threshold: float) -> float:
    """-log10 of the probability, per reading, of so large a sum; holds the sum back far beyond the threshold."""
    known = min(float(sensor.blocks), BLOCKS_MEMORY)
    mean = sensor.block_mean[which]
    seen = np.sqrt(max(sensor.block_square[which] - mean * mean, 0.0) * 6.0) / np.pi
    width = (known * seen + PRIOR_BLOCKS * PRIOR_WIDTH) / (known + PRIOR_BLOCKS)
    location = (known * (mean - EULER * seen) + PRIOR_BLOCKS * PRIOR_PLACE) / (known + PRIOR_BLOCKS)
    scale = CAUTION * width * np.log(10.0)
    ceiling = location + scale * (1.5 * threshold - LOG10_BLOCK)  # comes down again soon after the shift
    if which == MEAN:
        sensor.up = min(sensor.up, ceiling)
        sensor.down = min(sensor.down, ceiling)
        total = max(sensor.up, sensor.down)
    else:
        sensor.volatile = min(sensor.volatile, ceiling)
        total = sensor.volatile
    return float(max((total - location) / scale + LOG10_BLOCK, 0.0))


@njit(cache=True, nogil=True)
def note(sensor: Record) -> None:
    """Remember the largest sums of the present block, also of shifts: what comes again and again is normal for this sensor."""
    sensor.block_top[MEAN] = max(sensor.block_top[MEAN], sensor.up, sensor.down)
    sensor.block_top[VOLATILITY] = max(sensor.block_top[VOLATILITY], sensor.volatile)


@njit(cache=True, nogil=True)
def learn(sensor: Record) -> None:
    """Count a normal reading into its block; a full block teaches place and width."""
    sensor.in_block += 1
    if sensor.in_block < BLOCK:
        return
    weight = 1.0 / min(sensor.blocks + 1.0, BLOCKS_MEMORY)
    for which in range(2):
        top = sensor.block_top[which]
        sensor.block_mean[which] += weight * (top - sensor.block_mean[which])
        sensor.block_square[which] += weight * (top * top - sensor.block_square[which])
        sensor.block_top[which] = 0.0
    sensor.blocks += 1
    sensor.in_block = 0


@njit(cache=True, nogil=True)
def clear(sensor: Record) -> None:
    """Begin both sums anew; what was learnt stays."""
    sensor.up = 0.0
    sensor.down = 0.0
    sensor.volatile = 0.0
