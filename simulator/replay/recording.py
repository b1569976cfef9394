"""A recorded data set as something to publish: its files, its sensors, its readings part by part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.announce import Tag
from simulator.batch import Batch

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
EPOCH_US = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000  # begin of sets that state no time


@dataclass(frozen=True, slots=True)
class Part:
    """One file (or files on one time line): its sensors and how to read it, the same every time.

    batches: readings in order of time; their sensor column indexes tags. Raises files.ReplayError.
    """

    name: str
    tags: Sequence[Tag]
    batches: Callable[[], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class Recording:
    """A data set: name, files it was read from, parts in the order they are played, and what else decides its readings."""

    name: str
    files: Sequence[Path]
    parts: Sequence[Part]
    options: dict[str, str] = field(default_factory=dict)


def grid(ts: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> Batch:
    """Rows of a table, [rows] times and [rows, sensors] values, as readings in order of rows; empty cells (NaN) are left out.

    >>> import numpy as np
    >>> grid(np.array([5, 6]), np.array([[1.0, np.nan], [2.0, 3.0]])).value.tolist()
    [1.0, 2.0, 3.0]
    """
    count = values.shape[1]
    kept = ~np.isnan(values).ravel()
    sensor = np.tile(np.arange(count), len(ts))[kept]
    return Batch(sensor, np.repeat(ts, count)[kept], values.ravel()[kept])
