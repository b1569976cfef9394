"""The data plane's agent: chunks of readings or frames become blocks, rejections, evidence, windows, spectra, waveforms.

Everything that decides is in processors/acquisition.py; here its columns meet offsets and topics.
Blocks of a source partition tile its offsets. A chunk with rows or rejections gives its block at once; stretches that hold
only ticks, marks or nothing wait for the next one or for the snapshot, so that an idle partition costs little.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors import acquisition, silence
from processors.acquisition import Acquisition, Applied
from processors.options import Options, Source
from processors.outcome import Reason
from schemas.blobs import Blobs
from schemas.codec import encode
from settings import Settings
from streams.agents.block import SENSORS_MAX, Blocks, Dictionary, Stretch, total
from streams.headers import cloud_event
from streams.registry import resolver
from streams.rejection import rejection
from streams.topics import EVIDENCE, FEATURES, FRAMES, REJECTIONS, SCORED, SPECTRA, WAVEFORMS
from streams.transport import split
from streams.work import Output, Place, Range, Record, Records, Taken
from telemetry import metrics

ROW_BYTES = 40  # of a row in a block, without its share of the dictionary
RECORD_BYTES = 150  # assumed for a reading's row and its entry in the dictionary
SOURCE = "/acquisition"


def warm() -> None:
    """Load or compile all kernels of the data plane."""
    acquisition.warm()
    split.warm()


class AcquisitionWork:
    """Acquisition on one partition and the blocks it is ahead of its outputs."""

    def __init__(self, place: Place, settings: Settings, state: bytes | None) -> None:
        self.kernel: str = acquisition.KERNEL
        self._place = place
        self._source = Source(
            "frames" if place.topic == FRAMES else "readings", place.topic, place.topic_id, place.partition, place.partitions
        )
        self._state = _begin(self._source, settings, state)
        self._blocks = Blocks(self._source, self.kernel, Dictionary(self._state.describe, self._sign))
        self._bytes_max = settings.block_bytes_max
        self._start: int | None = None  # first offset no block accounts for yet
        self._end = 0
        self._voids: list[Range] = []
        self._expired: list[Range] = []
        self._counts: list[NDArray[Any]] = []

    def apply(self, taken: Taken) -> list[Output]:
        """Score the records; one block per stretch that has rows or rejections."""
        outputs: list[Output] = []
        start = taken.start
        for records, end in self._stretches(taken):
            self._account(start, end, taken)
            start = end
            if len(records):
                outputs += self._score(records)
        if taken.expired:
            outputs += self.settle()
        return outputs

    def refuse(self, record: Record, detail: str) -> list[Output]:
        """A rejection `fault` instead of an outcome; the state does not see the record."""
        self._account(record.offset, record.offset + 1, None)
        counts = np.zeros(1, acquisition.COUNT)
        counts[0] = (record.timestamp // 60_000 * 60_000_000, 1, 1, 0, 0)
        self._counts.append(counts)
        refused = rejection(self._place, record, Reason.FAULT, detail)
        return [self._block(np.zeros(0, acquisition.ROW), [record.offset]), self._event(REJECTIONS, "Rejection", refused)]

    def settle(self) -> list[Output]:
        """The block that accounts for what was held back."""
        return [self._block(np.zeros(0, acquisition.ROW), [])] if self._start is not None else []

    def pack(self) -> bytes:
        """The state; call settle before, so that the next block begins at the snapshot's position."""
        return self._state.pack()

    def _sign(self, slots: NDArray[np.int32]) -> NDArray[np.uint64]:
        sensors = self._state.state.sensors
        asset, quantity, state = (sensors[name][slots].astype(np.uint64) for name in ("asset", "quantity", "state"))
        changing = (asset << np.uint64(24)) + (quantity << np.uint64(8)) + state
        return ((sensors["hash"][slots] + changing) << np.uint64(1)) | np.uint64(1)  # 0 = never seen

    def _stretches(self, taken: Taken) -> Iterator[tuple[Records, int]]:
        """Records cut so that the rows of each piece fit a block, with the offset behind each piece."""
        records, first, size = taken.records, 0, 0
        weights = self._weights(records)
        if int(weights.sum()) > self._bytes_max:
            for place, weight in enumerate(weights.tolist()):
                if place > first and (size + weight > self._bytes_max or place - first == SENSORS_MAX):
                    yield records.part(first, place), int(records.offsets[place])
                    first, size = place, 0
                size += weight
        yield records.part(first, len(records)), taken.end

    def _weights(self, records: Records) -> NDArray[np.int64]:
        """Bytes of a block that each record may need."""
        if self._source.kind == "readings":
            return np.full(len(records), RECORD_BYTES)
        return np.maximum(RECORD_BYTES, Blobs.of(records.values).sizes // 4 * ROW_BYTES)

    def _account(self, start: int, end: int, taken: Taken | None) -> None:
        self._start = start if self._start is None else self._start
        self._end = end
        if taken is not None:
            self._voids += [each for each in taken.voids if start <= each[0] < end]
            self._expired += [each for each in taken.expired if start <= each[0] < end]

    def _score(self, records: Records) -> list[Output]:
        applied = self._state.apply(records.values, records.keys, records.offsets, records.timestamps * 1000)
        self._counts.append(applied.counts.copy())
        block = [self._block(applied.rows, _offsets(applied))] if len(applied.rows) or applied.rejections else []
        return block + self._events(applied)

    def _block(self, rows: NDArray[Any], rejected: list[int]) -> Output:
        assert self._start is not None, "a block accounts for at least one offset"
        stretch = Stretch(self._start, self._end, self._voids, self._expired)
        counts = total(self._counts)
        if counts is None:
            counts = np.zeros(0, acquisition.COUNT)
        value = self._blocks.build(stretch, rows, counts, rejected)
        self._start, self._voids, self._expired, self._counts = None, [], [], []
        return Output(SCORED, value, partition=self._source.partition)

    def _events(self, applied: Applied) -> list[Output]:
        windows = applied.features
        return [
            *(self._event(REJECTIONS, "Rejection", record) for record in applied.rejections),
            *(self._event(EVIDENCE, "Evidence", record) for record in applied.evidence),
            *(self._event(SPECTRA, "Spectrum", record) for record in applied.spectra),
            *(self._event(WAVEFORMS, "Waveform", record) for record in applied.waveforms),
            *map(_window, windows.values, windows.assets, windows.known_at, windows.origins),
        ]

    def _event(self, topic: str, schema: str, record: dict[str, Any]) -> Output:
        value, headers = encode(schema, record), cloud_event(schema, SOURCE, record)
        if topic == REJECTIONS:
            metrics.REJECTIONS.labels(record["topic"], record["reason"]).inc()
            return Output(topic, value, partition=self._source.partition, headers=headers)
        silent = record["kind"] == silence.KIND
        return Output(topic, value, key=(silence.KEY if silent else record["asset_id"]).encode(), headers=headers)


def _window(value: bytes | None, asset: str, known_at_us: int, origin: dict[str, Any]) -> Output:
    headers = cloud_event("Features", SOURCE, {"known_at": known_at_us, "origin": origin})
    return Output(FEATURES, value, key=asset.encode(), headers=headers)


def begin(place: Place, settings: Settings, state: bytes | None) -> AcquisitionWork:
    """The work of one partition."""
    return AcquisitionWork(place, settings, state)


def _begin(source: Source, settings: Settings, state: bytes | None) -> Acquisition:
    options, schemas = _options(settings), resolver(settings)
    resolve = schemas.resolve if schemas else None
    if state is None:
        return Acquisition(source=source, options=options, resolve=resolve)
    return Acquisition.unpack(state, source=source, options=options, resolve=resolve)


def _options(settings: Settings) -> Options:
    """Settings that have the name of an option."""
    known = {field.name for field in fields(Options)} & set(type(settings).model_fields)
    return Options(**{name: getattr(settings, name) for name in sorted(known)})


def _offsets(applied: Applied) -> list[int]:
    return sorted(rejection["origin"]["offset"] for rejection in applied.rejections)
