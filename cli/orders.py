"""The file of work orders that `maint backtest` reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from report.backtest import Failure
from report.orders import OrdersError, places
from simulator.replay.clock import Clock, TimeError
from simulator.replay.files import ReplayError, rows

DELIMITERS: Final = ",;\t|"


def read(path: Path, chosen: Mapping[str, str], clock: Clock) -> tuple[list[Failure], int]:
    """The failures of a CSV file, and how many lines only repeat another.

    Args:
        path: the file; its separator is found from its first line.
        chosen: column by meaning (asset, at, mode), where the user named it.
        clock: how times are written.

    Raises:
        ReplayError: a column is missing, or a line has no usable asset or time.
    """
    delimiter = max(DELIMITERS, key=_first(path).count)
    lines = rows(path, delimiter=delimiter)
    number, header = next(lines, (1, list[str]()))
    try:
        place = places(header, chosen)
    except OrdersError as error:
        raise ReplayError(path, str(error), line=number) from None
    failures = [_failure(path, line, cells, place, clock) for line, cells in lines if any(cell.strip() for cell in cells)]
    if not failures:
        raise ReplayError(path, "holds no work order")
    distinct = list(dict.fromkeys(failures))
    return distinct, len(failures) - len(distinct)


def _first(path: Path) -> str:
    """First line of the file as it is."""
    _, cells = next(rows(path, delimiter="\0"), (1, [""]))
    return cells[0]


def _failure(path: Path, line: int, cells: list[str], place: Mapping[str, int], clock: Clock) -> Failure:
    if len(cells) <= max(place.values()):
        raise ReplayError(path, f"only {len(cells)} cells; the line is damaged", line=line)
    asset, said = cells[place["asset"]].strip(), cells[place["at"]].strip()
    if not asset:
        raise ReplayError(path, "no asset; fill it in, or remove the line", line=line)
    try:
        moment = clock.read(said, asset)
    except TimeError as error:
        raise ReplayError(path, str(error), line=line, column="at") from None
    if moment is None:
        raise ReplayError(path, f"{said!r} never was in {clock.zone}; correct it", line=line, column="at")
    return Failure(asset, moment, cells[place["mode"]].strip() if "mode" in place else "")
