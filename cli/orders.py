"""The file of work orders that `maint backtest` reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from report.backtest import Failure
from report.orders import OrdersError, places
from simulator.replay import files
from simulator.replay.clock import Clock, TimeError
from simulator.replay.files import ReplayError


def read(path: Path, chosen: Mapping[str, str], clock: Clock, delimiter: str = "") -> tuple[list[Failure], int]:
    """The failures of a CSV file, and how many lines only repeat another.

    Args:
        path: the file.
        chosen: column by meaning (asset, at, mode), where the user named it.
        clock: how times are written.
        delimiter: between the cells; found from the first lines unless given.

    Raises:
        ReplayError: a column is missing, or a line has no usable asset or time.
    """
    lines = files.rows(path, delimiter=delimiter or files.delimiter(path, lambda names: _named(names, chosen)))
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


def _named(names: Sequence[str], chosen: Mapping[str, str]) -> bool:
    try:
        places(names, chosen)
    except OrdersError:
        return False
    return True


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
