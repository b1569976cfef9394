"""Sensors that stay or move: four kinds of noise, six fates. The move, if any, comes after three days and a half of minutes."""

from typing import Final

import numpy as np
from scipy.signal import lfilter

from models.table import FloatArray, Table

ROWS: Final = 6000
MOVED_AT: Final = 3600
REFERENCE: Final = 2880  # rows that teach: two days
STEP_S: Final = 60.0
NOISES: Final = ("white", "memory", "cycle", "skewed")
FATES: Final = ("stays", "mean 0.5", "mean 1", "mean 3", "twice as wide", "ramp")
STAYING: Final = 3  # times as many that stay


def sensors(seed: int, each: int) -> Table:
    """Sensors of one seed: feature `value` (standard deviation 1), target `moved` (1 from the move on); names say noise and fate."""
    random = np.random.default_rng(seed)
    names = [f"{noise}, {fate}" for noise in NOISES for fate in FATES for _ in range(each * (STAYING if fate == "stays" else 1))]
    made = [sensor(random, *name.split(", ")) for name in names]
    moved = np.arange(ROWS) >= MOVED_AT
    return Table(
        {"value": np.concatenate(made)},
        {"moved": np.concatenate([moved & (not name.endswith(FATES[0])) for name in names]).astype(np.float64)},
        np.repeat(np.arange(len(names)), ROWS),
        np.tile(np.arange(ROWS) * STEP_S, len(names)),
        "s",
        tuple(names),
    )


def sensor(random: np.random.Generator, noise: str, fate: str) -> FloatArray:
    """Values of one sensor, (6000,)."""
    values = random.normal(size=ROWS)
    if noise == "memory":
        values = lfilter([np.sqrt(1.0 - 0.81)], [1.0, -0.9], values)
    elif noise == "skewed":
        values = (random.gamma(2.0, 1.0, ROWS) - 2.0) / np.sqrt(2.0)
    since = np.maximum(np.arange(ROWS) - MOVED_AT, 0)
    if fate.startswith("mean"):
        values[MOVED_AT:] += float(fate.split()[1])
    elif fate == "twice as wide":
        values[MOVED_AT:] *= 2.0
    elif fate == "ramp":
        values += 2.0 * np.minimum(since / 1440.0, 1.0)
    if noise == "cycle":
        values += 2.0 * np.sin(2.0 * np.pi * np.arange(ROWS) / 1440.0)
    return np.asarray(values, np.float64)
