"""Series for the tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from report.series import SECOND_US, Series

BEGIN_US = 1_704_067_200_000_000  # 2024-01-01


def series(values: Sequence[float] | np.ndarray, *, period_s: float = 60.0, sensor: str = "P1.flow", **more: Any) -> Series:
    """Values at equal intervals from 2024-01-01 on."""
    value = np.asarray(values, np.float64)
    ts = BEGIN_US + (np.arange(len(value)) * period_s * SECOND_US).astype(np.int64)
    return Series(sensor, sensor.split(".", maxsplit=1)[0], more.pop("ts", ts), value, **more)


def noise(level: float, spread: float, count: int = 2_000, seed: int = 1) -> np.ndarray:
    return level + np.random.default_rng(seed).normal(0, spread, count)
