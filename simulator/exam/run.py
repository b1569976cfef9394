"""Machines through the data plane, detection and prediction in process: readings in, episodes and failure probabilities out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from processors.acquisition import ROW, Acquisition, Options, Source
from processors.baseline import Bounds, Proposal, align, propose
from processors.layout import Records
from processors.outcome import MODE_SHIFT, Flag
from schemas.codec import encode
from simulator.exam.chance import Stated
from simulator.exam.episodes import Detection, Episode
from simulator.exam.future import Future
from simulator.exam.log import Log, merged
from simulator.exam.rivals import Zone, limits
from simulator.life.duty import Site
from simulator.life.entries import entries
from simulator.life.history import Work
from simulator.life.machine import AMBIENT, HIGH_MODE, HOUR_S, LOAD, MODES, SPEED, Floats, Longs, Variant
from simulator.life.plant import Unit, stream

DAY_US = 86_400_000_000
CHUNK_DAYS = 5
HEALTHY_DAYS = 60
RENEWED_DAYS = 15
BANDS = 3  # number of the first of the catalogue's modes
SOURCE = Source("readings", "exam", "exam", 0, 1)
DRIVERS = (SPEED, LOAD, AMBIENT)


@dataclass(slots=True)
class Window:
    """A machine whose readings are collected for a baseline, until when."""

    what: Unit
    first: int
    end_us: int
    parts: list[Records] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a group of machines: episodes by who raised them, what was said of failures to come, and counts."""

    episodes: dict[str, list[Episode]]
    stated: list[Stated]
    readings: int
    baselines: int
    refused: int


class Run:
    """One partition: some machines from the begin to the end of the plan."""

    def __init__(self, variant: Variant, place: Site, units: Sequence[Unit], *, begin_us: int, period_s: int) -> None:
        self._units, self._begin_us, self._place = units, begin_us, place
        self._future: Future | None = None
        self._firsts = np.cumsum([0, *(len(what.sensors) for what in units[:-1])]).tolist()
        streams = [stream(variant, place, what, begin_us=begin_us, period_s=period_s) for what in units]
        self._log = Log(units, merged(streams, self._firsts))
        self._readings = sum(len(each.ts) for each in streams)
        self._acquisition = Acquisition(source=SOURCE, options=Options())
        self._detection, self._limits, self._offset = Detection(), Detection(), 0
        self._zones = [Zone(what.name, f"{what.name}.vibration") for what in units]
        self._period_s = period_s
        self._windows = [Window(what, first, begin_us + HEALTHY_DAYS * DAY_US) for what, first in zip(units, self._firsts, strict=True)]
        self._renewals = sorted(self._renewed(), key=lambda each: each[0])
        self._baselines = self._refused = 0

    def go(self, future: Future | None = None) -> Outcome:
        """Everything; `future` is shown the windows and the catalogue, too."""
        self._future = future
        self._tell([entry for what in self._units for entry in entries(what, self._period_s)], self._begin_us)
        end_us = self._begin_us + self._place.hours * HOUR_S * 1_000_000
        span_us = CHUNK_DAYS * DAY_US
        for number, chunk in enumerate(self._log.chunks(self._begin_us, end_us, span_us), 1):
            self._apply(chunk.values, chunk.keys, chunk.known_at)
            self._accept(self._begin_us + number * span_us)
        episodes = {"platform": list(self._detection.found.values()), "limits only": list(self._limits.found.values())}
        episodes["zone only"] = [each for zone in self._zones for each in zone.found]
        stated = self._future.stated if self._future else []
        return Outcome(episodes, stated, self._readings, self._baselines, self._refused)

    def _apply(self, values: object, keys: object, known_at: Longs) -> None:
        count = len(known_at)
        applied = self._acquisition.apply(values, keys, np.arange(self._offset, self._offset + count), known_at)  # type: ignore[arg-type]
        self._offset += count
        self._detection.take(applied.evidence, int(known_at[-1]))
        self._limits.take(limits(applied.evidence), int(known_at[-1]))
        if self._future:
            self._future.take(applied.features)
        for zone, what, first in zip(self._zones, self._units, self._firsts, strict=True):
            zone.take(applied.rows[applied.rows["sensor"] == first + what.machine.channel("vibration")])
        for window in self._windows:
            inside = (applied.rows["sensor"] >= window.first) & (applied.rows["sensor"] < window.first + len(window.what.sensors))
            window.parts.append(applied.rows[inside])

    def _tell(self, told: Sequence[dict[str, object]], now_us: int) -> None:
        marks = [encode("Mark", {"kind": "catalogue", "version": 1, "subject": "", "entry": entry}) for entry in told]
        if marks:
            if self._future:
                self._future.tell(told)
            self._apply(marks, [None] * len(marks), np.full(len(marks), now_us))

    def _accept(self, now_us: int) -> None:
        """Propose and accept baselines of the machines whose window ends; begin to collect for those with a new item."""
        ready = [window for window in self._windows if window.end_us <= now_us]
        self._windows = [window for window in self._windows if window.end_us > now_us]
        for window in ready:
            self._tell(list(self._proposals(window, now_us)), now_us)
        while self._renewals and self._renewals[0][0] <= now_us:
            logged_us, what, first = self._renewals.pop(0)
            self._windows.append(Window(what, first, max(logged_us, now_us) + RENEWED_DAYS * DAY_US))

    def _proposals(self, window: Window, now_us: int) -> list[dict[str, object]]:
        rows = np.concatenate(window.parts) if window.parts else np.empty(0, ROW)
        rows = rows[(rows["flags"] & int(Flag.LATE)) == 0]
        columns = [rows[rows["sensor"] == window.first + row] for row in range(len(window.what.sensors))]
        names = [channel.name for channel in window.what.machine.channels]
        told = []
        for row, channel in enumerate(window.what.machine.channels):
            if channel.name in DRIVERS:
                continue
            own = columns[row]
            aligned = {
                f"{window.what.name}.{role}": align(own["ts"], columns[names.index(role)]["ts"], columns[names.index(role)]["value"])
                for role in (LOAD, AMBIENT)
            }
            for number, (mode, *_) in enumerate((*MODES, HIGH_MODE), BANDS):
                found = self._propose(own, aligned, number, channel.resolution)
                if found is not None:
                    told.append(_entry(window.what, window.what.sensors[row], mode, found, now_us))
        return told

    def _propose(self, rows: Records, aligned: dict[str, Floats], mode: int, resolution: float) -> Proposal | None:
        here = (rows["flags"] >> MODE_SHIFT & 7) == mode
        drivers = {name: column[here] for name, column in aligned.items()}
        found = propose(rows["ts"][here], rows["value"][here], rows["flags"][here], drivers, Bounds(resolution=resolution))
        if isinstance(found, Proposal):
            self._baselines += 1
            return found
        self._refused += 1
        return None

    def _renewed(self) -> list[tuple[int, Unit, int]]:
        """Replacements as the maintenance log learns of them."""
        found = []
        for what, first in zip(self._units, self._firsts, strict=True):
            found += [
                (self._begin_us + work.logged_h * HOUR_S * 1_000_000, what, first)
                for work in what.history.work
                if _counts(work) and work.logged_h is not None
            ]
        return found


def _counts(work: Work) -> bool:
    return work.activity == "replace" and work.logged_h is not None and not work.misplaced


def _entry(what: Unit, sensor: str, mode: str, found: Proposal, now_us: int) -> dict[str, object]:
    """A baseline that a person accepted."""
    return {
        "kind": "baseline",
        "version": now_us,
        "asset_id": what.name,
        "sensor_id": sensor,
        "baseline": {
            "mode": mode,
            "normal": found.normal,
            "spread": found.spread,
            "sway": found.sway,
            "readings": found.readings,
            "begin": found.begin,
            "end": found.end,
            "accepted": True,
            "who": "exam",
            "drivers": [{"sensor_id": share.sensor_id, "slope": share.slope, "centre": share.centre} for share in found.drivers],
        },
    }
