"""Drives a simulated plant: its history as fast as the broker takes it, then live at the pace of the clock."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simulator import announce
from simulator.batch import Batch
from simulator.encoder import Encoder
from simulator.plant import Plant
from simulator.publish import Outlet, now_us
from streams.topics import RAW

BLOCK_ROWS = 50_000  # rows generated at once at most
SLICE_US = 20_000  # live rows are sent in slices at least this far apart

Progress = Callable[[int, int], None]  # rows done, rows in all


@dataclass(slots=True)
class Drive:
    """Sends what a plant measures.

    Attributes:
        behind_s: how far the newest reading sent was behind the clock when it was sent.
        stop: set it to end the live part.
    """

    plant: Plant
    outlet: Outlet
    clock: Callable[[], int] = now_us
    stop: threading.Event = field(default_factory=threading.Event)
    behind_s: float = 0.0
    rows: int = 0

    def __post_init__(self) -> None:
        layout = self.plant.layout
        self._encoder = Encoder([sensor.sensor_id for sensor in layout.sensors])
        self._keys = [layout.assets[sensor.asset].encode() for sensor in layout.sensors]

    _encoder: Encoder = field(init=False)
    _keys: list[bytes] = field(init=False)

    def history(self, *, hours: float, period_us: int, progress: Progress = lambda _done, _all: None) -> None:
        """Publish the past: it begins `hours` before the live part, is declared historical and never passes now."""
        live_us, count = self.plant.live_us, len(self._keys)
        steps = round(hours * 3600e6) // period_us
        announce.history(self.outlet, dict.fromkeys(self.plant.layout.assets, live_us))
        block = max(1, BLOCK_ROWS // count)
        for first in range(0, steps, block):
            if self.stop.is_set():
                return
            size = min(block, steps - first)
            self.send(self.plant.advance(live_us - (steps - first) * period_us, size, period_us))
            progress((first + size) * count, steps * count)

    def live(self, *, period_us: int, seconds: float | None) -> None:
        """Publish every reading when its time has come, until `seconds` have passed or `stop` is set."""
        start, step = self.plant.live_us, 0
        last = None if seconds is None else round(seconds * 1e6) // period_us
        block = max(1, min(SLICE_US // period_us, BLOCK_ROWS // len(self._keys)))
        while not self.stop.is_set() and (last is None or step < last):
            size = block if last is None else min(block, last - step)
            self._paced(self.plant.advance(start + step * period_us, size, period_us))
            step += size

    def finish(self, *, ended: bool) -> None:
        """See that everything has arrived; `ended` tells the platform that these streams are over."""
        if ended:
            announce.end(self.outlet, self.plant.layout.assets, self.clock())
        self.outlet.settle()

    def send(self, batch: Batch) -> None:
        """Publish a batch now."""
        self.outlet.send(RAW, self._encoder.encode(batch), map(self._keys.__getitem__, batch.sensor.tolist()))
        self.rows += len(batch)

    def _paced(self, batch: Batch) -> None:
        at = 0
        while at < len(batch) and not self.stop.is_set():
            now = self.clock()
            due = int(np.searchsorted(batch.ts, now, side="right"))
            if due > at:
                self.send(batch.part(at, due))
                self.behind_s = (now - int(batch.ts[due - 1])) / 1e6
                at = due
            else:
                self.stop.wait(max(int(batch.ts[at]) - now, SLICE_US) / 1e6)
