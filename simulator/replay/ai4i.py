"""AI4I 2020 milling machine: one CSV file, one row per operation. One row = one minute from 2020-01-01.

One asset (ai4i-mill), five sensors. Product type and the six failure flags are labels and are not published.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from simulator.announce import Tag
from simulator.batch import Batch
from simulator.replay.files import ReplayError, find, header, number, rows
from simulator.replay.recording import EPOCH_US, MINUTE_US, Part, Recording, grid

ASSET = "ai4i-mill"
CHANNELS = {
    "Air temperature [K]": ("air_temperature", "temperature", "K"),
    "Process temperature [K]": ("process_temperature", "temperature", "K"),
    "Rotational speed [rpm]": ("speed", "speed", "r/min"),
    "Torque [Nm]": ("torque", "torque", "N m"),
    "Tool wear [min]": ("tool_wear", "general", "min"),
}


def read(folder: Path) -> Recording:
    """The data set under a folder.

    Raises:
        ReplayError: there is no or more than one such file, or a column is missing.
    """
    files = find(folder, "ai4i*.csv")
    if len(files) != 1:
        raise ReplayError(folder, f"holds {len(files)} files named ai4i*.csv (also .gz); expected exactly one")
    header(files[0], tuple(CHANNELS))
    tags = [Tag(ASSET, f"{ASSET}.{name}", quantity, unit, 60.0) for name, quantity, unit in CHANNELS.values()]
    return Recording("ai4i", files, [Part("ai4i2020", tags, partial(_batches, files[0]))])


def _batches(path: Path) -> Iterator[Batch]:
    places = header(path, tuple(CHANNELS))
    table = []
    for line, cells in rows(path):
        if line > 1:
            if len(cells) <= max(places.values()):
                raise ReplayError(path, f"{len(cells)} columns; the file is cut or damaged", line=line)
            table.append([number(path, line, name, cells[place]) for name, place in places.items()])
    yield grid(EPOCH_US + np.arange(len(table), dtype=np.int64) * MINUTE_US, np.array(table, np.float64).reshape(-1, len(CHANNELS)))
