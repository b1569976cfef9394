"""Signals of a CSV file, wide: a column of times, a column per sensor. The sensors are named as `maint replay csv` names them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from bridge.onboard.signal import Signal
from bridge.plain import number
from bridge.reading import Point
from catalogue.units import bracketed

TIMES: Final = ("timestamp", "time", "ts", "date", "datetime", "zeit", "datum")
FORMS: Final = (("s", 1e11), ("ms", 1e14), ("us", 1e17))  # numbers since 1970 below this are of this unit
DOUBTS_MAX: Final = 3  # of one signal
LINES_TOLD: Final = 10_000  # between two words of progress

Time = Callable[[str], int | None]  # a cell to microseconds since 1970 UTC, None: skip the row; ValueError says what is wrong


class FileError(ValueError):
    """The file cannot be read as a table of times and values; the message names the remedy."""


class Found(NamedTuple):
    """Signals of a file, and the number of its lines that were read."""

    signals: list[Signal]
    lines: int


def is_time(name: str) -> bool:
    """Whether a heading is one of the usual ones of a column of times.

    >>> is_time("Zeit "), is_time("flow")
    (True, False)
    """
    return name.strip().lower() in TIMES


def read(
    rows: Iterator[tuple[int, list[str]]],
    *,
    asset: str,
    clock: Callable[[str], Time],
    time_column: str | None = None,
    progress: Callable[[int], None] = lambda _lines: None,
) -> Found:
    """What the columns of a file are, from its header and all of its lines. Holds one line at a time.

    Args:
        rows: (line number, cells), the header first.
        asset: whose sensors the columns are.
        clock: gives what reads the times, from the form its first cell seems to have: iso, s, ms or us.
        time_column: its name; None: found by the usual ones.
        progress: called with the lines read so far, now and then.

    Raises:
        FileError: it is no such file, or none of its times can be read.
    """
    _, header = next(rows, (1, list[str]()))
    place = _place(header, time_column)
    signals = {at: _signal(asset, name.strip()) for at, name in enumerate(header) if at != place and name.strip()}
    first = next(rows, None)
    if first is None:
        raise FileError("there is no line below the header: nothing tells what the columns are")
    time = clock(_form(_cell(first[1], place)))
    count, known, problem = 0, 0, ""
    for line, cells in chain([first], rows):
        count += 1
        try:
            ts = time(_cell(cells, place))
        except ValueError as error:
            problem = problem or f"line {line}: {error}"
        else:
            known += ts is not None
            _look(signals.items(), cells, ts, line)
        if count % LINES_TOLD == 0:
            progress(count)
    if problem and not known:
        raise FileError(problem)
    found = [signal for signal in signals.values() if signal.count]  # a column without a single number is a text
    for signal in found if problem else ():
        signal.doubts.insert(0, f"{count - known} of {count} times cannot be used, the first in {problem}")
    return Found(found, count)


def _place(header: Sequence[str], time_column: str | None) -> int:
    if len(header) < 2:
        raise FileError("its first line names fewer than two columns: is --delimiter right?")
    names = [name.strip() for name in header]
    column = time_column or next(filter(is_time, names), "")
    if column not in names:
        raise FileError(f"no column {column or 'of times'!r}; name it with --time: {', '.join(names)}")
    return names.index(column)


def _signal(asset: str, name: str) -> Signal:
    return Signal(asset, f"{asset}.{name}", bracketed(name))


def _form(cell: str) -> str:
    """How a time is written: ISO, or a number whose size tells its unit."""
    count = number(cell)
    return "iso" if count is None else next((unit for unit, limit in FORMS if count < limit), "iso")


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _look(signals: Iterable[tuple[int, Signal]], cells: Sequence[str], ts: int | None, line: int) -> None:
    if ts is None:
        return
    for at, signal in signals:
        cell = _cell(cells, at)
        value = number(cell) if "," not in cell else number(cell.replace(",", "."))
        if value is not None:
            signal.see(Point(signal.asset_id, signal.sensor_id, ts, value))
        elif cell and len(signal.doubts) < DOUBTS_MAX:
            text = f"{cell[:20]!r} is not a number"
            if not any(doubt.startswith(text) for doubt in signal.doubts):
                signal.doubts.append(f"{text} (line {line})")
