"""The way of one part of a recording into the raw topic, at a pace."""

import threading
import time
from collections.abc import Iterator, Mapping

import numpy as np

from simulator import announce
from simulator.batch import Batch
from simulator.encoder import Encoder
from simulator.publish import Outlet
from simulator.replay.recording import Part
from streams.topics import RAW

SEND_ROWS = 20_000  # readings sent at once at most
SLICE_S = 0.05  # paced readings are sent in slices this far apart


class Lane:
    """Sends the readings of one part.

    Args:
        part: whose sensors they are.
        outlet: where to.
        shift_us: added to every time.
        last_by_asset: newest recorded time of each asset, to declare its readings historical; None: they are not.
    """

    def __init__(self, part: Part, outlet: Outlet, shift_us: int, last_by_asset: Mapping[str, int] | None) -> None:
        self._outlet, self._shift_us = outlet, shift_us
        self._encoder = Encoder([tag.sensor_id for tag in part.tags])
        self._keys = [tag.asset_id.encode() for tag in part.tags]
        assets = dict.fromkeys(tag.asset_id for tag in part.tags)
        self._marks = {name: last_by_asset[name] + shift_us + 1 for name in assets if name in last_by_asset} if last_by_asset else {}

    def send(self, batch: Batch) -> None:
        """Publish readings now; the first call declares history in front of them."""
        if self._marks:
            announce.history(self._outlet, self._marks)
            self._marks = {}
        values = self._encoder.encode(batch.shifted(self._shift_us))
        self._outlet.send(RAW, values, map(self._keys.__getitem__, batch.sensor.tolist()))


class Pace:
    """How far recorded time may go: `speed` recorded seconds per second from the first reading asked about; 0: no limit."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._origin: tuple[float, int] | None = None  # clock, recorded time

    def allowed_us(self, first_us: int) -> float:
        """Newest recorded time that may be sent now."""
        if not self._speed:
            return np.inf
        if self._origin is None:
            self._origin = (time.monotonic(), first_us)
        return self._origin[1] + (time.monotonic() - self._origin[0]) * self._speed * 1e6


def paced(batch: Batch, pace: Pace, stop: threading.Event) -> Iterator[Batch]:
    """Pieces of a batch as their time comes; ends early when `stop` is set."""
    if not len(batch):
        return
    highest = np.maximum.accumulate(batch.ts)  # a clock that jumps back waits for nothing
    at = 0
    while at < len(batch) and not stop.is_set():
        due = int(np.searchsorted(highest, pace.allowed_us(int(highest[0])), side="right"))
        if due <= at:
            stop.wait(SLICE_S)
            continue
        end = min(due, at + SEND_ROWS)
        yield batch.part(at, end)
        at = end
