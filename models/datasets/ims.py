"""IMS: four bearings on one shaft, run until one failed, three times; a recording of a second every ten minutes.

Layout: folders `1st_test`, `2nd_test` and `3rd_test` somewhere below; the archive of the third unpacks to `4th_test/txt` or
`3rd_test/4th_test/txt`, and all may stand in a folder of their own name once more. Files are named by their time.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from models.datasets import DataError
from models.datasets.bearing import G_M_S2, REMAINING, Life, features, table
from models.datasets.source import text
from models.table import FloatArray, IntArray, Table

FAILED: Final = "failed"
FOLDERS: Final = {"1st_test": "1st_test", "2nd_test": "2nd_test", "3rd_test": "3rd_test", "4th_test": "3rd_test"}
DIRECTIONS: Final = {"1st_test": 2, "2nd_test": 1, "3rd_test": 1}  # channels of each bearing
BEARINGS: Final = 4
DAMAGED: Final = {"1st_test": (3, 4), "2nd_test": (1,), "3rd_test": (3,)}  # found at the end of each test
FILES: Final = {"1st_test": 2156, "2nd_test": 984, "3rd_test": 6324}  # in the archive; the text beside it says 4,448 of the third
RATE_HZ: Final = 20_000.0
ROWS: Final = 20_480  # of a file
TIMED: Final = re.compile(r"\d{4}(\.\d{2}){5}")
STAMP: Final = "%Y.%m.%d.%H.%M.%S"


def load(folder: Path) -> Table:
    """One row a file and bearing: features, unit the bearing (`2nd_test/1`), time minutes of the clock since the first file.

    Targets: minutes to the last file of the test, and `failed`, 1 for the bearings that were found damaged at its end. What remained
    of the others is not known: at least as long.

    Raises:
        DataError: no files in this layout, files of a test are missing or there twice, or one is not as published.

    """
    tests: dict[str, list[Path]] = {}
    for path in folder.glob("**/*"):
        test = next((FOLDERS[part] for part in reversed(path.parts[:-1]) if part in FOLDERS), "")
        if test and TIMED.fullmatch(path.name):
            tests.setdefault(test, []).append(path)
    if not tests:
        raise DataError(f"{folder.name}: no 1st_test/2003.10.22.12.06.24 or the like; unpack IMS (NASA Prognostics Center, Bearings) there")
    return table([life for test in sorted(tests) for life in _lives(test, sorted(tests[test], key=lambda path: path.name))])


def folds(table: Table) -> list[tuple[IntArray, IntArray]]:
    """Of each bearing that failed: rows of those that failed in other tests, and its own. Two of one test share shaft and days."""
    failed = table.targets[FAILED] > 0.0
    test = np.array([name.split("/")[0] for name in table.units])[table.unit]
    numbers = np.unique(table.unit[failed]).tolist()
    parts = [(np.flatnonzero(failed & (test != test[table.unit == number][0])), np.flatnonzero(table.unit == number)) for number in numbers]
    return [(train, held) for train, held in parts if len(train)]


def _lives(test: str, paths: Sequence[Path]) -> Iterator[Life]:
    """Its bearings; one file is held at a time."""
    names = [path.name for path in paths]
    twice = next((one for one, other in pairwise(names) if one == other), "")
    if twice:
        raise DataError(f"{test}/{twice}: there twice; leave one copy of the test in the folder")
    if len(paths) != FILES.get(test, len(paths)):
        raise DataError(f"{test}: {len(paths)} files, published are {FILES[test]}; unpack the test again")
    rows = np.array([_bearings(path, test) for path in paths])
    began = [datetime.strptime(name, STAMP) for name in names]  # noqa: DTZ007  the rig's own clock, without a zone
    minutes = np.array([(moment - began[0]).total_seconds() / 60.0 for moment in began])
    for place in range(BEARINGS):
        damaged = np.full(len(paths), float(place + 1 in DAMAGED[test]))
        yield Life(f"{test}/{place + 1}", rows[:, place], minutes, {REMAINING: minutes[-1] - minutes, FAILED: damaged})


def _bearings(path: Path, test: str) -> FloatArray:
    """Features of the bearings in one file, (bearings, names); the file holds g."""
    name, width = f"{test}/{path.name}", DIRECTIONS[test]
    try:
        values = np.loadtxt(text(path).splitlines(), delimiter="\t", ndmin=2)
    except ValueError as error:
        raise DataError(f"{name}: {error}; unpack the test again") from error
    if values.shape != (ROWS, BEARINGS * width) or not np.isfinite(values).all():
        found, expected = (f"{rows} rows of {channels} channels" for rows, channels in (values.shape, (ROWS, BEARINGS * width)))
        raise DataError(f"{name}: {found} or gaps, published are {expected}; unpack the test again")
    return np.array([features(values[:, first : first + width] * G_M_S2, RATE_HZ) for first in range(0, BEARINGS * width, width)])
