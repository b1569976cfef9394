"""Signals of a CSV file, wide: a column of times, a column per sensor. The sensors are named as `maint replay csv` names them."""

import csv
import re
from itertools import islice
from pathlib import Path
from typing import Final

from bridge.instant import Instant
from bridge.onboard.signal import KEPT_MAX, Signal
from bridge.plain import number
from bridge.reading import Point

UNIT: Final = re.compile(r"^(?P<name>.*?)[\s_]*[\[(](?P<unit>[^\])]*)[\])]\s*$")  # Temperature [°C], flow (m3/h)
TIMES: Final = ("timestamp", "time", "ts", "date", "datetime", "zeit", "datum")
DELIMITERS: Final = ",;\t|"
SAMPLE_CHARACTERS: Final = 4000


class FileError(ValueError):
    """The file cannot be read as a table of times and values; the message names the remedy."""


def read(path: Path, *, asset: str, time_column: str | None = None) -> list[Signal]:
    """What the columns of a file are, from its header and its first lines.

    Raises:
        FileError: it is no such file.
    """
    header, lines = _table(path)
    column = time_column or next((name for name in header if name.strip().lower() in TIMES), "")
    if column not in header:
        raise FileError(f"{path}: no column {column or 'of times'!r}; name it with --time: {', '.join(header)}")
    place, instant = header.index(column), _instant(lines, header.index(column))
    signals: dict[int, Signal] = {}
    for at, name in enumerate(header):
        if at != place and name.strip():
            signals[at] = _signal(asset, name.strip())
    for cells in lines:
        _look(signals, cells, _time(instant, cells[place] if place < len(cells) else ""))
    return [signal for signal in signals.values() if _is_sensor(signal)]


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(SAMPLE_CHARACTERS)
            file.seek(0)
            delimiter = max(DELIMITERS, key=sample.partition("\n")[0].count)
            rows = (cells for cells in csv.reader(file, delimiter=delimiter) if cells)
            header = next(rows, [])
            lines = list(islice(rows, KEPT_MAX))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path}: cannot be read as a table: {error}") from None
    if len(header) < 2:
        raise FileError(f"{path}: its first line names fewer than two columns")
    return header, lines


def _signal(asset: str, name: str) -> Signal:
    found = UNIT.match(name)
    return Signal(asset, f"{asset}.{name}", found["unit"] if found else "")


def _instant(lines: list[list[str]], place: int) -> Instant | None:
    """How the times are written: ISO, or numbers whose size tells their unit; None for other forms."""
    first = next((cells[place] for cells in lines if place < len(cells)), "")
    count = number(first)
    if count is None:
        return Instant()
    return next((Instant(unit) for unit, limit in (("s", 1e11), ("ms", 1e14), ("us", 1e17)) if count < limit), None)  # type: ignore[arg-type]


def _time(instant: Instant | None, cell: str) -> int | None:
    try:
        return instant.read(cell) if instant else None
    except ValueError:
        return None


def _look(signals: dict[int, Signal], cells: list[str], ts: int | None) -> None:
    for at, signal in signals.items():
        cell = cells[at].strip() if at < len(cells) else ""
        value = number(cell) if "," not in cell else number(cell.replace(",", "."))
        if value is None and cell:
            _doubt(signal, f"{cell[:20]!r} is not a number")
        elif value is not None:
            signal.see(Point(signal.asset_id, signal.sensor_id, ts or 0, value))
            if ts is None:
                _doubt(signal, "times are neither ISO 8601 nor numbers since 1970: see maint replay csv --time-format")


def _doubt(signal: Signal, text: str) -> None:
    if len(signal.doubts) < 3 and text not in signal.doubts:
        signal.doubts.append(text)


def _is_sensor(signal: Signal) -> bool:
    """A column without a single number is a text, not a sensor."""
    return bool(signal.values)
