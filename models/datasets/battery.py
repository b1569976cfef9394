"""NASA lithium-ion cells: capacity of each discharge of the four cells that were aged to their end under equal conditions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from models.datasets import DataError
from models.datasets.source import columns, find, numbers, published
from models.table import FloatArray, IntArray, Table

FILE: Final = "capacity_per_discharge_cycle.csv"
PUBLISHED: Final = "bd800e6e482ce61e8f3e466ca5b5d1745506b0f5ae612a7b783263b5123fb8d9"
CELLS: Final = ("B0005", "B0006", "B0007", "B0018")  # the others hold aborted discharges
AHEAD: Final = (10, 20, 40)  # discharges
FIRST: Final = 15  # discharges before anything is foretold
LEVEL, MEDIAN, TREND, FRESH = 5, 10, 31, 10  # discharges that each feature looks at


def load(folder: Path) -> Table:
    """One row a discharge from the 16th of a cell on; features look back only; targets: capacity 10, 20 and 40 discharges later.

    A target beyond the last discharge of a cell is NaN.

    Raises:
        DataError: the file is missing, damaged or not the known content.

    """
    content = read(find(folder, FILE))
    published(content, PUBLISHED, FILE)
    return table(content)


def read(path: Path) -> dict[str, FloatArray]:
    """Capacities of the four cells in the order of time, of any file of this layout."""
    cell, cycle, capacity = columns(path, ["battery", "cycle", "capacity_ah"])
    content = {}
    for name in CELLS:
        lines = [k for k, each in enumerate(cell) if each == name]
        order = np.argsort(numbers([cycle[k] for k in lines], f"{path.name}: cycle"), kind="stable")
        content[name] = numbers([capacity[lines[k]] for k in order], f"{path.name}: capacity_ah of {name}")
        if len(lines) <= FIRST + max(AHEAD):
            raise DataError(f"{path.name}: {len(lines)} discharges of {name}; use the file with all four cells {', '.join(CELLS)}")
    return content


def table(content: Mapping[str, FloatArray]) -> Table:
    """Rows of all cells behind each other."""
    parts = [rows(content[name], number) for number, name in enumerate(CELLS)]
    features = {name: np.concatenate([part.features[name] for part in parts]) for name in parts[0].features}
    targets = {name: np.concatenate([part.targets[name] for part in parts]) for name in parts[0].targets}
    unit, time = (np.concatenate([getattr(part, name) for part in parts]) for name in ("unit", "time"))
    return Table(features, targets, unit, time, "discharge", CELLS)


def rows(capacity: FloatArray, number: int) -> Table:
    """Rows of one cell from its capacities in the order of time."""
    place = np.arange(FIRST, len(capacity))
    features = {
        "last_ah": capacity[place],
        "level_ah": np.array([capacity[max(0, k - LEVEL + 1) : k + 1].mean() for k in place]),
        "slope_ah": np.array([_slope(capacity[max(0, k - TREND + 1) : k + 1]) for k in place]),
        "fade_ah": np.array([(capacity[k] - capacity[:FRESH].mean()) / (k + 1) for k in place]),
        "median_ah": np.array([np.median(capacity[max(0, k - MEDIAN + 1) : k + 1]) for k in place]),
        "age_discharges": place.astype(np.float64),
    }
    later = np.concatenate([capacity, np.full(max(AHEAD), np.nan)])
    targets = {f"capacity_in_{ahead}_ah": later[place + ahead] for ahead in AHEAD}
    return Table(features, targets, np.full(len(place), number), place.astype(np.float64), "discharge", CELLS)


def folds(table: Table) -> list[tuple[IntArray, IntArray]]:
    """Rows of three cells to train on and of the fourth to judge on, four times."""
    return [(np.flatnonzero(table.unit != number), np.flatnonzero(table.unit == number)) for number in range(len(table.units))]


def _slope(values: FloatArray) -> float:
    place = np.arange(len(values)) - (len(values) - 1) / 2.0
    return float((values * place).sum() / (place * place).sum())
