"""Readings to bytes, fast: one prepared head per sensor, then times and values of a whole batch at once.

Gives exactly the bytes of schemas.codec.encode("Reading", ...) for Good readings without a sequence number; times whose
Avro form is not 8 bytes long (before December 1978) go through the codec itself.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from schemas import codec
from simulator.batch import Batch

TS_BYTES, VALUE_BYTES, END_BYTES = 8, 8, 2  # END: status 0 and seq null
TAIL = TS_BYTES + VALUE_BYTES + END_BYTES
SHORT_TAIL = 1 + VALUE_BYTES + END_BYTES  # with ts = 0
TS_LOW, TS_HIGH = 2**48, 2**55  # times whose zigzag varint has 8 bytes
SHIFTS = np.arange(0, 7 * TS_BYTES, 7, dtype=np.uint64)
MORE = np.array([0x80] * (TS_BYTES - 1) + [0], dtype=np.uint8)


class Encoder:
    """Encodes batches whose sensor column indexes `sensor_ids`.

    Raises:
        RuntimeError: the Reading schema has changed and this fast form no longer equals the codec's.
    """

    def __init__(self, sensor_ids: Sequence[str]) -> None:
        self._ids = list(sensor_ids)
        heads = [codec.encode("Reading", {"sensor_id": name, "ts": 0, "value": 0.0})[:-SHORT_TAIL] for name in self._ids]
        width = max(map(len, heads), default=0)
        self._head = np.array([list(head.rjust(width, b"\0")) for head in heads], dtype=np.uint8).reshape(len(heads), width)
        self._length = np.array([len(head) for head in heads], dtype=np.int64)
        self._check()

    def encode(self, batch: Batch) -> list[bytes]:
        """Framed Avro values, one per row."""
        if not len(batch):
            return []
        width = self._head.shape[1] + TAIL
        rows = np.zeros((len(batch), width), dtype=np.uint8)
        rows[:, :-TAIL] = self._head[batch.sensor]
        rows[:, -TAIL : -TAIL + TS_BYTES] = _varints(batch.ts)
        rows[:, -TAIL + TS_BYTES : -END_BYTES] = batch.value.astype("<f8").view(np.uint8).reshape(-1, VALUE_BYTES)
        blob = rows.tobytes()
        ends = np.arange(1, len(batch) + 1) * width
        starts = ends - TAIL - self._length[batch.sensor]
        values = [blob[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        for row in np.flatnonzero((batch.ts < TS_LOW) | (batch.ts >= TS_HIGH)).tolist():
            values[row] = self._plain(batch, row)
        return values

    def _plain(self, batch: Batch, row: int) -> bytes:
        record = {"sensor_id": self._ids[batch.sensor[row]], "ts": int(batch.ts[row]), "value": float(batch.value[row])}
        return codec.encode("Reading", record)

    def _check(self) -> None:
        if not self._ids:
            return
        probe = Batch(np.zeros(1, np.int64), np.full(1, 1_700_000_000_123_456), np.full(1, 1.5))
        if self.encode(probe)[0] != self._plain(probe, 0):
            raise RuntimeError("the schema of Reading has changed: bring simulator/encoder.py in line with it")


def _varints(ts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Zigzag varints of 8 bytes, [rows, 8]; meaningless outside [TS_LOW, TS_HIGH)."""
    zigzag = (ts.astype(np.uint64) << np.uint64(1))[:, None]
    return ((zigzag >> SHIFTS) & np.uint64(0x7F)).astype(np.uint8) | MORE
