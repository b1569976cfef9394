"""From frames to batches: samples become rows of their sensor, a waveform becomes rows of sensors derived from it.

The first row of a frame stands for the record; further ones carry Flag.PART.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors import waveform
from processors.batch import BAD_TIME, DECOMMISSIONED, NO_FRAME, OK, UNREADABLE, Batch
from processors.identity import find_sensor
from processors.layout import DECOMMISSIONED as STATE_DECOMMISSIONED
from processors.layout import NONE, Bytes, Floats, Longs
from processors.refusal import SAMPLES_MAX, Problem, frame_problem
from processors.state import State
from processors.validation import SECOND_US
from schemas.blobs import Blobs
from schemas.codec import Resolve
from schemas.columns import INVALID, OTHER_RECORD, ColumnDecoder, Columns

WAVEFORM: Final = 1  # index in the schema's kinds


@dataclass(slots=True)
class Rows:
    """The rows of one frame: names, times, values; one row without meaning if the frame cannot be used."""

    outcome: int
    names: list[bytes]
    ts: Longs
    values: Floats


class Frames:
    """Frames: several rows a record.

    Args:
        resolve: looks up foreign schema ids.
    """

    record = "Frame"

    def __init__(self, resolve: Resolve | None) -> None:
        self._decoder = ColumnDecoder(self.record, resolve)
        self._columns: Columns
        self._buffer: Bytes
        self._keys: Blobs
        self._offsets: Longs
        self._known_at: Longs

    def open(self, state: State, values: Blobs, keys: Blobs, offsets: Longs, known_at: Longs) -> Longs:
        """Decode a chunk; returns the indexes of the records that are no frames but perhaps marks."""
        self._buffer, self._keys = values.buffer, keys
        self._offsets, self._known_at = offsets, known_at
        self._columns = self._decoder.decode(values)
        self._columns.error[values.end - values.start > state.options.record_bytes_max] = INVALID
        return np.flatnonzero(self._columns.error == OTHER_RECORD)

    def batch(self, state: State, begin: int, end: int) -> tuple[Batch, int, int]:
        """The batch of records [begin, end) and the range of its rows."""
        frames = [self._rows(state, i) for i in range(begin, end)]
        sizes = [len(rows.names) for rows in frames]
        record = np.repeat(np.arange(begin, end), sizes)
        names = Blobs.of([name for rows in frames for name in rows.names])
        batch = Batch(
            names=names.buffer,
            name_start=names.start,
            name_end=names.end,
            keys=self._keys.buffer,
            key_start=self._keys.start[record],
            key_end=self._keys.end[record],
            ts=np.concatenate([rows.ts for rows in frames]),
            value=np.concatenate([rows.values for rows in frames]),
            status=self._columns.numbers["status"][record].astype(np.int64),
            part=np.concatenate([np.minimum(np.arange(size), 1) for size in sizes]).astype(np.uint8),
            record=record,
            offsets=self._offsets,
            known_at=self._known_at,
            outcome=np.repeat([rows.outcome for rows in frames], sizes).astype(np.uint8),
            slot=np.empty(len(record), np.int32),
        )
        return batch, 0, len(record)

    def problem(self, i: int) -> Problem | None:
        """What is wrong with the content of frame i."""
        values, rate_hz, kind = self._content(i)
        if kind == WAVEFORM:
            return frame_problem(len(values), rate_hz, values_min=waveform.VALUES_MIN, values_max=None)
        return frame_problem(len(values), rate_hz, values_min=1, values_max=SAMPLES_MAX)

    def waveforms(self, begin: int, end: int) -> list[int]:
        """Records of [begin, end) that hold a readable waveform."""
        kinds, errors = self._columns.numbers["kind"][begin:end], self._columns.error[begin:end]
        return [begin + int(i) for i in np.flatnonzero((errors == 0) & (kinds == WAVEFORM))]

    def name(self, i: int) -> str:
        """Sensor of the readable record i."""
        return self._name(i).decode()

    def waveform(self, state: State, i: int) -> tuple[Floats, float]:
        """Acceleration of the usable waveform i in m/s2, as the catalogue scales it now, and its values per second."""
        raw, rate_hz, _ = self._content(i)
        scale, offset = _scale(state, find_sensor(state, self._name(i)))
        return np.frombuffer(raw, "<f4").astype(np.float64) * scale + offset, rate_hz

    def _name(self, i: int) -> bytes:
        start, end = (int(bound[i]) for bound in self._columns.spans["sensor_id"])
        return self._buffer[start:end].tobytes()

    def _content(self, i: int) -> tuple[bytes, float, int]:
        start, end = (int(bound[i]) for bound in self._columns.spans["values"])
        numbers = self._columns.numbers
        return self._buffer[start:end].tobytes(), float(numbers["sample_rate_hz"][i]), int(numbers["kind"][i])

    def _rows(self, state: State, i: int) -> Rows:
        if self._columns.error[i]:
            return _unusable(UNREADABLE, b"", 0)
        name, ts = self._name(i), int(self._columns.numbers["ts"][i])
        if self.problem(i):
            return _unusable(NO_FRAME, name, ts)
        raw, rate_hz, kind = self._content(i)
        values = np.frombuffer(raw, "<f4").astype(np.float64)
        if kind != WAVEFORM:
            return _samples(state, name, ts, rate_hz, values, int(self._known_at[i]))
        return _features(state, name, ts, rate_hz, values)


def _samples(state: State, name: bytes, ts: int, rate_hz: float, values: Floats, known_at_us: int) -> Rows:
    span_us = (len(values) - 1) / rate_hz * SECOND_US
    if ts + span_us > known_at_us + state.options.future_s_max * SECOND_US:
        return _unusable(BAD_TIME, name, int(min(ts + span_us, 2**62)))
    times = ts + np.rint(np.arange(len(values)) * (SECOND_US / rate_hz)).astype(np.int64)
    return Rows(OK, [name] * len(values), times, values)


def _features(state: State, name: bytes, ts: int, rate_hz: float, values: Floats) -> Rows:
    slot = find_sensor(state, name)
    if slot != NONE and state.sensors[slot]["state"] == STATE_DECOMMISSIONED:
        return _unusable(DECOMMISSIONED, name, ts)
    scale, offset = _scale(state, slot)
    with np.errstate(invalid="ignore", over="ignore"):  # a waveform with NaN has no features: they become rows without a value
        found = waveform.features(values * scale + offset, rate_hz)
    names = [name + b":" + feature.encode() if name else b"" for feature in found]
    return Rows(OK, names, np.full(len(found), ts), np.array(list(found.values())))


def _scale(state: State, slot: int) -> tuple[float, float]:
    """Scale and offset of a sensor; NONE: the catalogue does not know it."""
    return (1.0, 0.0) if slot == NONE else (float(state.sensors[slot]["scale"]), float(state.sensors[slot]["offset"]))


def _unusable(outcome: int, name: bytes, ts: int) -> Rows:
    return Rows(outcome, [name], np.array([ts]), np.zeros(1))
