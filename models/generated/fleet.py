"""A machine's windows of features over some weeks: two modes, a load that drives half of the columns, a season of the ambient."""

import numpy as np
from scipy.signal import lfilter

from models.fit import Baseline

COLUMNS = 8
STANDBY = 0.15  # share of the windows


def baseline(seed: int, days: float = 14.0, window_s: float = 600.0) -> Baseline:
    """A healthy reference; equal seeds give equal ones."""
    random = np.random.default_rng(seed)
    n = int(days * 86400.0 / window_s)
    time = np.arange(n, dtype=np.float64) * window_s
    hour = 2.0 * np.pi * time / 86400.0
    load = 0.7 + 0.15 * np.sin(hour) + lfilter([0.03], [1.0, -0.97], random.normal(size=n))
    ambient = 20.0 + 3.0 * np.sin(hour - 1.0) + np.cumsum(random.normal(0.0, 0.02, n))
    standby = np.sin(2.0 * np.pi * np.arange(n) / 300.0 + random.uniform(0.0, 6.0)) < -np.cos(np.pi * STANDBY)
    rows = np.empty((n, COLUMNS))
    shared = lfilter([0.2], [1.0, -0.8], random.normal(size=n))
    for column in range(COLUMNS):
        noise = lfilter([0.6], [1.0, -0.4], random.normal(size=n))
        explained = random.uniform(2.0, 8.0) * load + random.uniform(0.1, 0.5) * ambient
        rows[:, column] = random.uniform(5.0, 50.0) + explained + random.uniform(0.0, 0.8) * shared + 0.3 * noise
        rows[standby, column] = random.uniform(0.0, 5.0) + 0.1 * noise[standby]
    mode = np.where(standby, "standby", "running").astype(np.str_)
    drivers = np.column_stack([np.where(standby, 0.0, load), ambient])
    names = tuple(f"P-101.s{column}.mean" for column in range(COLUMNS))
    return Baseline("P-101", names, rows, time, window_s, mode, ("load", "ambient_c"), drivers, ("vibration", "temperature"), "pump")
