"""NASA C-MAPSS turbofans: {train,test}_FD00x.txt, 26 columns, no header. One cycle = one hour from 2020-01-01.

One asset per engine (cmapss-fd001-train-001), 24 sensors each: three settings and 21 measurements. All engines of a file
start together. RUL files are labels and are not published.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.announce import Tag
from simulator.batch import Batch
from simulator.replay.files import ReplayError, find, matrix, plain
from simulator.replay.recording import EPOCH_US, HOUR_US, Part, Recording, grid

COLUMNS = 26
CHANNELS = (
    ("altitude", "general", "kft"),
    ("mach", "speed", "1"),
    ("throttle", "general", "%"),
    *((f"t{station}_temperature", "temperature", "degR") for station in (2, 24, 30, 50)),
    *((f"p{station}_pressure", "pressure", "psi") for station in (2, 15, 30)),
    ("fan_speed", "speed", "r/min"),
    ("core_speed", "speed", "r/min"),
    ("pressure_ratio", "general", "1"),
    ("ps30_pressure", "pressure", "psi"),
    ("phi", "flow", "pps/psi"),
    ("fan_speed_corrected", "speed", "r/min"),
    ("core_speed_corrected", "speed", "r/min"),
    ("bypass_ratio", "general", "1"),
    ("fuel_air_ratio", "general", "1"),
    ("bleed_enthalpy", "general", "1"),
    ("fan_speed_demanded", "speed", "r/min"),
    ("fan_speed_demanded_corrected", "speed", "%"),
    ("w31_flow", "flow", "lbm/s"),
    ("w32_flow", "flow", "lbm/s"),
)
BLOCK = 20_000  # rows of the file at once


def read(folder: Path) -> Recording:
    """All train and test files under a folder.

    Raises:
        ReplayError: there are none, or the first column does not hold unit numbers.
    """
    files = find(folder, "train_FD00?.txt", "test_FD00?.txt")
    if not files:
        raise ReplayError(folder, "holds no C-MAPSS file; expected train_FD001.txt or test_FD001.txt (also .gz)")
    return Recording("cmapss", files, [_part(path) for path in files])


def _part(path: Path) -> Part:
    kind, subset = re.fullmatch(r"(train|test)_(FD00\d)", plain(path).stem, re.IGNORECASE).groups()  # type: ignore[union-attr]
    table = _table(path)
    units = np.unique(table[:, 0]).astype(int)
    names = [f"cmapss-{subset.lower()}-{kind}-{unit:03d}" for unit in units]
    tags = [Tag(name, f"{name}.{channel}", quantity, unit, 3600.0) for name in names for channel, quantity, unit in CHANNELS]
    return Part(plain(path).stem, tags, partial(_batches, path))


def _table(path: Path) -> npt.NDArray[np.float64]:
    table = matrix(path, delimiter=None)
    if table.shape[1] != COLUMNS:
        raise ReplayError(path, f"{table.shape[1]} columns instead of {COLUMNS}; this is no C-MAPSS file", line=1)
    wrong = np.flatnonzero((table[:, :2] < 1).any(axis=1) | (table[:, :2] % 1 != 0).any(axis=1))
    if len(wrong):
        raise ReplayError(path, "unit and cycle must be whole numbers from 1", line=int(wrong[0]) + 1, column=1)
    return table


def _batches(path: Path) -> Iterator[Batch]:
    table = _table(path)
    engine = np.unique(table[:, 0], return_inverse=True)[1]
    order = np.argsort(table[:, 1], kind="stable")  # cycle by cycle over all engines
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        ts = EPOCH_US + (table[rows, 1].astype(np.int64) - 1) * HOUR_US
        batch = grid(ts, table[rows, 2:])
        yield Batch(batch.sensor + np.repeat(engine[rows], len(CHANNELS)) * len(CHANNELS), batch.ts, batch.value)
