"""Readings as columns: what generators and data sets hand to the publisher."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings in the order they are published.

    sensor: index into the list of sensors of the source; ts: event time in microseconds since 1970 (UTC); value: in the
    unit of the sensor. All three have the same length.
    """

    sensor: npt.NDArray[np.int64]
    ts: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts)

    def part(self, start: int, end: int) -> "Batch":
        """Rows [start, end) as views."""
        return Batch(self.sensor[start:end], self.ts[start:end], self.value[start:end])

    def shifted(self, shift_us: int) -> "Batch":
        """The same readings at other times."""
        return Batch(self.sensor, self.ts + shift_us, self.value) if shift_us else self


def merged(batch: Batch) -> Batch:
    """Rows in order of time across sensors, while every sensor keeps the order in which its rows came.

    A sensor whose clock jumps back stays where it was until it has caught up.

    >>> import numpy as np
    >>> rows = Batch(np.array([0, 0, 0, 1]), np.array([10, 30, 20, 15]), np.array([1.0, 2.0, 3.0, 4.0]))
    >>> merged(rows).ts.tolist()
    [10, 15, 30, 20]
    """
    highest = batch.ts.copy()
    by_sensor = np.argsort(batch.sensor, kind="stable")
    starts = np.flatnonzero(np.diff(batch.sensor[by_sensor])) + 1
    for rows in np.split(by_sensor, starts):
        highest[rows] = np.maximum.accumulate(batch.ts[rows])
    order = np.argsort(highest, kind="stable")
    return Batch(batch.sensor[order], batch.ts[order], batch.value[order])
