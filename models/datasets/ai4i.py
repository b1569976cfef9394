"""AI4I 2020: snapshots of a milling machine. Flags of the failure modes are no column of the table: they are part of the answer."""

from pathlib import Path
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedKFold

from models.datasets import DataError
from models.datasets.source import columns, find, numbers, published
from models.table import IntArray, Table

FILE: Final = "ai4i2020.csv"
PUBLISHED: Final = "5749e7a84a8aa8b27b65f99492f6ad9fb1c65844420adb7274a82410ffecbaf9"
GRADES: Final = {"L": 0.0, "M": 1.0, "H": 2.0}
FEATURES: Final = {
    "air_temperature_k": "Air temperature [K]",
    "process_temperature_k": "Process temperature [K]",
    "speed_rpm": "Rotational speed [rpm]",
    "torque_nm": "Torque [Nm]",
    "wear_min": "Tool wear [min]",
}
TARGET: Final = "failure"
FOLDS: Final = 5


def load(folder: Path) -> Table:
    """All 10,000 snapshots; features: `grade` (0 low, 1 medium, 2 high) and the five sensors; target: `failure`, 0 or 1.

    Raises:
        DataError: the file is missing, damaged or not the published content.

    """
    table = read(find(folder, FILE))
    published(table.features | table.targets | {"number": table.time}, PUBLISHED, FILE)
    return table


def read(path: Path) -> Table:
    """Snapshots of any file of this layout; each is a unit of its own."""
    number, product, grade, failure, *sensors = columns(path, ["UDI", "Product ID", "Type", "Machine failure", *FEATURES.values()])
    unknown = sorted(set(grade) - set(GRADES))
    if unknown:
        raise DataError(f"{path.name}: Type {', '.join(unknown)} is unknown; known: {', '.join(GRADES)}")
    features = {"grade": np.asarray([GRADES[each] for each in grade])}
    features |= {name: numbers(values, f"{path.name}: {name}") for name, values in zip(FEATURES, sensors, strict=True)}
    target = {TARGET: numbers(failure, f"{path.name}: Machine failure")}
    time = numbers(number, f"{path.name}: UDI")
    return Table(features, target, np.arange(len(time)), time, "row", tuple(product))


def folds(table: Table, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Numbers of the rows to train on and to judge on, five times; every row is judged once. Failures are spread evenly."""
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return [(train, test) for train, test in splitter.split(np.zeros(len(table)), table.targets[TARGET])]
