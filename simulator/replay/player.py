"""Plays a recording into Kafka: every reading once, in order, resumable, at a pace or as fast as the broker takes it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from simulator import announce
from simulator.batch import Batch
from simulator.publish import Outlet, now_us
from simulator.replay.files import ReplayError
from simulator.replay.lane import Lane, Pace, paced
from simulator.replay.manifest import Manifest
from simulator.replay.recording import Part, Recording

SAVE_S = 1.0  # the position is saved this often; a kill repeats at most the readings since then
EARLIEST_US = 946_684_800_000_000  # the platform refuses readings before 2000

Progress = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class Survey:
    """What a recording holds, found by reading all of it before anything is published."""

    rows: int
    first_us: int
    last_us: int
    last_by_asset: dict[str, int]


@dataclass(slots=True)
class Played:
    """What a run did. status: published, stopped or already."""

    status: str
    rows: int
    published: int
    resumed_from: int
    shift_us: int


def survey(recording: Recording) -> Survey:
    """Read everything once: an error in the last file shows before the first reading is sent.

    Raises:
        ReplayError: a file is wrong, or holds no reading at all.
    """
    rows, first, last = 0, np.iinfo(np.int64).max, np.iinfo(np.int64).min
    last_by_asset: dict[str, int] = {}
    for part in recording.parts:
        for batch in part.batches():
            rows += len(batch)
            if not len(batch):
                continue
            first, last = min(first, int(batch.ts.min())), max(last, int(batch.ts.max()))
            _newest(part, batch, last_by_asset)
    if not rows:
        raise ReplayError(recording.files[0], "holds no reading")
    return Survey(rows, int(first), int(last), last_by_asset)


def _newest(part: Part, batch: Batch, last_by_asset: dict[str, int]) -> None:
    newest = np.full(len(part.tags), np.iinfo(np.int64).min)
    np.maximum.at(newest, batch.sensor, batch.ts)
    for sensor in np.unique(batch.sensor).tolist():
        asset = part.tags[sensor].asset_id
        last_by_asset[asset] = max(last_by_asset.get(asset, int(newest[sensor])), int(newest[sensor]))


@dataclass(slots=True)
class Player:
    """Plays one recording.

    Attributes:
        recording: what to play.
        manifest: where it stands; updated and saved on the way.
        outlet: where to.
        speed: recorded seconds per second; 0: as fast as possible.
        historical: declare the readings historical, so that they build history but never alarm.
        until_now: declare everything before now historical, not only what is recorded: the plant goes on from here.
        catalogue: tell the catalogue what the sensors are.
        described: sensors that have an entry already, which is left as it is: it holds more than a recording knows.
        stop: set it to stop after the readings in hand.
    """

    recording: Recording
    manifest: Manifest
    outlet: Outlet
    speed: float = 0.0
    historical: bool = True
    until_now: bool = False
    catalogue: bool = True
    described: frozenset[str] = frozenset()
    clock: Callable[[], int] = now_us
    stop: threading.Event = field(default_factory=threading.Event)

    def play(self, *, shift: bool = False, again: bool = False, progress: Progress = lambda _done, _all: None) -> Played:
        """Publish what is left of the recording.

        Args:
            shift: move the times so that the newest reading is now; fixed at the first run.
            again: publish a finished recording once more, at the same times.
            progress: is told rows done and rows in all.

        Raises:
            ReplayError: a file is wrong, or the shift asked for is not that of the first run.
        """
        known = self._start(shift=shift, again=again)
        if known is None:
            return Played("already", self.manifest.rows, 0, self.manifest.position, self.manifest.shift_us or 0)
        resumed = self.manifest.position
        if self.catalogue:
            tags = [tag for part in self.recording.parts for tag in part.tags if tag.sensor_id not in self.described]
            announce.catalogue(self.outlet, announce.described(tags, version=self.clock()))
        done = self._publish(known, progress)
        if done == known.rows:
            announce.end(self.outlet, known.last_by_asset, self.clock())
            self.manifest.completed += 1
        self._save(done)
        status = "published" if done == known.rows else "stopped"
        return Played(status, known.rows, done - resumed, resumed, self.manifest.shift_us or 0)

    def _start(self, *, shift: bool, again: bool) -> Survey | None:
        """Fix the shift and find the position; None when there is nothing left to do."""
        manifest = self.manifest
        finished = manifest.completed and manifest.position == manifest.rows
        if finished and not again:
            return None
        known = survey(self.recording)
        if manifest.shift_us is None:
            manifest.shift_us = (self.clock() - known.last_us) // 1_000_000 * 1_000_000 if shift else 0
        elif shift != (manifest.shift_us != 0):
            used = "shifted" if manifest.shift_us else "original"
            raise ReplayError(manifest.path, f"these files were replayed with {used} times; do the same, or remove this manifest")
        if known.first_us + manifest.shift_us < EARLIEST_US:
            raise ReplayError(self.recording.files[0], "holds readings before the year 2000, which are refused; use --shift")
        if self.until_now and known.last_us > self.clock():
            newest = datetime.fromtimestamp(known.last_us / 1e6, UTC)
            raise ReplayError(self.recording.files[0], f"its newest reading, {newest:%Y-%m-%d %H:%M}Z, is no history yet; is --tz right?")
        if finished:
            manifest.position = 0
        manifest.rows = known.rows
        return known

    def _publish(self, known: Survey, progress: Progress) -> int:
        """Send what lies behind the saved position; returns the rows of the recording that are done."""
        done, saved = 0, time.monotonic()
        for part in self.recording.parts:
            lane = Lane(part, self.outlet, self.manifest.shift_us or 0, self._historical(known))
            pace = Pace(self.speed)
            for batch in part.batches():
                skipped = min(max(self.manifest.position - done, 0), len(batch))
                done += skipped
                for piece in paced(batch.part(skipped, len(batch)), pace, self.stop):
                    lane.send(piece)
                    done += len(piece)
                    progress(done, known.rows)
                    if time.monotonic() - saved > SAVE_S:
                        self._save(done)
                        saved = time.monotonic()
                if self.stop.is_set():
                    return done
        return done

    def _historical(self, known: Survey) -> dict[str, int] | None:
        """Newest time of each asset, as recorded, that is history; None: nothing is."""
        if self.until_now:
            return dict.fromkeys(known.last_by_asset, self.clock())
        return known.last_by_asset if self.historical else None

    def _save(self, done: int) -> None:
        self.outlet.settle()
        self.manifest.position = done
        self.manifest.save()
