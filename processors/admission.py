"""Admission: new names get a slot, what cannot be used becomes a rejection. The slow path; most chunks never come here."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from processors import refusal
from processors.batch import (
    BAD_TIME,
    DECOMMISSIONED,
    NO_FRAME,
    NO_KEY,
    NO_SENSOR,
    OK,
    UNREADABLE,
    UNRESOLVED,
    WRONG_KEY,
    Batch,
)
from processors.identity import add_asset, add_sensor, find_asset, find_sensor
from processors.layout import DECOMMISSIONED as STATE_DECOMMISSIONED
from processors.layout import NONE, Longs, Records
from processors.options import Source
from processors.outcome import Reason
from processors.refusal import Problem
from processors.state import State
from schemas import codec
from schemas.blobs import Blobs
from schemas.codec import Resolve


class Intake(Protocol):
    """Turns values into batches: intake.Readings or frame.Frames."""

    record: str

    def open(self, state: State, values: Blobs, keys: Blobs, offsets: Longs, known_at: Longs) -> Longs:
        """Decode a chunk; returns the indexes of records that may be marks."""

    def batch(self, state: State, begin: int, end: int) -> tuple[Batch, int, int]:
        """The batch of records [begin, end) and the range of its rows."""

    def problem(self, i: int) -> Problem | None:
        """What is wrong with the content of record i."""


@dataclass(slots=True)
class Chunk:
    """A chunk on its way through acquisition."""

    values: Blobs
    keys: Blobs
    offsets: Longs
    known_at: Longs
    rejected: npt.NDArray[np.bool_]
    marks: npt.NDArray[np.bool_]
    rejections: list[dict[str, Any]] = field(default_factory=list)
    rows: list[Records] = field(default_factory=list)


class Admission:
    """Judges rows that validation could not pass.

    Args:
        source: the partition, whose keys must belong to it.
        intake: where the batches come from.
        resolve: looks up foreign schema ids.
    """

    def __init__(self, source: Source, intake: Intake, resolve: Resolve | None) -> None:
        self._source, self._intake, self._resolve = source, intake, resolve

    def admit(self, state: State, chunk: Chunk, batch: Batch, begin: int, end: int) -> None:
        """Settle the rows [begin, end) whose outcome is not OK; a record none of whose rows is OK is rejected."""
        problems: dict[int, tuple[Problem, str | None]] = {}
        admitted: dict[tuple[bytes | None, bytes], int] = {}  # of this batch: a new sensor often comes with a thousand readings
        for i in (begin + np.flatnonzero(batch.outcome[begin:end] != OK)).tolist():
            if batch.outcome[i] == UNRESOLVED:
                named = chunk.keys[int(batch.record[i])], _name(batch, i)
                if named in admitted:
                    batch.slot[i], batch.outcome[i] = admitted[named], OK
                    continue
                problem = self._slot(state, chunk, batch, i)
                if problem is None:
                    admitted[named] = int(batch.slot[i])
            else:
                problem = self._problem(state, chunk, batch, i)
            if problem is not None:
                problems.setdefault(int(batch.record[i]), (problem, _named(batch, i)))
        for record, (problem, sensor_id) in problems.items():
            first, last = (int(np.searchsorted(batch.record, record, side)) for side in ("left", "right"))
            usable = np.flatnonzero(batch.outcome[first:last] == OK)
            if len(usable):
                batch.part[first + usable[0]] = 0  # it stands for the record now
            else:
                self.reject(chunk, record, problem, sensor_id)

    def reject(self, chunk: Chunk, i: int, problem: Problem, sensor_id: str | None = None) -> None:
        """Keep a record as a rejection."""
        reason, detail = problem
        chunk.rejected[i] = True
        chunk.rejections.append(
            refusal.rejection(
                self._source,
                offset=int(chunk.offsets[i]),
                known_at_us=int(chunk.known_at[i]),
                reason=reason,
                detail=detail,
                key=chunk.keys[i],
                value=chunk.values[i],
                sensor_id=sensor_id,
            )
        )

    def unreadable(self, state: State, value: bytes | None) -> Problem:
        """Why a value is no record of this topic."""
        limit = state.options.record_bytes_max
        if value is not None and len(value) > limit:
            return Reason.OVERSIZED, f"{len(value)} bytes, at most {limit:.0f}: send smaller records"
        found = codec.decode(value, self._resolve)
        if isinstance(found, codec.Undecodable):
            return Reason(found.reason), found.detail
        if found.name != self._intake.record:
            return Reason.UNKNOWN_SCHEMA, f"a {found.name}; this topic takes {self._intake.record} and Mark"
        return Reason.SCHEMA_PENDING, "its schema became known a moment after it was read; the record is replayed"

    def _problem(self, state: State, chunk: Chunk, batch: Batch, i: int) -> Problem:
        """What is wrong with a row."""
        record = int(batch.record[i])
        outcome = int(batch.outcome[i])
        if outcome == NO_KEY:
            return Reason.WRONG_KEY, refusal.key_problem(chunk.keys[record], self._source)
        if outcome == NO_SENSOR:
            return Reason.MISSING_FIELD, refusal.name_problem(int(batch.name_end[i] - batch.name_start[i]))
        if outcome == NO_FRAME:
            return self._intake.problem(record) or (Reason.MISSING_FIELD, "the frame yields no row")
        if outcome == BAD_TIME:
            return Reason.BAD_TIMESTAMP, refusal.time_problem(int(batch.ts[i]), int(batch.known_at[record]), state.options.future_s_max)
        if outcome == DECOMMISSIONED:
            return Reason.DECOMMISSIONED_SENSOR, "the catalogue says decommissioned: stop its source or change its state"
        return self.unreadable(state, chunk.values[record])

    def _slot(self, state: State, chunk: Chunk, batch: Batch, i: int) -> Problem | None:
        """Give a new name its slot; or say why it gets none."""
        key, name = chunk.keys[int(batch.record[i])] or b"", _name(batch, i)
        slot = find_sensor(state, name)
        problem = refusal.key_problem(key, self._source) or refusal.binding_problem(name, key, _asset_of(state, slot))
        if problem:
            batch.outcome[i] = WRONG_KEY
            return Reason.WRONG_KEY, problem
        if slot == NONE:
            asset = find_asset(state, key)
            slot = add_sensor(state, name, add_asset(state, key) if asset == NONE else asset)
        batch.slot[i] = slot
        retired = state.sensors[slot]["state"] == STATE_DECOMMISSIONED
        batch.outcome[i] = DECOMMISSIONED if retired else OK
        return self._problem(state, chunk, batch, i) if retired else None


def _asset_of(state: State, slot: int) -> str | None:
    return None if slot == NONE else state.asset_names[state.sensors[slot]["asset"]]


def _name(batch: Batch, i: int) -> bytes:
    return batch.names[batch.name_start[i] : batch.name_end[i]].tobytes()


def _named(batch: Batch, i: int) -> str | None:
    """Name of the row's sensor, if it could be read."""
    return None if batch.outcome[i] in (UNREADABLE, NO_SENSOR) else _name(batch, i).decode() or None
