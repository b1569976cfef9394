"""Files of recorded data sets: plain or gzip, found by name, read strictly; every error names file, line, column, remedy."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GZIP_MAGIC = b"\x1f\x8b"


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


def header(path: Path, wanted: Sequence[str], *, delimiter: str = ",") -> dict[str, int]:
    """Position of the wanted columns in the first line.

    Raises:
        ReplayError: one is missing; the message lists those there are.
    """
    _, cells = next(rows(path, delimiter=delimiter), (1, list[str]()))
    names = [cell.strip() for cell in cells]
    for name in wanted:
        if name not in names:
            raise ReplayError(path, f"no column {name!r}; found: {', '.join(names) or 'an empty file'}", line=1)
    return {name: names.index(name) for name in wanted}


def number(path: Path, line: int, column: str | int, cell: str) -> float:
    """A cell as a number.

    Raises:
        ReplayError: it is none.
    """
    try:
        return float(cell)
    except ValueError:
        raise ReplayError(path, f"{cell!r} is not a number; correct or remove the line", line=line, column=column) from None


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
