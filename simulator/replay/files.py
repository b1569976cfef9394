"""Files of recorded data sets: plain or gzip, found by name, read strictly; every error names file, line, column, remedy."""

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GZIP_MAGIC = b"\x1f\x8b"
DELIMITERS: Final = ",;\t|"
SNIFFED: Final = 1000  # lines that tell how numbers are written; a few of them tell what separates cells
FEW: Final = 20
WITH_COMMA: Final = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
WITH_POINT: Final = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


class ReplayError(Exception):
    """A recorded file cannot be used as it is."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None, column: str | int | None = None) -> None:
        place = str(path) + (f":{line}" if line is not None else "") + (f", column {column}" if column is not None else "")
        super().__init__(f"{place}: {problem}")


def find(folder: Path, *patterns: str) -> list[Path]:
    """Files under a folder whose name matches, plain or with .gz; the plain one wins; sorted by path."""
    if not folder.is_dir():
        raise ReplayError(folder, "is not a folder; give the folder that holds the data set")
    found: dict[Path, Path] = {}
    for pattern in patterns:
        for path in (*folder.rglob(pattern + ".gz"), *folder.rglob(pattern)):
            found[plain(path)] = path
    return [found[name] for name in sorted(found)]


def plain(path: Path) -> Path:
    """The path without .gz."""
    return path.with_suffix("") if path.suffix == ".gz" else path


def open_text(path: Path) -> TextIO:
    """The text of a file, unpacked if it begins like gzip.

    Raises:
        ReplayError: the file cannot be read.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MAGIC
        binary = gzip.open(path) if packed else path.open("rb")  # noqa: SIM115  the caller closes the text
    except OSError as error:
        raise ReplayError(path, f"cannot be read: {error.strerror}") from None
    return io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")


def rows(path: Path, *, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Lines of a CSV file as (line number, cells); empty lines are left out.

    Raises:
        ReplayError: the file is damaged, or not UTF-8.
    """
    with open_text(path) as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
        except (EOFError, gzip.BadGzipFile) as error:
            raise ReplayError(path, f"the gzip file is damaged ({error}); fetch it again", line=reader.line_num) from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise ReplayError(path, f"not UTF-8 text with separated values ({error}); convert it", line=reader.line_num + 1) from None


def delimiter(path: Path, named: Callable[[Sequence[str]], bool]) -> str:
    """What separates the cells of a file: what gives its first lines as many cells as its header; a comma if nothing does.

    Args:
        path: the file.
        named: whether the header has the columns it must have; decides if more than one would do.

    Raises:
        ReplayError: several would do.
    """
    found = {each: [[cell.strip() for cell in cells] for _, cells in islice(rows(path, delimiter=each), FEW)] for each in DELIMITERS}
    fitting = [each for each, lines in found.items() if _rectangular(lines)]
    chosen = [each for each in fitting if named(found[each][0])] or fitting
    if len(chosen) > 1:
        told = " or ".join(repr(each) for each in chosen)
        raise ReplayError(path, f"cells may be separated by {told}: say which with --delimiter", line=1)
    return chosen[0] if chosen else DELIMITERS[0]


def _rectangular(lines: Sequence[Sequence[str]]) -> bool:
    """Whether most lines have as many cells as the first, and more than one."""
    return bool(lines) and len(lines[0]) > 1 and 2 * sum(len(cells) == len(lines[0]) for cells in lines[1:]) >= len(lines) - 1


def decimal(path: Path, separator: str, other: Collection[str]) -> str:
    """Comma or point: how a file writes its numbers; a point if it writes both, or whole numbers only.

    Args:
        path: the file.
        separator: of its cells.
        other: columns that hold no values.

    Raises:
        ReplayError: all its commas may be those of thousands.
    """
    lines = [cells for _, cells in islice(rows(path, delimiter=separator), SNIFFED)]
    places = [place for place, name in enumerate(lines[0] if lines else ()) if name.strip() not in other]
    cells = {line[place].strip() for line in lines[1:] for place in places if place < len(line)}
    commas = [cell for cell in cells if WITH_COMMA.fullmatch(cell)]
    if not commas or any(WITH_POINT.fullmatch(cell) for cell in cells):
        return "."
    if all(THOUSANDS.fullmatch(cell) for cell in commas):
        either = min(commas)
        problem = f"{either!r} may be {either.replace(',', '')} or {either.replace(',', '.')}: say --decimal ',' if it is the latter"
        raise ReplayError(path, f"{problem}, else write numbers without separators of thousands")
    return ","


def header(path: Path, wanted: Sequence[str], *, delimiter: str = ",", remedy: str = "") -> dict[str, int]:
    """Position of the wanted columns in the first line.

    Args:
        path: the file.
        wanted: names of columns.
        delimiter: between the cells.
        remedy: what to do if one is missing.

    Raises:
        ReplayError: one is missing; the message lists those there are.
    """
    _, cells = next(rows(path, delimiter=delimiter), (1, list[str]()))
    names = [cell.strip() for cell in cells]
    for name in wanted:
        if name not in names:
            told = f"no column {name!r}; found: {', '.join(names) or 'an empty file'}{_separated(names) or remedy}"
            raise ReplayError(path, told, line=1)
    return {name: names.index(name) for name in wanted}


def _separated(names: Sequence[str]) -> str:
    """What separates the cells of a header that was taken for one cell; empty if it is not."""
    other = max(DELIMITERS, key="".join(names).count)
    return f"; its cells seem to be separated by {other!r}: see --delimiter" if len(names) == 1 and other in names[0] else ""


def number(path: Path, line: int, column: str | int, cell: str) -> float:
    """A cell as a number.

    Raises:
        ReplayError: it is none.
    """
    try:
        return float(cell)
    except ValueError:
        remedy = "--decimal ',' reads it as such" if WITH_COMMA.fullmatch(cell.strip()) else "correct or remove the line"
        raise ReplayError(path, f"{cell!r} is not a number; {remedy}", line=line, column=column) from None


def matrix(path: Path, *, delimiter: str | None, skip: int = 0) -> Floats:
    """All numbers of a rectangular file, [rows, columns]; `delimiter` None: any white space.

    Raises:
        ReplayError: a cell is no number or a line has another number of cells.
    """
    try:
        with open_text(path) as text:
            return np.loadtxt(text, delimiter=delimiter, skiprows=skip, ndmin=2, dtype=np.float64)
    except (EOFError, gzip.BadGzipFile) as error:
        raise ReplayError(path, f"the gzip file is damaged ({error}); fetch it again") from None
    except ValueError as error:
        raise _diagnosed(path, delimiter, skip, error) from None


def fingerprint(paths: Sequence[Path]) -> list[dict[str, str | int]]:
    """Name, size and SHA-256 of files: what a manifest remembers of them."""
    return [{"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)} for path in paths]


def _sha256(path: Path) -> str:
    with path.open("rb") as binary:
        return hashlib.file_digest(binary, "sha256").hexdigest()


def _diagnosed(path: Path, delimiter: str | None, skip: int, error: ValueError) -> ReplayError:
    """Find the place that numpy only hints at."""
    width: int | None = None
    with open_text(path) as text:
        for line, content in enumerate(text, 1):
            cells = content.split(delimiter)
            if line <= skip or not content.strip():
                continue
            width = width or len(cells)
            if len(cells) != width:
                return ReplayError(path, f"{len(cells)} columns instead of {width}; the file is cut or damaged", line=line)
            for column, cell in enumerate(cells, 1):
                try:
                    float(cell)
                except ValueError:
                    return ReplayError(path, f"{cell.strip()!r} is not a number; correct or remove the line", line=line, column=column)
    return ReplayError(path, f"not a table of numbers ({error})")
