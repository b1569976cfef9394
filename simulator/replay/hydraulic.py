"""Hydraulic test rig (UCI 447): one file per sensor, one row per load cycle of 60 s. Cycle k starts k minutes after 2020-01-01.

As published: <SENSOR>.txt, tab separated, no header (1, 10 or 100 samples a second); or <SENSOR>.csv with one header line.
One asset (hydraulic-rig). profile.txt holds labels and is not published. Cycles left out of a subset leave no gap.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from simulator.announce import Tag
from simulator.batch import Batch, merged
from simulator.replay.files import Floats, ReplayError, find, matrix, plain
from simulator.replay.recording import EPOCH_US, MINUTE_US, Part, Recording

ASSET = "hydraulic-rig"
SENSORS = {
    **{f"PS{number}": ("pressure", "bar") for number in range(1, 7)},
    "EPS1": ("power", "W"),
    **{f"FS{number}": ("flow", "l/min") for number in (1, 2)},
    **{f"TS{number}": ("temperature", "degC") for number in range(1, 5)},
    "VS1": ("vibration", "mm/s"),
    "CE": ("general", "%"),
    "CP": ("power", "kW"),
    "SE": ("general", "%"),
}
SAMPLES = (60, 600, 6000)  # a cycle at 1, 10 and 100 Hz
CYCLES = 10  # cycles in one batch


def read(folder: Path) -> Recording:
    """All sensors under a folder.

    Raises:
        ReplayError: there are none.
    """
    files = [path for path in find(folder, "*.txt", "*.csv") if plain(path).stem in SENSORS]
    if not files:
        raise ReplayError(folder, f"holds no sensor file; expected some of {', '.join(SENSORS)} as .txt or .csv (also .gz)")
    names = [plain(path).stem for path in files]
    if len(set(names)) < len(names):
        raise ReplayError(folder, "holds the same sensor as .txt and as .csv; keep one")
    tags = [Tag(ASSET, f"{ASSET}.{name}", *SENSORS[name]) for name in names]
    return Recording("hydraulic", files, [Part("hydraulic", tags, partial(_batches, files))])


def _batches(files: Sequence[Path]) -> Iterator[Batch]:
    tables = [_table(path) for path in files]
    lengths = {len(table) for table in tables}
    if len(lengths) > 1:
        shown = ", ".join(f"{path.name} {len(table)}" for path, table in zip(files, tables, strict=True))
        raise ReplayError(files[0].parent, f"the sensors have different numbers of cycles ({shown}); fetch the short ones again")
    for first in range(0, max(lengths), CYCLES):
        yield _cycles(tables, first)


def _cycles(tables: Sequence[Floats], first: int) -> Batch:
    sensors, times, values = [], [], []
    for sensor, table in enumerate(tables):
        block = table[first : first + CYCLES]
        start = EPOCH_US + (first + np.arange(len(block), dtype=np.int64)) * MINUTE_US
        offset = np.arange(block.shape[1], dtype=np.int64) * (MINUTE_US // block.shape[1])
        times.append((start[:, None] + offset).ravel())
        values.append(block.ravel())
        sensors.append(np.full(block.size, sensor, np.int64))
    return merged(Batch(np.concatenate(sensors), np.concatenate(times), np.concatenate(values)))


def _table(path: Path) -> Floats:
    published = plain(path).suffix == ".txt"
    table = matrix(path, delimiter="\t" if published else ",", skip=0 if published else 1)
    if table.shape[1] not in SAMPLES:
        raise ReplayError(path, f"{table.shape[1]} samples a cycle; expected one of {SAMPLES}", line=1)
    return table
