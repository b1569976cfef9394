"""Skoltech anomaly benchmark: a water rig of eight sensors at 1 Hz, one anomaly per recording. Its first 400 rows are healthy."""

from pathlib import Path
from typing import Final

import numpy as np

from models.datasets import DataError
from models.datasets.source import numbers, text
from models.table import BoolArray, FloatArray, Table

HEALTHY: Final = 400  # rows of each recording to learn from, by the protocol of the published table
GROUPS: Final = ("valve1", "valve2", "other")
SEPARATOR: Final = ";"
COLUMNS: Final = {
    "Accelerometer1RMS": "acceleration_1_g",
    "Accelerometer2RMS": "acceleration_2_g",
    "Current": "current_a",
    "Pressure": "pressure_bar",
    "Temperature": "motor_temperature_c",
    "Thermocouple": "fluid_temperature_c",
    "Voltage": "voltage_v",
    "Volume Flow RateRMS": "flow_l_min",
}
FAULT: Final = "anomaly"


def load(folder: Path) -> Table:
    """All recordings with an anomaly; target `fault`, 0 or 1. The folder is the repository's, or its folder `data`.

    Raises:
        DataError: no recordings, or a file that is not of the published layout.

    """
    root = folder / "data" if (folder / "data").is_dir() else folder
    paths = [path for group in GROUPS for path in sorted((root / group).glob("*.csv*"))]
    if not paths:
        raise DataError(f"{root.name}: no {', '.join(f'{group}/*.csv' for group in GROUPS)}; clone waico/SKAB and name its folder")
    parts = [_read(path) for path in paths]
    rows = np.concatenate([rows for rows, _ in parts])
    lengths = [len(fault) for _, fault in parts]
    return Table(
        dict(zip(COLUMNS.values(), rows.T.copy(), strict=True)),
        {"fault": np.concatenate([fault for _, fault in parts])},
        np.repeat(np.arange(len(paths)), lengths),
        np.concatenate([np.arange(length, dtype=np.float64) for length in lengths]),
        "s",
        tuple(f"{path.parent.name}/{path.name.split('.')[0]}" for path in paths),
    )


def judged(table: Table) -> BoolArray:
    """(n,) the rows that are scored: all but the healthy beginning of each recording."""
    found = np.ones(len(table), np.bool_)
    for number in np.unique(table.unit):
        found[np.flatnonzero(table.unit == number)[:HEALTHY]] = False
    return found


def _read(path: Path) -> tuple[FloatArray, FloatArray]:
    lines = [line.split(SEPARATOR) for line in text(path).splitlines() if line]
    header, name = lines[0], f"{path.parent.name}/{path.name}"
    missing = [column for column in (*COLUMNS, FAULT) if column not in header]
    if missing:
        raise DataError(f"{name}: no column {', '.join(missing)}; found {', '.join(header[:20])}; use the published file")
    if len(lines) <= HEALTHY + 1 or any(len(line) != len(header) for line in lines):
        raise DataError(f"{name}: {len(lines) - 1} rows, some perhaps cut short; more than {HEALTHY} are needed: download it again")
    wanted = [numbers([line[header.index(column)] for line in lines[1:]], f"{name}: {column}") for column in (*COLUMNS, FAULT)]
    return np.column_stack(wanted[:-1]), wanted[-1]
