"""The log of one partition: readings of some machines by arrival, and a tick every so often, as Kafka would hand them over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from schemas.blobs import Blobs, joined
from schemas.codec import encode
from simulator.batch import Batch
from simulator.encoder import Encoder
from simulator.life.machine import Floats, Longs
from simulator.life.plant import Stream, Unit

TICK_US = 1_800_000_000
SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Arguments of Acquisition.apply but the offsets."""

    values: Blobs
    keys: Blobs
    known_at: Longs


@dataclass(frozen=True, slots=True)
class Merged:
    """Readings of several machines by arrival; sensor counts through all machines."""

    sensor: Longs
    ts: Longs
    known_at: Longs
    value: Floats


def merged(streams: Sequence[Stream], firsts: Sequence[int]) -> Merged:
    """Streams of machines into one; firsts: number of each machine's first sensor."""
    sensor = np.concatenate([each.channel + first for each, first in zip(streams, firsts, strict=True)])
    known_at = np.concatenate([each.known_at for each in streams])
    order = np.argsort(known_at, kind="stable")
    ts, value = np.concatenate([each.ts for each in streams]), np.concatenate([each.value for each in streams])
    return Merged(sensor[order], ts[order], known_at[order], value[order])


class Log:
    """Cuts what arrives into chunks of equal time."""

    def __init__(self, units: Sequence[Unit], arrived: Merged) -> None:
        names = [name for what in units for name in what.sensors]
        self._encoder, self._arrived = Encoder(names), arrived
        keys = [what.name.encode() for what in units for _ in what.sensors]
        self._keys = Blobs.of(keys)

    def chunks(self, begin_us: int, end_us: int, span_us: int) -> Iterator[Chunk]:
        """All chunks from begin to end, each with its ticks."""
        known_at = self._arrived.known_at
        for begin in range(begin_us, end_us, span_us):
            first, last = np.searchsorted(known_at, [begin, begin + span_us])
            yield self._chunk(int(first), int(last), np.arange(begin + TICK_US, begin + span_us + 1, TICK_US))

    def _chunk(self, first: int, last: int, ticks: Longs) -> Chunk:
        arrived = self._arrived
        sensor = arrived.sensor[first:last]
        batch = Batch(sensor, arrived.ts[first:last], arrived.value[first:last])
        values = joined([Blobs.of(self._encoder.encode(batch)), Blobs.of([_tick(int(now)) for now in ticks])])
        known_at = np.concatenate([arrived.known_at[first:last], ticks])
        order = np.argsort(known_at, kind="stable")
        start = np.concatenate([self._keys.start[sensor], np.zeros(len(ticks), np.int64)])
        end = np.concatenate([self._keys.end[sensor], np.full(len(ticks), -1)])
        values = Blobs(values.buffer, values.start[order], values.end[order])
        return Chunk(values, Blobs(self._keys.buffer, start[order], end[order]), known_at[order])


def _tick(now_us: int) -> bytes:
    return encode("Mark", {"kind": "tick", "version": now_us // SECOND_US})
