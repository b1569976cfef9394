"""Lives of rolling bearings from the first recording to the failure: one second of acceleration a minute, features of each.

Law of growth: until an onset at 35 to 90 % of the life nothing but the machine; from there the size of the impacts grows as exp(rate u),
u from 0 at the onset to 1 at the failure, with a rate of 3 to 6 of each bearing's own and a memory in the noise of its logarithm
(exponential degradation with a random rate: N. Gebraeel et al., IIE Transactions 37, 2005). Late debris raises the noise of the
bearing, so that its kurtosis falls again while the level still climbs, as in the IMS tests.
"""

from typing import Final

import numpy as np
from scipy.signal import lfilter

from models.datasets.bearing import REMAINING, Life, features, table
from models.generated.waveform import RATE_HZ, impacts, running
from models.table import FloatArray, Table
from processors.bearing import INNER, OUTER

LIFE_MIN: Final = (50.0, 200.0)  # shortest and longest, drawn by their logarithm
ONSET: Final = (0.35, 0.9)  # share of the life
RATE: Final = (3.0, 6.0)
FIRST: Final = 0.15  # size of the impacts at the onset, in standard deviations of the noise
MEMORY, ROUGH = 0.8, 0.15  # of the logarithm of the size
DEBRIS: Final = 0.4  # noise that a standard deviation of impacts brings, at the failure


def lives(seed: int, bearings: int) -> Table:
    """Bearings of one seed, as `models/datasets/xjtu.py` reads them; damage of the outer and of the inner ring in turns."""
    random = np.random.default_rng(seed)
    return table([life(random, number) for number in range(bearings)])


def life(random: np.random.Generator, number: int) -> Life:
    """One bearing; speed, resonance, noise, onset and rate are its own."""
    count = round(float(np.exp(random.uniform(*np.log(LIFE_MIN)))))
    speed, ring = random.uniform(22.0, 26.0), random.uniform(2200.0, 4200.0)
    decay, noise = random.uniform(500.0, 1200.0), random.uniform(0.5, 2.0)
    damage, sizes = (OUTER, INNER)[number % 2], size(random, count)
    late = np.linspace(0.0, 1.0, count) ** 8
    rows = []
    for place in range(count):
        shaft_hz = speed * random.uniform(0.98, 1.02)
        rough = noise * (1.0 + DEBRIS * late[place] * sizes[place])
        values = running(random, shaft_hz, rough) + noise * sizes[place] * impacts(random, shaft_hz, damage, ring, decay)
        rows.append(features(values[:, None], RATE_HZ))
    minutes = np.arange(count, dtype=np.float64)
    return Life(f"{number}: {damage}", np.array(rows), minutes, {REMAINING: minutes[::-1].copy()})


def size(random: np.random.Generator, count: int) -> FloatArray:
    """Size of the impacts in each recording of a life, (count,), in standard deviations of the noise; 0 before the onset."""
    onset, rate = random.uniform(*ONSET), random.uniform(*RATE)
    since = (np.linspace(0.0, 1.0, count) - onset) / (1.0 - onset)
    rough = lfilter([np.sqrt(1.0 - MEMORY**2)], [1.0, -MEMORY], random.normal(size=count)) * ROUGH
    return np.where(since >= 0.0, FIRST * np.exp(rate * np.maximum(since, 0.0) + rough), 0.0)
