"""Any CSV file: wide (a column per sensor) or long (columns for sensor and value), with its own clock.

The whole file is held in memory, about 30 bytes a reading, so that sensors can be merged in order of time.
"""

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np

from simulator.announce import Tag
from simulator.batch import Batch, merged
from simulator.replay.clock import Clock, TimeError
from simulator.replay.files import ReplayError, header, number, rows
from simulator.replay.recording import Part, Recording

NAMED: Final = "; --time names the column of the time, --sensor, --value, --wide and --asset-column the others"


@dataclass(frozen=True, slots=True)
class Mapped:
    """How the columns of a file are to be understood.

    Attributes:
        time: column of the time.
        sensor, value: columns of a long file.
        wide: value columns of a wide file; empty: all but the time.
        asset: asset of all sensors; None: from the column `asset_column`.
        units: unit by column (wide) or sensor (long); under "" for all.
        delimiter, decimal: how the file separates cells and writes numbers.
    """

    time: str
    sensor: str | None = None
    value: str | None = None
    wide: Sequence[str] = ()
    asset: str | None = None
    asset_column: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    decimal: str = "."

    @property
    def fixed(self) -> list[str]:
        """Columns that must be there."""
        return [name for name in (self.time, self.sensor, self.value, self.asset_column, *self.wide) if name]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row or a cell that is of no use, where a file is looked at instead of played.

    Attributes:
        line: its line.
        what: time, value or cells.
        problem: in words, with the remedy.
        asset, sensor: whose; empty: the whole row.
        ts: its time, microseconds; None: it has none.
    """

    line: int
    what: Literal["time", "value", "cells"]
    problem: str
    asset: str = ""
    sensor: str = ""
    ts: int | None = None


Cell = tuple[str, str, str]  # asset, sensor, value
Refused = list[Refusal]


def read(path: Path, mapped: Mapped, clock: Clock, refused: Refused | None = None) -> Recording:
    """The readings of one file.

    Args:
        path: the file.
        mapped: its columns.
        clock: its times.
        refused: takes the rows and cells that do not fit; a cell that is no number becomes NaN. None: they are errors.

    Raises:
        ReplayError: columns, times or values do not fit; names line and column.
    """
    tags, batch = _load(path, mapped, clock, refused)
    columns = ("time", "sensor", "value", "wide", "asset", "asset_column", "delimiter", "decimal")
    options = {name: str(getattr(mapped, name)) for name in columns}
    options |= {name: str(getattr(clock, name)) for name in ("zone", "form", "gap", "overlap")}
    return Recording("csv", [path], [Part(path.name, tags, lambda: iter([batch]))], options)


def _load(path: Path, mapped: Mapped, clock: Clock, refused: Refused | None) -> tuple[list[Tag], Batch]:
    places = header(path, mapped.fixed, delimiter=mapped.delimiter, remedy=NAMED)
    found: dict[tuple[str, str], int] = {}
    sensor, ts, values = array("q"), array("q"), array("d")
    for line, moment, (asset, name, cell) in _cells(path, mapped, clock, places, refused):
        sensor.append(found.setdefault((asset, name), len(found)))
        ts.append(moment)
        try:
            values.append(number(path, line, name, cell))
        except ReplayError as error:
            values.append(math.nan)
            _refuse(refused, error, Refusal(line, "value", f"{cell.strip()[:40]!r} is not a number", asset, name, moment))
    tags = [_tag(mapped, asset, name) for asset, name in found]
    if len({tag.sensor_id for tag in tags}) < len(tags):
        raise ReplayError(path, "the same sensor under two assets; sensor names must be unique in the plant")
    columns = (np.frombuffer(sensor, np.int64), np.frombuffer(ts, np.int64), np.frombuffer(values, np.float64))
    return tags, merged(Batch(*columns))


def _tag(mapped: Mapped, asset: str, name: str) -> Tag:
    sensor_id = f"{asset}.{name}" if mapped.sensor is None else name
    return Tag(asset, sensor_id, None, mapped.units.get(name, mapped.units.get("")))


def _cells(path: Path, mapped: Mapped, clock: Clock, places: Mapping[str, int], refused: Refused | None) -> Iterator[tuple[int, int, Cell]]:
    """(line, time, cell) of every reading; empty cells are no readings."""
    lines = rows(path, delimiter=mapped.delimiter)
    _, names = next(lines)
    wide = [(name.strip(), place) for place, name in enumerate(names) if name.strip() in mapped.wide or not mapped.wide]
    wide = [(name, place) for name, place in wide if name not in (mapped.time, mapped.asset_column)]
    for line, row in lines:
        if len(row) != len(names):
            problem = f"{len(row)} cells instead of {len(names)}; wrong --delimiter, or the line is damaged"
            _refuse(refused, ReplayError(path, problem, line=line), Refusal(line, "cells", problem))
            continue
        asset = mapped.asset or row[places[mapped.asset_column or ""]].strip()
        single = (row[places[mapped.sensor]].strip(), places[mapped.value]) if mapped.sensor and mapped.value else None
        try:
            moment = clock.read(row[places[mapped.time]], f"{asset}/{single[0] if single else ''}")
        except TimeError as error:
            _refuse(refused, ReplayError(path, str(error), line=line, column=mapped.time), Refusal(line, "time", str(error), asset))
            continue
        for name, place in [single] if single else wide:
            if moment is not None and row[place].strip():
                yield line, moment, (asset, name, row[place].replace(mapped.decimal, "."))


def _refuse(refused: Refused | None, error: ReplayError, refusal: Refusal) -> None:
    """Note what does not fit, or raise it."""
    if refused is None:
        raise error from None
    refused.append(refusal)
