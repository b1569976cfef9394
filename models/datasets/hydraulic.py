"""Hydraulic test rig (UCI 447): load cycles of 60 s with ten of its sensors, as statistics of each cycle.

Read from the subset of 290 stable cycles, or from any folder with the same files. Its rows are shuffled and carry no number of
a cycle, so that neighbouring cycles cannot be kept apart in a split.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedKFold

from models.datasets import DataError
from models.datasets.source import columns, find, matrix, numbers, published
from models.table import FloatArray, IntArray, Table

PROFILE: Final = "profile.csv"
PUBLISHED: Final = "c7d9cbebd31745c7b143989bf35dc93b6ef8046c38ab0dbb582391dcd4ae9c43"
SENSORS: Final = {  # file -> name of its quantity
    "CE": "cooling_efficiency_pct",
    "CP": "cooling_power_kw",
    "SE": "efficiency_pct",
    "TS1": "temperature_1_degc",
    "TS2": "temperature_2_degc",
    "TS3": "temperature_3_degc",
    "TS4": "temperature_4_degc",
    "VS1": "vibration_mm_s",
    "FS1": "flow_1_l_min",
    "FS2": "flow_2_l_min",
}
TARGETS: Final = {
    "cooler_pct": "cooler condition(%)",
    "valve_pct": "valve condition(%)",
    "pump_leak": "internal pump leakage",
    "accumulator_bar": "hydraulic accumulator(bar)",
}
PARTS: Final = 12  # a cycle is looked at in parts of five seconds, too
FOLDS: Final = 5


def load(folder: Path) -> Table:
    """One row a cycle; features: statistics of each sensor; targets: condition of cooler, valve, pump and accumulator.

    Raises:
        DataError: a file is missing, damaged or not the known content.

    """
    content = read(folder)
    published(content, PUBLISHED, "hydraulic rig")
    return table(content)


def read(folder: Path) -> dict[str, FloatArray]:
    """Samples (cycles, samples) of each sensor and conditions (cycles,) of each part, of any folder of this layout."""
    path = find(folder, PROFILE)
    conditions = columns(path, list(TARGETS.values()))
    content = {name: numbers(values, f"{path.name}: {name}") for name, values in zip(TARGETS, conditions, strict=True)}
    cycles = len(conditions[0])
    for file, name in SENSORS.items():
        content[name] = matrix(find(folder, f"{file}.csv"))
        if len(content[name]) != cycles:
            raise DataError(f"{file}.csv: {len(content[name])} cycles, {path.name} has {cycles}; take all files from one download")
    return content


def table(content: Mapping[str, FloatArray]) -> Table:
    """Statistics and conditions of each cycle; each is a unit of its own."""
    features = {f"{name}.{each}": column for name in SENSORS.values() for each, column in statistics(content[name]).items()}
    number = np.arange(len(content["valve_pct"]))
    units = tuple(f"cycle {k}" for k in number)
    return Table(features, {name: content[name] for name in TARGETS}, number, number.astype(np.float64), "row", units)


def statistics(samples: FloatArray) -> dict[str, FloatArray]:
    """What is kept of cycles (n, samples): level, spread, trend, steps, and level and spread of each twelfth."""
    length = samples.shape[1]
    place = np.arange(length) - (length - 1) / 2.0
    low, middle, high = np.quantile(samples, [0.05, 0.5, 0.95], axis=1)
    step = np.diff(samples, axis=1)
    parts = samples[:, : length // PARTS * PARTS].reshape(len(samples), PARTS, -1)
    found = {
        "mean": samples.mean(axis=1),
        "spread": samples.std(axis=1),
        "low": low,
        "median": middle,
        "high": high,
        "slope": (samples * place).sum(axis=1) / (place * place).sum(),
        "step_mean": np.abs(step).mean(axis=1),
        "step_up": step.max(axis=1),
        "step_down": step.min(axis=1),
    }
    found |= {f"mean_{k}": parts[:, k].mean(axis=1) for k in range(PARTS)}
    return found | {f"spread_{k}": parts[:, k].std(axis=1) for k in range(PARTS)}


def folds(table: Table, target: str, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Numbers of the cycles to train on and to judge on, five times; conditions are spread evenly."""
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return [(train, test) for train, test in splitter.split(np.zeros(len(table)), table.targets[target].astype(np.int64).astype(str))]
