"""Features of windows straight from the readings: group, then numpy."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Reading = tuple[str, int, float]  # sensor, ts, value


def windows(readings: Iterable[Reading], length_s: int) -> dict[int, dict[str, list[tuple[int, float]]]]:
    """start -> sensor -> its (ts, value) of that window."""
    found: dict[int, dict[str, list[tuple[int, float]]]] = {}
    for sensor, ts, value in readings:
        found.setdefault(ts - ts % (length_s * 1_000_000), {}).setdefault(sensor, []).append((ts, value))
    return found


def features(window: list[tuple[int, float]]) -> dict[str, float]:
    """Features of one sensor in one window, by packed field without its type."""
    t = np.array([ts for ts, _ in window]) / 1e6
    x = np.array([value for _, value in window])
    rms = float(np.sqrt(np.mean(x * x)))
    spread = float(x.std())
    return {
        "n": float(len(x)),
        "mean": float(x.mean()),
        "std": spread,
        "min": float(x.min()),
        "max": float(x.max()),
        "first": float(x[0]),
        "last": float(x[-1]),
        "slope": float(np.polyfit(t - t[0], x, 1)[0]) if len(x) > 1 else np.nan,
        "rms": rms,
        "peak_to_peak": float(x.max() - x.min()),
        "kurtosis": float(np.mean((x - x.mean()) ** 4) / spread**4) if spread else np.nan,
        "crest": float(np.abs(x).max() / rms) if rms else np.nan,
    }


def unpacked(record: Mapping[str, Any], name: str, place: int) -> float:
    """One number of a Features record: feature `name` of the sensor at `place`."""
    field = next(field for field in record if field.rpartition("_")[0] == name and isinstance(record[field], bytes))
    column: npt.NDArray[Any] = np.frombuffer(record[field], f"<{field.rpartition('_')[2]}")
    return float(column[place])
