"""Acquisition: records of one input partition in, scored rows, rejections, evidence, windows, spectra and waveforms out.

The whole flow of the data plane stands in `Acquisition.apply`. It knows no Kafka and no clock: `now` is the Kafka timestamp
of the record being applied. Any cutting of a log into chunks gives the same state, bit by bit, and the same outputs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processors import ensemble, evidence, regime, snapshot
from processors.admission import Admission, Chunk, Intake
from processors.advance import advance
from processors.batch import CASE, EVENT, EVENTS, ROW, ROWS, Output
from processors.features import Windows, features
from processors.frame import Frames
from processors.intake import Readings
from processors.layout import ASSETS, CELLS, KERNEL, STATES, Longs, Records
from processors.mark import apply_mark, room_for_mark
from processors.occasion import Occasions
from processors.options import Options, Source
from processors.outcome import Flag
from processors.quantity import infer
from processors.snapshot import IncompatibleError
from processors.state import State, grown
from processors.validation import validate
from processors.window import compact
from schemas import codec
from schemas.blobs import Blobs
from schemas.codec import Resolve

__all__ = ["KERNEL", "ROW", "Acquisition", "Applied", "IncompatibleError", "Options", "Source", "warm"]

COUNT = np.dtype([("minute", "i8"), ("received", "i8"), ("rejected", "i8"), ("mark", "i8"), ("late", "i8")])
MINUTE_US = 60_000_000
EVENTS_MIN = 256


@dataclass(slots=True)
class Applied:
    """What a chunk became.

    Attributes:
        rows: ROW[n], in offset order; `sensor` is a slot, see Acquisition.describe.
        counts: COUNT[m], by minute of the Kafka timestamp.
        rejections, evidence, features, spectra, waveforms: complete records, in order of (closing offset, slot).
    """

    rows: Records
    counts: Records
    rejections: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    features: Windows
    spectra: list[dict[str, Any]]
    waveforms: list[dict[str, Any]]


class Acquisition:
    """State of one input partition of readings or frames.

    Args:
        source: which partition.
        options: tunables of a new state; an older state keeps its own, as only marks may change scores.
        resolve: looks up foreign schema ids; see schemas.codec.Resolve.
    """

    def __init__(self, *, source: Source, options: Options, resolve: Resolve | None = None) -> None:
        self.source = source
        self.resolve = resolve
        self.state = State(options)
        self._intake: Intake = Readings(resolve) if source.kind == "readings" else Frames(resolve)
        self._occasions = Occasions(source, self._intake) if isinstance(self._intake, Frames) else None
        self._admission = Admission(source, self._intake, resolve)
        self._events = np.zeros(EVENTS_MIN, EVENT)
        self._used = np.zeros(2, np.int64)
        self._case = np.zeros(1, CASE)

    def apply(self, values: Sequence[bytes | None], keys: Sequence[bytes | None], offsets: Longs, known_at_us: Longs) -> Applied:
        """Apply a chunk of n records in offset order.

        Args:
            values: as Kafka delivered them, best as Blobs; None is a null.
            keys: the same.
            offsets: i8[n], strictly ascending.
            known_at_us: i8[n], Kafka timestamps in microseconds since 1970-01-01 UTC.
        """
        count = len(values)
        chunk = Chunk(Blobs.of(values), Blobs.of(keys), offsets, known_at_us, np.zeros(count, np.bool_), np.zeros(count, np.bool_))
        begin = 0
        for cut in self._intake.open(self.state, chunk.values, chunk.keys, offsets, known_at_us).tolist():
            self._run(chunk, begin, cut)
            self._mark(chunk, cut)
            begin = cut + 1
        self._run(chunk, begin, count)
        rows = np.concatenate(chunk.rows) if chunk.rows else np.empty(0, ROW)
        kept = self._occasions.take(self.state, self._happened(), count) if self._occasions else ([], [])
        return Applied(rows, _counts(chunk, rows), chunk.rejections, self._evidence(chunk), self._features(chunk), *kept)

    def describe(self, slots: npt.NDArray[np.int32]) -> list[tuple[str, str, str, str]]:
        """Sensor id, asset id, quantity and life cycle of sensors."""
        state = self.state
        described = []
        for slot, record in zip(slots, state.sensors[slots], strict=True):
            name = state.sensor_names[slot]
            quantity = state.words[record["quantity"]] or infer(name)
            described.append((name, state.asset_names[record["asset"]], quantity, STATES[record["state"]]))
        return described

    def pack(self) -> bytes:
        """The snapshot of this state."""
        return snapshot.pack(self.state)

    @classmethod
    def unpack(cls, blob: bytes, *, source: Source, options: Options, resolve: Resolve | None = None) -> "Acquisition":
        """The state in a snapshot; its own tunables win over `options`.

        Raises:
            IncompatibleError: another kernel version wrote it; the message names the remedy.
        """
        restored = cls(source=source, options=options, resolve=resolve)
        restored.state = snapshot.unpack(blob)
        return restored

    @property
    def nbytes(self) -> int:
        """Bytes of the snapshot, nearly."""
        return self.state.nbytes

    def _run(self, chunk: Chunk, begin: int, end: int) -> None:
        """Apply the readings between two marks."""
        if begin == end:
            return
        batch, first, last = self._intake.batch(self.state, begin, end)
        if validate(self.state.arrays, self.state.parameters, batch, first, last):
            self._admission.admit(self.state, chunk, batch, first, last)
        output, before = self._output(last - first), int(self._used[EVENTS])
        while (first := advance(self.state.arrays, self.state.parameters, batch, first, last, output)) < last:
            if regime.room(self.state.arrays):
                output = self._grow(output, 2 * len(self._events), 2 * len(self.state.cells))
            else:
                self.state.regimes = grown(self.state.regimes, 2 * len(self.state.regimes))
        rows = output.rows[: output.used[ROWS]]
        chunk.rows.append(rows)
        self._deepen(chunk, rows, before)
        if self._occasions:
            self._occasions.look(self.state, chunk, self._happened(), rows, begin, end)

    def _deepen(self, chunk: Chunk, rows: Records, before: int) -> None:
        """What the ensembles of tagged sensors say of the rows joins the events since `before`: those of one record stay together."""
        causes = np.searchsorted(chunk.offsets, rows["offset"])
        had = int(self._used[EVENTS])
        self._events, used = ensemble.follow(self.state, rows, causes, self._case, self._events, had)
        if used == had:
            return
        new = self._events[before:used]
        self._events[before:used] = new[np.argsort(new["cause"], kind="stable")]
        self._used[EVENTS] = used

    def _output(self, rows: int) -> Output:
        self._used[ROWS] = 0
        return Output(np.empty(rows, ROW), self._events, self._used, self._case)

    def _grow(self, output: Output, events: int, cells: int) -> Output:
        """Room for so many events and cells in all."""
        self._events, self.state.cells = grown(self._events, events), grown(self.state.cells, cells)
        return output._replace(events=self._events)

    def _happened(self) -> Records:
        """Events of the chunk so far."""
        return self._events[: self._used[EVENTS]]

    def _evidence(self, chunk: Chunk) -> list[dict[str, Any]]:
        events = self._happened()
        self._used[EVENTS] = 0
        return evidence.evidence(self.state, self.source, events, chunk.offsets, chunk.known_at)

    def _features(self, chunk: Chunk) -> Windows:
        found = features(self.state, self.source, chunk.offsets, chunk.known_at)
        if len(found):
            compact(self.state.arrays, int(self.state.numbers[ASSETS]))
        return found

    def _mark(self, chunk: Chunk, i: int) -> None:
        found = codec.decode(chunk.values[i], self.resolve)
        if isinstance(found, codec.Decoded) and found.name == "Mark":
            chunk.marks[i] = True
            events, cells = room_for_mark(self.state)
            output = self._grow(self._output(0), int(self._used[EVENTS]) + events, int(self.state.numbers[CELLS]) + cells)
            apply_mark(self.state, self.source, found.record, int(chunk.known_at[i]), i, output)
        else:
            self._admission.reject(chunk, i, self._admission.unreadable(self.state, chunk.values[i]))


def _counts(chunk: Chunk, rows: Records) -> Records:
    """Outcomes by minute of the Kafka timestamp; a frame is counted once."""
    every = chunk.known_at // MINUTE_US
    first = every.min() if len(every) else 0
    if len(every) and every.max() - first < len(every):  # nearly always, and sorting is dear
        minutes = first + np.flatnonzero(np.bincount(every - first))
        place = np.searchsorted(minutes, every)
    else:
        minutes, place = np.unique(every, return_inverse=True)
    counts = np.zeros(len(minutes), COUNT)
    counts["minute"] = minutes * MINUTE_US
    counts["received"] = np.bincount(place, minlength=len(minutes))
    counts["rejected"] = np.bincount(place, chunk.rejected, len(minutes))
    counts["mark"] = np.bincount(place, chunk.marks, len(minutes))
    late = rows[(rows["flags"] & (Flag.LATE | Flag.PART)) == Flag.LATE]
    counts["late"] = np.bincount(np.searchsorted(minutes, late["known_at"] // MINUTE_US), minlength=len(minutes))
    return counts


def warm() -> None:
    """Compile every kernel or load it from the cache, by a run over a few records."""
    source, now = Source("readings", "warm", "", 0, 1), np.full(4, 1_790_000_000_000_000)
    reading = codec.encode("Reading", {"sensor_id": "s", "ts": int(now[0]), "value": 1.0})
    later = codec.encode("Reading", {"sensor_id": "s", "ts": int(now[0]) + MINUTE_US, "value": 1.0})
    tick, end = (codec.encode("Mark", {"kind": kind, "version": 1}) for kind in ("tick", "end"))
    state = Acquisition(source=source, options=Options())
    state.apply([reading, later, tick, end], [b"a"] * 4, np.arange(4), now)
    state.state.sensors["deep"] = 1
    state.apply([later], [b"a"], np.full(1, 4), now[:1] + MINUTE_US)
    Acquisition.unpack(state.pack(), source=source, options=Options()).apply([later], [b"a"], np.full(1, 5), now[:1])
