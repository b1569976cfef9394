"""Health indices, one value a day: some fall to the limit in their own way, others only wander."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import lfilter

from models.table import FloatArray

WINDOW: Final = 60  # values
LIMIT: Final = 0.3


@dataclass(frozen=True, slots=True)
class Index:
    """The last sixty values, and the days until the index, freed of noise, is at the limit; NaN: it never falls."""

    values: FloatArray
    days: float


def indices(seed: int, falling: int, staying: int) -> list[Index]:
    """Indices of one seed."""
    random = np.random.default_rng(seed)
    return [_falling(random) for _ in range(falling)] + [_staying(random) for _ in range(staying)]


def _noise(random: np.random.Generator) -> FloatArray:
    memory = random.uniform(0.0, 0.8)
    walked = lfilter([np.sqrt(1.0 - memory**2)], [1.0, -memory], random.normal(size=3 * WINDOW))[-WINDOW:]
    return np.asarray(walked * random.uniform(0.005, 0.03), np.float64)


def _falling(random: np.random.Generator) -> Index:
    """From 0.95 down, straight or ever faster, seen at some time of the fall."""
    life, power = random.uniform(60.0, 300.0), random.choice([1.0, 1.0, 1.5, 2.0])
    end = life * ((0.95 - LIMIT) / 0.95) ** (1.0 / power)
    now = end * random.uniform(0.3, 0.95)
    day = now - np.arange(WINDOW)[::-1]
    health = 0.95 - 0.95 * (np.maximum(day, 0.0) / life) ** power
    return Index(health + _noise(random), float(end - now))


def _staying(random: np.random.Generator) -> Index:
    return Index(random.uniform(0.6, 0.95) + _noise(random), float("nan"))
