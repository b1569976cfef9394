"""Numenta Anomaly Benchmark: one CSV file per series, columns timestamp (UTC) and value; the order of the file is kept.

Layout: DIR/data/<group>/<name>.csv, DIR/<group>/<name>.csv or DIR/<name>.csv. One asset and one sensor per file.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from simulator.announce import Tag
from simulator.batch import Batch
from simulator.replay.files import ReplayError, find, header, number, plain, rows
from simulator.replay.recording import Part, Recording

TEMPERATURES = ("ambient_temperature_system_failure", "machine_temperature_system_failure")  # NAB states no units


def read(folder: Path) -> Recording:
    """All series under a folder.

    Raises:
        ReplayError: there are none, or two have the same name.
    """
    root = folder / "data" if (folder / "data").is_dir() else folder
    files = find(root, "*.csv")
    if not files:
        raise ReplayError(folder, "holds no NAB series; expected data/<group>/<name>.csv or .csv.gz")
    for path in files:
        header(path, ("timestamp", "value"))
    parts = [Part(plain(path).stem, [_tag(path)], partial(_batches, path)) for path in files]
    if len({part.name for part in parts}) < len(parts):
        raise ReplayError(folder, "holds two series of the same name; replay one group at a time")
    return Recording("nab", files, parts)


def _tag(path: Path) -> Tag:
    name = plain(path).stem
    return Tag(f"nab-{name}", f"nab-{name}.value", "temperature" if name in TEMPERATURES else "general")


def _batches(path: Path) -> Iterator[Batch]:
    places = header(path, ("timestamp", "value"))
    ts, values = [], []
    for line, cells in rows(path):
        if line == 1:
            continue
        if len(cells) <= max(places.values()):
            raise ReplayError(path, f"{len(cells)} columns; the file is cut or damaged", line=line)
        ts.append(_time(path, line, cells[places["timestamp"]]))
        values.append(number(path, line, "value", cells[places["value"]]))
    yield Batch(np.zeros(len(ts), np.int64), np.array(ts, np.int64), np.array(values, np.float64))


def _time(path: Path, line: int, cell: str) -> int:
    try:
        return round(datetime.fromisoformat(cell).replace(tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:
        raise ReplayError(path, f"{cell!r} is no time like 2013-12-02 21:15:00", line=line, column="timestamp") from None
