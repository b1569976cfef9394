"""Hourly key signals of machines: a day, a week, a memory, slow wandering. Scale and level differ from signal to signal."""

import numpy as np
from scipy.signal import lfilter

from models.table import FloatArray, Table

ROWS = 1440  # sixty days
STEP_S = 3600.0


def signals(seed: int, count: int) -> Table:
    """Feature `value`, no target; one unit a signal, time in seconds."""
    random = np.random.default_rng(seed)
    return Table(
        {"value": np.concatenate([signal(random) for _ in range(count)])},
        {},
        np.repeat(np.arange(count), ROWS),
        np.tile(np.arange(ROWS) * STEP_S, count),
        "s",
        tuple(map(str, range(count))),
    )


def signal(random: np.random.Generator) -> FloatArray:
    """Values of one signal, (1440,)."""
    hour = np.arange(ROWS)
    phase = 2.0 * np.pi * (hour % 24) / 24.0 + random.uniform(0.0, 6.0)
    day = random.uniform(0.0, 1.5) * (np.sin(phase) + random.uniform(0.0, 0.5) * np.sin(2.0 * phase))
    week = random.uniform(0.0, 0.5) * (hour // 24 % 7 >= 5)
    memory = random.uniform(0.5, 0.97)
    noise = lfilter([np.sqrt(1.0 - memory**2)], [1.0, -memory], random.normal(size=ROWS)) * random.uniform(0.2, 1.0)
    wander = np.cumsum(random.normal(size=ROWS)) * random.uniform(0.0, 0.05)
    size = 10.0 ** random.uniform(-1.0, 2.0)
    return np.asarray(random.normal(0.0, 5.0) * size + size * (day + week + noise + wander), np.float64)
