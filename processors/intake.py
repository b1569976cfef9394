"""From the values of a chunk to batches for kernels: one class per kind of input."""

from typing import cast

import numpy as np

from processors.batch import OK, UNREADABLE, Batch
from processors.layout import Floats, Longs
from processors.refusal import Problem
from processors.state import State
from schemas.blobs import Blobs
from schemas.codec import Resolve
from schemas.columns import INVALID, OTHER_RECORD, ColumnDecoder


class Readings:
    """Readings: one row a record.

    Args:
        resolve: looks up foreign schema ids.
    """

    record = "Reading"

    def __init__(self, resolve: Resolve | None) -> None:
        self._decoder = ColumnDecoder(self.record, resolve)
        self._batch: Batch

    def open(self, state: State, values: Blobs, keys: Blobs, offsets: Longs, known_at: Longs) -> Longs:
        """Decode a chunk; returns the indexes of the records that are no readings but perhaps marks."""
        columns = self._decoder.decode(values)
        columns.error[values.end - values.start > state.options.record_bytes_max] = INVALID
        count = len(values)
        self._batch = Batch(
            names=values.buffer,
            name_start=columns.spans["sensor_id"][0],
            name_end=columns.spans["sensor_id"][1],
            keys=keys.buffer,
            key_start=keys.start,
            key_end=keys.end,
            ts=cast("Longs", columns.numbers["ts"]),
            value=cast("Floats", columns.numbers["value"]),
            status=cast("Longs", columns.numbers["status"]),
            part=np.zeros(count, np.uint8),
            record=np.arange(count),
            offsets=offsets,
            known_at=known_at,
            outcome=np.where(columns.error == 0, OK, UNREADABLE).astype(np.uint8),
            slot=np.empty(count, np.int32),
        )
        return np.flatnonzero(columns.error == OTHER_RECORD)

    def batch(self, state: State, begin: int, end: int) -> tuple[Batch, int, int]:  # noqa: ARG002  frames need the state
        """The batch of records [begin, end) and the range of its rows."""
        return self._batch, begin, end

    def problem(self, i: int) -> Problem | None:  # noqa: ARG002  the content of a reading is always usable
        """What is wrong with the content of record i."""
        return None
