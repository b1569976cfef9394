"""Reading published files, plain or packed, and telling whether their content is what was published."""

import csv
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.datasets import DataError
from models.table import FloatArray


def find(folder: Path, name: str) -> Path:
    """A file of this name, plain or ending in .gz.

    Raises:
        DataError: there is none.

    """
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DataError(f"{folder.name}/{name}: missing, plain and as .gz; download the data set again (`maint models list` names where)")


def text(path: Path) -> str:
    """Content of a file, unpacked where it is packed.

    Raises:
        DataError: it cannot be unpacked or is no text.

    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: cannot be read ({error}); download it again") from error


def columns(path: Path, names: Sequence[str]) -> list[list[str]]:
    """Columns of these names of a file with a header, as texts.

    Raises:
        DataError: a column is missing, or a row is cut short.

    """
    rows = csv.reader(text(path).splitlines())
    header = next(rows, [])
    missing = [name for name in names if name not in header]
    if missing:
        raise DataError(f"{path.name}: no column {', '.join(missing)}; found {', '.join(header[:20])}; use the published file")
    places = [header.index(name) for name in names]
    found: list[list[str]] = [[] for _ in names]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise DataError(f"{path.name}: line {number} has {len(row)} of {len(header)} fields; download it again")
        for column, place in zip(found, places, strict=True):
            column.append(row[place])
    return found


def numbers(values: Sequence[str], name: str) -> FloatArray:
    """Texts as numbers.

    Raises:
        DataError: one is none.

    """
    try:
        return np.asarray(values, np.float64)
    except ValueError as error:
        raise DataError(f"{name}: {error}; use the published file") from error


def matrix(path: Path) -> FloatArray:
    """All rows of a file with one header line, as numbers (rows, fields).

    Raises:
        DataError: a field is no number, or rows differ in length.

    """
    try:
        return np.loadtxt(text(path).splitlines(), delimiter=",", skiprows=1, ndmin=2)
    except ValueError as error:
        raise DataError(f"{path.name}: {error}; download it again") from error


def fingerprint(content: Mapping[str, FloatArray]) -> str:
    """sha256 over names and numbers as read, before anything is computed: the same for every layout of the same content."""
    total = hashlib.sha256()
    for name, values in content.items():
        total.update(name.encode() + b"\0" + np.ascontiguousarray(values).tobytes())
    return total.hexdigest()


def published(content: Mapping[str, FloatArray], expected: str, name: str) -> None:
    """Nothing, where the content is what was published.

    Raises:
        DataError: it is not.

    """
    found = fingerprint(content)
    if found != expected:
        rows = len(next(iter(content.values())))
        raise DataError(f"{name}: content has checksum {found[:12]}, published is {expected[:12]} ({rows} rows read); download it again")
