"""Records by columns, and the two ways from a Kafka record batch to them.

`plain` goes through aiokafka's own parser, record by record. split.py has a kernel for processes that load numba anyway;
what it does not read (old formats) and what the test compares it with is `plain`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch

from schemas.blobs import Blobs, joined

Longs: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = Sequence[bytes | None]

MAGIC_AT = 16  # byte of a record batch that tells its format
NEW_FORMAT = 2


@dataclass(slots=True)
class Record:
    """One input record; timestamp in milliseconds since 1970-01-01 UTC."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """n records of one partition in offset order.

    Attributes:
        offsets, timestamps: i8[n]; milliseconds since 1970-01-01 UTC.
        keys, values: n entries.
    """

    offsets: Longs
    timestamps: Longs
    keys: Values
    values: Values

    @classmethod
    def of(cls, records: Sequence[Any]) -> "Records":
        """From objects with the attributes of a Record."""
        return cls(
            np.array([record.offset for record in records], np.int64),
            np.array([record.timestamp for record in records], np.int64),
            [record.key for record in records],
            [record.value for record in records],
        )

    def __len__(self) -> int:
        return len(self.offsets)

    def __iter__(self) -> Iterator[Record]:
        return map(Record, self.offsets.tolist(), self.timestamps.tolist(), self.keys, self.values)

    def part(self, first: int, last: int) -> "Records":
        """Records [first, last)."""
        piece = slice(first, last)
        return Records(self.offsets[piece], self.timestamps[piece], self.keys[piece], self.values[piece])

    def place(self, offset: int) -> int:
        """Index of the first record at or after `offset`."""
        return int(np.searchsorted(self.offsets, offset))


Parse: TypeAlias = Callable[[Any], Records]  # of a whole record batch, compressed or not

NONE = Records(np.empty(0, np.int64), np.empty(0, np.int64), [], [])


def plain(batch: Any) -> Records:
    """Records of a batch of any format.

    Raises:
        aiokafka.errors.CorruptRecordException: the batch is damaged.
    """
    magic = batch[MAGIC_AT]
    return Records.of(list(DefaultRecordBatch(batch) if magic >= NEW_FORMAT else LegacyRecordBatch(batch, magic)))


def chained(parts: Sequence[Records]) -> Records:
    """All records of several runs, in order."""
    if len(parts) <= 1:
        return parts[0] if parts else NONE
    return Records(
        np.concatenate([part.offsets for part in parts]),
        np.concatenate([part.timestamps for part in parts]),
        _all([part.keys for part in parts]),
        _all([part.values for part in parts]),
    )


def _all(parts: Sequence[Values]) -> Values:
    blobs = [part for part in parts if isinstance(part, Blobs)]
    if len(blobs) == len(parts):
        return joined(blobs)
    return [value for part in parts for value in part]
