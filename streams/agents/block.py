"""Scored blocks: columns of one span of one input partition, written as Avro without a generic encoder.

The dictionary of up to thousands of sensors makes fastavro the dearest step of the data plane (a few us a sensor),
so entries are encoded once per slot and joined. The test reads blocks back with fastavro.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors.options import Source
from schemas.codec import frame
from schemas.encoder import number, text
from schemas.manifest import NEWEST
from streams.transport.span import Range

Entry = tuple[str, str, str, str]  # sensor_id, asset_id, quantity, state
Rows = NDArray[Any]
Slots = NDArray[np.int32]
Describe = Callable[[Slots], Sequence[Entry]]  # entries of slots, in the same order
Sign = Callable[[Slots], NDArray[np.uint64]]  # a number per slot that changes when its entry does
SENSORS_MAX = 65_536  # the sensor column is u2


@dataclass(frozen=True, slots=True)
class Stretch:
    """The input offsets [start, end) a block accounts for."""

    start: int
    end: int
    voids: Sequence[Range] = ()
    expired: Sequence[Range] = ()


class Dictionary:
    """Encoded entries by slot, renewed when what describes the sensor changes."""

    def __init__(self, describe: Describe, sign: Sign) -> None:
        self._describe, self._sign = describe, sign
        self._signs = np.zeros(0, np.uint64)
        self._encoded: list[bytes] = []

    def encode(self, slots: Slots) -> bytes:
        """An Avro array of BlockSensor; slots ascending."""
        if not len(slots):
            return _array([])
        self._grow(int(slots[-1]) + 1)
        signs = self._sign(slots)
        changed = slots[self._signs[slots] != signs]
        if len(changed):
            for slot, entry in zip(changed.tolist(), self._describe(changed), strict=True):
                self._encoded[slot] = b"".join(map(text, entry))
            self._signs[slots] = signs
        return _array([self._encoded[slot] for slot in slots.tolist()])

    def _grow(self, size: int) -> None:
        missing = size - len(self._encoded)
        if missing > 0:
            self._encoded += [b""] * missing
            self._signs = np.concatenate((self._signs, np.zeros(missing, np.uint64)))


class Blocks:
    """Builds the blocks of one input partition."""

    def __init__(self, source: Source, kernel: str, dictionary: Dictionary) -> None:
        self._begin = frame(NEWEST["ScoredBlock"].id) + text(source.topic) + text(source.topic_id) + number(source.partition)
        self._kernel = text(kernel)
        self._dictionary = dictionary

    def build(self, stretch: Stretch, rows: Rows, counts: NDArray[Any], rejected: Sequence[int]) -> bytes:
        """The framed value of a block.

        Args:
            stretch: what it accounts for.
            rows: structured array with the fields of processors.acquisition.ROW, `sensor` being a slot.
            counts: structured array (minute, received, rejected, mark, late).
            rejected: offsets of the rejected records, ascending.
        """
        slots, index = _numbered(rows["sensor"])
        assert len(slots) <= SENSORS_MAX, "a block holds at most as many sensors as its column can number"
        columns = (
            (rows["offset"] - stretch.start).astype("<u4"),
            index.astype("<u2"),
            rows["flags"].astype("<u2"),
            rows["ts"].astype("<i8"),
            rows["known_at"].astype("<i8"),
            rows["value"].astype("<f8"),
            rows["status"].astype("<u4"),
            rows["score"].astype("<f4"),
            (np.asarray(rejected, np.int64) - stretch.start).astype("<u4"),
        )
        return b"".join(
            (
                self._begin,
                number(stretch.start),
                number(stretch.end),
                _array([number(start) + number(end) for start, end in stretch.voids]),
                _array([number(start) + number(end) for start, end in stretch.expired]),
                self._dictionary.encode(slots),
                _array([b"".join(map(number, row)) for row in counts.tolist()]),
                number(len(rows)),
                *(number(column.nbytes) + column.tobytes() for column in columns),
                self._kernel,
            )
        )


def _array(items: Sequence[bytes]) -> bytes:
    return number(len(items)) + b"".join(items) + b"\0" if items else b"\0"


def total(counts: Iterable[NDArray[Any]]) -> NDArray[Any] | None:
    """Counts summed by minute, in order of time; None when there are none."""
    arrays = [array for array in counts if len(array)]
    if not arrays:
        return None
    if len(arrays) == 1:
        return arrays[0]
    joined = np.concatenate(arrays)
    minutes, index = np.unique(joined["minute"], return_inverse=True)
    summed = np.zeros(len(minutes), joined.dtype)
    summed["minute"] = minutes
    for name in ("received", "rejected", "mark", "late"):
        np.add.at(summed[name], index, joined[name])
    return summed


def _numbered(sensors: Slots) -> tuple[Slots, NDArray[np.int64]]:
    """The distinct slots, ascending, and the place of each row's slot among them; slots are few, so nothing is sorted.

    >>> _numbered(np.array([5, 2, 5], np.int32))
    (array([2, 5], dtype=int32), array([1, 0, 1]))
    """
    used = np.zeros(int(sensors.max(initial=-1)) + 1, np.bool_)
    used[sensors] = True
    return np.flatnonzero(used).astype(np.int32), (np.cumsum(used) - 1)[sensors]
