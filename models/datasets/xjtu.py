"""XJTU-SY: fifteen rolling bearings run to failure under three conditions, one recording of 1.28 s a minute.

Layout: `<any>/35Hz12kN/Bearing1_1/1.csv` and so on, as published; 37.5Hz11kN and 40Hz10kN beside it. A part of the bearings will do,
but each of them must be whole: where files are missing at the end, the remaining life of all others is wrong.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np

from models.datasets import DataError
from models.datasets.bearing import G_M_S2, NAMES, REMAINING, Life, features, table
from models.datasets.source import text
from models.table import FloatArray, IntArray, Table

CONDITIONS: Final = ("35Hz12kN", "37.5Hz11kN", "40Hz10kN")
COLUMNS: Final = ("Horizontal_vibration_signals", "Vertical_vibration_signals")
RATE_HZ: Final = 25_600.0
ROWS: Final = 32_768  # of a file
NAMED: Final = re.compile(r"Bearing[1-3]_[1-5]")
FILES: Final = {  # of each published bearing (B. Wang et al., IEEE Trans. Reliability 69, 2020; counts as in thfmn/xjtu-sy-bearing)
    "Bearing1_1": 123,
    "Bearing1_2": 161,
    "Bearing1_3": 158,
    "Bearing1_4": 122,
    "Bearing1_5": 52,
    "Bearing2_1": 491,
    "Bearing2_2": 161,
    "Bearing2_3": 533,
    "Bearing2_4": 42,
    "Bearing2_5": 339,
    "Bearing3_1": 2538,
    "Bearing3_2": 2496,
    "Bearing3_3": 371,
    "Bearing3_4": 1515,
    "Bearing3_5": 114,
}


def load(folder: Path) -> Table:
    """One row a file: features of both directions, target minutes to the last file, unit the bearing (`35Hz12kN/Bearing1_1`).

    Raises:
        DataError: no bearings in this layout, files of one are missing, or one is not as published.

    """
    found = sorted(path for path in folder.glob("**/Bearing*") if NAMED.fullmatch(path.name) and path.parent.name in CONDITIONS)
    if not found:
        raise DataError(f"{folder.name}: no {CONDITIONS[0]}/Bearing1_1/1.csv or the like; unpack XJTU-SY (biaowang.tech/xjtu-sy) there")
    return table([_life(path) for path in found])


def folds(table: Table) -> list[tuple[IntArray, IntArray]]:
    """Rows of the other bearings under the same condition to train on and of the bearing left out, bearing by bearing.

    The protocol of the published figures. A condition with one bearing gives no fold.
    """
    condition = np.array([name.split("/")[0] for name in table.units])
    alike = [(number, np.flatnonzero(condition == condition[number])) for number in range(len(table.units))]
    return [
        (np.flatnonzero(np.isin(table.unit, others) & (table.unit != number)), np.flatnonzero(table.unit == number))
        for number, others in alike
        if len(others) > 1
    ]


def _life(folder: Path) -> Life:
    name = f"{folder.parent.name}/{folder.name}"
    paths = {int(path.stem): path for path in folder.glob("*.csv") if path.stem.isdecimal()}
    expected = FILES.get(folder.name, max(len(paths), 1))
    lacking = sorted(set(range(1, expected + 1)) - paths.keys())
    if lacking:
        raise DataError(f"{name}/{lacking[0]}.csv: missing, {len(paths)} of {expected} files are there; unpack the bearing again")
    rows = np.array([features(_read(paths[number], name), RATE_HZ) for number in range(1, expected + 1)]).reshape(-1, len(NAMES))
    minutes = np.arange(expected, dtype=np.float64)
    return Life(name, rows, minutes, {REMAINING: minutes[::-1].copy()})


def _read(path: Path, bearing: str) -> FloatArray:
    """Both directions of a file in m/s2; it holds them in g."""
    name, (header, *lines) = f"{bearing}/{path.name}", (text(path).splitlines() or [""])
    titles = [title.strip() for title in header.split(",")]
    if any(column not in titles for column in COLUMNS):
        raise DataError(f"{name}: no column {' or '.join(COLUMNS)}; found {', '.join(titles[:5])}; use the published file")
    try:
        values = np.loadtxt(lines, delimiter=",", ndmin=2, usecols=[titles.index(column) for column in COLUMNS])
    except ValueError as error:
        raise DataError(f"{name}: {error}; unpack the bearing again") from error
    if len(values) != ROWS or not np.isfinite(values).all():
        raise DataError(f"{name}: {len(values)} rows or gaps, published are {ROWS} rows; unpack the bearing again")
    return values * G_M_S2
