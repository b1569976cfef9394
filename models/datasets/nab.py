"""Numenta anomaly benchmark: the complete corpus of 58 series, or any part of it, in the published layout or packed.

Layout: `data/<group>/<name>.csv` (or .csv.gz) with timestamp and value; windows in `labels/combined_windows.json`, or beside `data`.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from models.datasets import DataError
from models.datasets.source import columns, numbers, text
from models.table import FloatArray, Table

WINDOWS: Final = ("labels/combined_windows.json", "combined_windows.json")
FULL: Final = 58  # files
INDUSTRIAL: Final = ("machine_temperature_system_failure.csv", "ambient_temperature_system_failure.csv")
PUBLISHED: Final = {  # sha256 of the content, line ends as LF
    "realKnownCause/ambient_temperature_system_failure.csv": "230b68ccca20f59d562afd5d24ad52939c9b784386bed0054018358bf9120581",
    "realKnownCause/cpu_utilization_asg_misconfiguration.csv": "58ba65dc0737cfbac11b51514476d50c438d44011232144bb8d93f392df58f9f",
    "realKnownCause/ec2_request_latency_system_failure.csv": "98378580aa80157e057c61d59d81daddccc6c65a2c0c800e3f01f603b8215c3f",
    "realKnownCause/machine_temperature_system_failure.csv": "92bf5b87fc7f9bba8ca0b7ec63ccaac8cb4a1371a258e8c29a10ae9c018d82a4",
    "realKnownCause/nyc_taxi.csv": "d8fa6f7f0734bf5c8be12c52a94e20a82664c397d9dec4449156bd453d32856d",
    "realKnownCause/rogue_agent_key_hold.csv": "7d9b3d35981722e2c041dd00ffb5867c193ea11201b6e411f13648ca83c31ddb",
    "realKnownCause/rogue_agent_key_updown.csv": "3d72c4543e214252e511bfc2473539646f0c13d74937ab41dc52c4c5cff47ba1",
}


def load(folder: Path) -> Table:
    """Every series below `data`: feature `value`, target `window` (0 outside, else its number in the file), time in seconds.

    Rows keep the order of the file, also where its clock jumps back.

    Raises:
        DataError: no series, no windows, a file that was altered or cut short.

    """
    paths = sorted((folder / "data").glob("*/*.csv")) + sorted((folder / "data").glob("*/*.csv.gz"))
    if not paths:
        raise DataError(f"{folder.name}/data: no <group>/*.csv; clone numenta/NAB and name its folder")
    labelled = _windows(folder)
    parts = [_read(path, labelled) for path in paths]
    lengths = [len(value) for _, value, _ in parts]
    return Table(
        {"value": np.concatenate([value for _, value, _ in parts])},
        {"window": np.concatenate([window for _, _, window in parts])},
        np.repeat(np.arange(len(paths)), lengths),
        np.concatenate([time for time, _, _ in parts]),
        "s",
        tuple(_name(path) for path in paths),
    )


def industrial(table: Table) -> Table:
    """The two temperature series of machines."""
    return table.of_units([number for number, name in enumerate(table.units) if name.endswith(INDUSTRIAL)])


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.gz')}"


def _windows(folder: Path) -> dict[str, list[list[str]]]:
    for place in WINDOWS:
        if (folder / place).is_file():
            try:
                found: dict[str, list[list[str]]] = json.loads(text(folder / place))
            except ValueError as error:
                raise DataError(f"{place}: {error}; clone numenta/NAB again") from error
            return found
    raise DataError(f"{folder.name}: neither {' nor '.join(WINDOWS)}; clone numenta/NAB and name its folder")


def _read(path: Path, labelled: dict[str, list[list[str]]]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Time, value and window of each row."""
    name = _name(path)
    expected = PUBLISHED.get(name)
    found = hashlib.sha256(text(path).replace("\r\n", "\n").encode()).hexdigest()
    if expected and found != expected:
        raise DataError(f"{name}: content has checksum {found[:12]}, published is {expected[:12]}; download it again")
    if name not in labelled:
        raise DataError(f"{name}: no entry in combined_windows.json; clone numenta/NAB again")
    stamps, values = columns(path, ("timestamp", "value"))
    try:
        time = np.array([_seconds(stamp) for stamp in stamps])
        window = _marked(time, [(_seconds(begin), _seconds(end)) for begin, end in labelled[name]])
    except ValueError as error:
        raise DataError(f"{name}: {error}; use the published file") from error
    return time, numbers(values, f"{name}: value"), window


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()


def _marked(time: FloatArray, spans: list[tuple[float, float]]) -> FloatArray:
    """Number of the window of each row; a span begins and ends at the first row that shows its time."""
    found = np.zeros(len(time))
    for number, ends in enumerate(spans, 1):
        places = [np.flatnonzero(time == end) for end in ends]
        if not all(len(place) for place in places):
            raise ValueError(f"window {number} begins or ends at a time that no row shows")
        found[places[0][0] : places[1][0] + 1] = number
    return found
