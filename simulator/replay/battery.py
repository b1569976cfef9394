"""NASA lithium-ion cells: one row per discharge, or every sample of every discharge.

capacity_per_discharge_cycle.csv: time = start of the discharge. B00xx_discharge.csv: start of the discharge + seconds in
it. Times are taken as UTC.

One asset per cell (battery-b0005). Columns that are empty in a row are left out. Cells are parts of their own, in order of
name. NASA's .mat files are not read: export them to the CSV columns above.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from simulator.announce import Tag
from simulator.batch import Batch, merged
from simulator.replay.files import ReplayError, find, header, number, plain, rows
from simulator.replay.recording import Part, Recording, grid

CAPACITY_FILE = "capacity_per_discharge_cycle.csv"
Channels = Mapping[str, tuple[str, str, str]]  # column: sensor, quantity, unit
PER_DISCHARGE: Channels = {
    "ambient_c": ("ambient_temperature", "temperature", "degC"),
    "capacity_ah": ("capacity", "general", "A h"),
    "v_min": ("voltage_min", "voltage", "V"),
    "v_mean": ("voltage_mean", "voltage", "V"),
    "i_mean": ("current_mean", "current", "A"),
    "t_mean_c": ("temperature_mean", "temperature", "degC"),
    "t_max_c": ("temperature_max", "temperature", "degC"),
    "duration_s": ("duration", "general", "s"),
}
PER_SAMPLE: Channels = {
    "Voltage_measured": ("voltage", "voltage", "V"),
    "Current_measured": ("current", "current", "A"),
    "Temperature_measured": ("temperature", "temperature", "degC"),
    "Current_load": ("load_current", "current", "A"),
    "Voltage_load": ("load_voltage", "voltage", "V"),
}


def read(folder: Path) -> Recording:
    """All cells under a folder.

    Raises:
        ReplayError: there are none, or only .mat files.
    """
    tables, samples = find(folder, CAPACITY_FILE), find(folder, "B*_discharge.csv")
    if not tables and not samples:
        hint = "; .mat files are not read, export them to CSV" if find(folder, "*.mat") else ""
        raise ReplayError(folder, f"holds no battery file; expected {CAPACITY_FILE} or B0005_discharge.csv (also .gz){hint}")
    parts = [part for path in tables for part in _cells(path)]
    return Recording("battery", [*tables, *samples], parts + [_discharges(path) for path in samples])


def _tags(cell: str, channels: Channels) -> list[Tag]:
    asset = f"battery-{cell.lower()}"
    return [Tag(asset, f"{asset}.{name}", quantity, unit) for name, quantity, unit in channels.values()]


def _cells(path: Path) -> list[Part]:
    place = header(path, ("battery",))["battery"]
    names = sorted({cells[place] for line, cells in rows(path) if line > 1 and len(cells) > place})
    return [Part(f"{name} per discharge", _tags(name, PER_DISCHARGE), partial(_per_discharge, path, name)) for name in names]


def _discharges(path: Path) -> Part:
    cell = plain(path).stem.removesuffix("_discharge")
    return Part(f"{cell} samples", _tags(cell, PER_SAMPLE), partial(_per_sample, path))


def _per_discharge(path: Path, cell: str) -> Iterator[Batch]:
    places = header(path, ("battery", "start_time", *PER_DISCHARGE))
    chosen = ((line, cells) for line, cells in _lines(path, places) if cells[places["battery"]] == cell)
    timed = ((_time(path, line, "start_time", cells[places["start_time"]]), line, cells) for line, cells in chosen)
    yield _batch(path, timed, places, PER_DISCHARGE)


def _per_sample(path: Path) -> Iterator[Batch]:
    places = header(path, ("cycle_time_start", "Time", *PER_SAMPLE))
    timed = ((_moment(path, line, cells, places), line, cells) for line, cells in _lines(path, places))
    yield _batch(path, timed, places, PER_SAMPLE)


def _lines(path: Path, places: Mapping[str, int]) -> Iterator[tuple[int, list[str]]]:
    """Lines behind the header, all of them long enough."""
    for line, cells in rows(path):
        if line > 1:
            if len(cells) <= max(places.values()):
                raise ReplayError(path, f"{len(cells)} columns; the file is cut or damaged", line=line)
            yield line, cells


def _batch(path: Path, timed: Iterator[tuple[int, int, list[str]]], places: Mapping[str, int], channels: Channels) -> Batch:
    ts, table = [], []
    for moment, line, cells in timed:
        ts.append(moment)
        table.append([number(path, line, name, cells[places[name]] or "nan") for name in channels])
    values = np.array(table, np.float64).reshape(-1, len(channels))
    return merged(grid(np.array(ts, np.int64), values))


def _moment(path: Path, line: int, cells: list[str], places: Mapping[str, int]) -> int:
    start = _time(path, line, "cycle_time_start", cells[places["cycle_time_start"]])
    return start + round(number(path, line, "Time", cells[places["Time"]]) * 1e6)


def _time(path: Path, line: int, column: str, cell: str) -> int:
    try:
        return round(datetime.fromisoformat(cell).replace(tzinfo=UTC).timestamp() * 1e6)
    except ValueError:
        raise ReplayError(path, f"{cell!r} is no time like 2008-04-02 15:25:41", line=line, column=column) from None
