"""The typed frame of every data set: named columns of equal length, and what must stay together in a split."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one data set.

    Args:
        features: what a model may see, each (n,) float64; names end in their unit where they have one.
        targets: what it is to tell, each (n,) float64; never among the features.
        unit: (n,) machine, engine, cell or file a row belongs to; rows of a unit are in the order of time.
        time: (n,) time of a row in `time_unit`, rising within a unit.
        units: name of each unit by its number.

    """

    features: dict[str, FloatArray]
    targets: dict[str, FloatArray]
    unit: IntArray
    time: FloatArray
    time_unit: str
    units: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {len(column) for column in (*self.features.values(), *self.targets.values(), self.unit, self.time)}
        if len(lengths) != 1 or self.features.keys() & self.targets.keys():
            raise ValueError(f"columns of unequal length {sorted(lengths)} or a target among the features {sorted(self.features)}")

    def __len__(self) -> int:
        return len(self.unit)

    def matrix(self, names: Sequence[str] = ()) -> FloatArray:
        """Features as (n, k), in the order of the names; all of them without names."""
        return np.column_stack([self.features[name] for name in names or self.features])

    def rows(self, chosen: BoolArray | IntArray) -> "Table":
        """Some of the rows, by mask or by number."""
        return Table(
            {name: column[chosen] for name, column in self.features.items()},
            {name: column[chosen] for name, column in self.targets.items()},
            self.unit[chosen],
            self.time[chosen],
            self.time_unit,
            self.units,
        )

    def of_units(self, numbers: Sequence[int] | IntArray) -> "Table":
        """Rows of some units."""
        return self.rows(np.isin(self.unit, np.asarray(numbers)))

    def each(self) -> "Iterator[tuple[int, Table]]":
        """Unit by unit."""
        for number in np.unique(self.unit):
            yield int(number), self.rows(self.unit == number)
