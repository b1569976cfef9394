"""Batches of values to columns. Knows every released schema; foreign ones come from a resolver. No compilation when a new id appears."""

from dataclasses import dataclass

import numpy as np

from schemas.blobs import Blobs, Bytes, Longs
from schemas.codec import Resolve, Undecodable, find_writer
from schemas.kernel import INVALID, NO_FRAME, OK, OTHER_RECORD, UNKNOWN_ID, Doubles, read_rows
from schemas.manifest import ENTRIES, NEWEST
from schemas.program import Target, compile_program, targets

__all__ = ["INVALID", "NO_FRAME", "OK", "OTHER_RECORD", "UNKNOWN_ID", "ColumnDecoder", "Columns"]


@dataclass(frozen=True, slots=True)
class Columns:
    """A batch by columns of n entries. They belong to the decoder: valid until its next call, and only where error is 0.

    Attributes:
        error: u1[n]. 0 a record. 1 no frame or another magic. 2 another record than the decoder's (a Mark).
            3 the body is truncated, breaks a rule of strict.py, does not fit the reader's schema, or bytes follow it.
            4 unknown schema id. `codec.decode` of the same bytes explains all but 2 in words.
        schema_id: i8[n], -1 without a frame.
        numbers: name -> i8[n] (int, long, boolean, enum: index of the reader's symbols) or f8[n] (float, double);
            0 or NaN where null.
        spans: name -> (start i8[n], end i8[n]) into the buffer, for text (valid UTF-8) and bytes.
        nulls: name -> u1[n], 1 where null, for nullable fields.
    """

    error: Bytes
    schema_id: Longs
    numbers: dict[str, Longs | Doubles]
    spans: dict[str, tuple[Longs, Longs]]
    nulls: dict[str, Bytes]


class ColumnDecoder:
    """Reads values of one record, whatever schema they were written with, into columns of its newest version.

    Args:
        name: record of the manifest with plain fields (Reading, Frame).
        resolve: looks up ids that are not in the manifest, see `codec.Resolve`.

    Raises:
        KeyError, ValueError: no such record, or one that is not flat.
    """

    def __init__(self, name: str, resolve: Resolve | None = None) -> None:
        self.name = name
        self.resolve = resolve
        self.targets = targets(NEWEST[name].parsed)
        self._code = np.empty(0, np.int64)
        self._programs = np.empty((0, 2), np.int64)
        self._capacity = -1
        for entry in ENTRIES:
            self._learn(entry.id)

    def decode(self, values: Blobs) -> Columns:
        """Columns of n values; spans point into their buffer."""
        count = len(values)
        if count > self._capacity:
            self._allocate(max(count, 2 * self._capacity))
        if self._run(values) and self.resolve:
            wanted = np.unique(self._schema_id[:count][self._error[:count] == UNKNOWN_ID])
            if sum([self._learn(int(schema_id)) for schema_id in wanted]):
                self._run(values)
        return self._columns(count)

    def _run(self, values: Blobs) -> bool:
        arrays = (self._error, self._schema_id, self._longs, self._doubles, self._nulls)
        return bool(read_rows(self._code, self._programs, values.buffer, values.start, values.end, *arrays))

    def _learn(self, schema_id: int) -> bool:
        """Adds the program of a schema id if its schema is known now."""
        writer = find_writer(schema_id, self.resolve)
        if isinstance(writer, Undecodable):
            return False
        start = -1
        if writer.name == self.name:
            start = len(self._code)
            self._code = np.append(self._code, np.array(compile_program(writer.parsed, self.targets, start), np.int64))
        self._programs = np.append(self._programs, np.array([[schema_id, start]]), axis=0)
        return True

    def _allocate(self, capacity: int) -> None:
        longs = sum(1 + target.span for target in self.targets if not target.wide)
        self._capacity = capacity
        self._error = np.empty(capacity, np.uint8)
        self._schema_id = np.empty(capacity, np.int64)
        self._longs = np.empty((longs, capacity), np.int64)
        self._doubles = np.empty((sum(target.wide for target in self.targets), capacity))
        self._nulls = np.empty((sum(target.null >= 0 for target in self.targets), capacity), np.uint8)

    def _columns(self, count: int) -> Columns:
        numbers = {target.name: self._rows(target)[target.slot, :count] for target in self.targets if not target.span}
        spans = {
            target.name: (self._longs[target.slot, :count], self._longs[target.slot + 1, :count]) for target in self.targets if target.span
        }
        nulls = {target.name: self._nulls[target.null, :count] for target in self.targets if target.null >= 0}
        return Columns(self._error[:count], self._schema_id[:count], numbers, spans, nulls)

    def _rows(self, target: Target) -> Longs | Doubles:
        return self._doubles if target.wide else self._longs
