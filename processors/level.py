"""The level of a sensor, the scales of its deviations and what is left when neighbouring deviations explain each other.

Level and scales are exponentially weighted means of clipped residuals (Huber), so that single outliers move them little.
"""

from typing import Final

import numpy as np
from numba import njit

from processors import shift
from processors.layout import NEVER, TAIL_BINS, Record

TO_SIGMA: Final = 1.2533141373155001  # standard deviation over mean absolute deviation, normal distribution
LEFT: Final = 6.0  # scales from the present level
THERE: Final = 5.0  # scales from the other level
MEMORY_GROWTH: Final = 10.0  # of the level, for fast sensors
CORRELATION_MAX: Final = 0.98
UNCLIPPED: Final = 30  # readings until a scale is good enough to clip by
STEP_SIGMA: Final = 0.3  # standard deviation of rounding to a step of 1
RELATIVE: Final = 1e-9  # scales below this share of the level are rounding
STATISTICAL: Final = 3.0  # detectors that share a sensor's budget: deviation, sums of level 1, sum against the reference


@njit(cache=True, nogil=True)
def floor(sensor: Record) -> float:
    """Smallest believable scale, in the sensor's unit."""
    step = max(0.0, sensor.resolution)
    return float(max(STEP_SIGMA * step, RELATIVE * abs(sensor.level), 1e-30))


@njit(cache=True, nogil=True)
def whitened(sensor: Record, error: float) -> float:
    """Residual after the part that the previous deviation explains."""
    correlation = sensor.covariance / sensor.variance if sensor.variance > 0.0 else 0.0
    return float(error - min(max(correlation, 0.0), CORRELATION_MAX) * sensor.deviation)


@njit(cache=True, nogil=True)
def learn(sensor: Record, error: float, residual: float, weight: float, parameters: Record) -> None:
    """Move level and scales by a normal reading; `weight` below 1 for uncertain ones."""
    low = floor(sensor)
    slow = weight * max(1.0 / parameters.scale_readings, 1.0 / (sensor.scaled + 1.0))
    bound = parameters.huber * max(sensor.spread, low) if sensor.scaled >= UNCLIPPED else np.inf
    clipped = min(max(error, -bound), bound)
    before = min(max(sensor.deviation, -bound), bound)
    sensor.covariance += slow * (clipped * before - sensor.covariance)
    sensor.variance += slow * (before * before - sensor.variance)
    sensor.spread += slow * (TO_SIGMA * abs(clipped) - sensor.spread)
    bound = parameters.huber * max(sensor.innovation, low) if sensor.scaled >= UNCLIPPED else np.inf
    sensor.innovation += slow * (TO_SIGMA * min(abs(residual), bound) - sensor.innovation)
    fast = parameters.level_s / max(interval_s(sensor), 1e-3)
    memory = min(max(fast, parameters.level_readings), MEMORY_GROWTH * parameters.level_readings)
    sensor.level += weight * max(1.0 / memory, 1.0 / (sensor.count + 1.0)) * clipped
    sensor.count += 1
    sensor.scaled += 1


@njit(cache=True, nogil=True)
def restart(sensor: Record, value: float, readings: float) -> None:
    """Take `value` as the new level and be lenient for some readings; scales and tails stay."""
    sensor.level = value
    sensor.deviation = 0.0
    sensor.count = 1
    sensor.grace = int(readings)
    sensor.frozen = 0
    shift.clear(sensor)


@njit(cache=True, nogil=True)
def adopt(sensor: Record, value: float, readings: float) -> None:
    """Take `value` as the new level, learn its scales anew and remember the level that was left if it was well known."""
    if sensor.count >= UNCLIPPED:
        sensor.other_level = sensor.level
        sensor.other_spread = max(sensor.spread, floor(sensor))
        sensor.other_innovation = max(sensor.innovation, floor(sensor))
    restart(sensor, value, readings)
    sensor.scaled = 1


@njit(cache=True, nogil=True)
def swap(sensor: Record, value: float) -> None:
    """Change back to the other level at once if the value left the present one and lies there: machines go on and off."""
    if sensor.other_spread <= 0.0 or abs(value - sensor.level) <= LEFT * max(sensor.spread, floor(sensor)):
        return
    if abs(value - sensor.other_level) > THERE * sensor.other_spread:
        return
    level, spread, innovation = sensor.level, max(sensor.spread, floor(sensor)), max(sensor.innovation, floor(sensor))
    sensor.level, sensor.spread, sensor.innovation = sensor.other_level, sensor.other_spread, sensor.other_innovation
    sensor.other_level, sensor.other_spread, sensor.other_innovation = level, spread, innovation
    sensor.deviation = 0.0
    sensor.frozen = 0
    shift.clear(sensor)


@njit(cache=True, nogil=True)
def forget(sensor: Record) -> None:
    """Be as new: the next reading begins to learn."""
    sensor.born = NEVER
    sensor.level = 0.0
    sensor.count = 0
    sensor.scaled = 0
    sensor.deviation = 0.0
    sensor.covariance = 0.0
    sensor.variance = 0.0
    sensor.spread = 0.0
    sensor.innovation = 0.0
    sensor.other_spread = 0.0
    sensor.tail_total = 0.0
    sensor.blocks = 0
    sensor.in_block = 0
    sensor.frozen = 0
    sensor.run = 0
    sensor.longest = 0.0
    sensor.repeats = 0.0
    for k in range(TAIL_BINS):
        sensor.tail[k] = 0.0
    for which in range(2):
        sensor.block_mean[which] = 0.0
        sensor.block_square[which] = 0.0
        sensor.block_top[which] = 0.0
    shift.clear(sensor)


@njit(cache=True, nogil=True)
def interval_s(sensor: Record) -> float:
    """Seconds of event time between readings: as catalogued, else as learnt; 0 while unknown."""
    if sensor.period_s > 0.0:
        return float(sensor.period_s)
    return float(sensor.interval_s)


@njit(cache=True, nogil=True)
def threshold(sensor: Record, parameters: Record) -> float:
    """Surprise that a reading must reach: readings of this sensor in a year over the episodes it may cost."""
    readings = 31_557_600.0 / max(interval_s(sensor), 1e-3)
    return float(max(np.log10(readings / budget(parameters)), 2.0))


@njit(cache=True, nogil=True)
def budget(parameters: Record) -> float:
    """False episodes a year that one statistical detector of a sensor may cost."""
    return float(parameters.false_episodes_per_sensor_year / STATISTICAL)
