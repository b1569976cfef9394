"""What level 1 and detection say of recorded sets, in process and without Kafka, beside always and never.

python -m bench.recorded DATA    DATA holds the folders cmapss, hydraulic_uci447_subset and nab, as published; BENCH_JSON=FILE

Nothing was tuned on these sets. C-MAPSS: each engine of train_FD001 is an asset, a cycle is an hour, the first fifth of its life
is accepted as its reference. Hydraulic rig: cycles with a component at its best first, then those at its worst; others as they were.
NAB: two temperature files as they come, without a reference.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.measure import Figure
from bench.table import show, write
from processors.acquisition import Acquisition, Options, Source
from processors.baseline import Proposal, propose
from schemas.codec import encode
from simulator.batch import Batch
from simulator.encoder import Encoder
from simulator.exam.episodes import Detection, Episode
from simulator.replay import cmapss, hydraulic, nab
from simulator.replay.files import find, matrix, plain
from simulator.replay.recording import HOUR_US, MINUTE_US, Recording

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
HEALTHY_SHARE = 0.2  # of a life
LEAD_MIN = 20  # cycles
CHUNK = 2000
SETTLED_US = 3 * HOUR_US  # after the last reading: windows and conditions close
WARM_CYCLES, WORN_CYCLES = 300, 60  # of the rig: healthy, then with a worn component
WORST = {"cooler": (0, 3.0), "valve": (1, 73.0), "pump": (2, 2.0), "accumulator": (3, 90.0)}  # column of profile, value
BEST = (100.0, 100.0, 0.0, 130.0)
NAMED = {  # sensors that speak of a component, as the set's own description has it
    "cooler": {"CE", "CP", "TS1", "TS2", "TS3", "TS4", "FS2"},  # FS2: flow of the cooling and filtration circuit
    "valve": {"PS1", "PS2", "PS3", "SE", "FS1", "EPS1"},
    "pump": {"FS1", "SE", "PS1", "PS2", "PS3", "EPS1"},
    "accumulator": {"PS1", "PS2", "PS3", "PS4", "PS5", "PS6", "SE", "FS1"},
}


class Partition:
    """One asset's readings through the data plane and detection; readings arrive a second after their time."""

    def __init__(self, asset: str, sensors: Sequence[str]) -> None:
        self._asset, self._encoder, self._offset = asset, Encoder(sensors), 0
        self._acquisition = Acquisition(source=Source("readings", "recorded", asset, 0, 1), options=Options())
        self._detection = Detection()
        self.sensors = list(sensors)

    def feed(self, batch: Batch) -> None:
        """Readings in order."""
        for begin in range(0, len(batch), CHUNK):
            part = batch.part(begin, begin + CHUNK)
            known_at = np.maximum.accumulate(part.ts) + 1_000_000
            self._apply(self._encoder.encode(part), self._asset.encode(), known_at)

    def accept(self, batch: Batch) -> int:
        """Make these readings the reference of each sensor that has one to propose; returns of how many."""
        now, told = int(batch.ts[-1]) + 1_000_000, []
        for number, name in enumerate(self.sensors):
            own = batch.sensor == number
            found = propose(batch.ts[own], batch.value[own], np.zeros(own.sum(), np.int64))
            if isinstance(found, Proposal):
                told.append(self._entry(name, found))
        self._apply([encode("Mark", mark) for mark in told], None, np.full(len(told), now))
        return len(told)

    def end(self, ts: int) -> list[Episode]:
        """Time passes without readings; all episodes of the machine."""
        ticks = np.arange(ts, ts + SETTLED_US, MINUTE_US)
        marks = [encode("Mark", {"kind": "tick", "version": int(now) // 1_000_000}) for now in ticks]
        self._apply(marks, None, ticks)
        return [each for each in self._detection.found.values() if each.subject == "machine"]

    def _apply(self, values: list[bytes], key: bytes | None, known_at: Longs) -> None:
        if values:
            offsets = np.arange(self._offset, self._offset + len(values))
            applied = self._acquisition.apply(values, [key] * len(values), offsets, known_at)
            self._offset += len(values)
            self._detection.take(applied.evidence, int(known_at[-1]))

    def _entry(self, sensor: str, found: Proposal) -> dict[str, Any]:
        reference = {name: getattr(found, name) for name in ("normal", "spread", "sway", "readings", "begin", "end")}
        stated = {**reference, "mode": "", "accepted": True, "who": "bench", "drivers": []}
        entry = {"kind": "baseline", "version": 1, "asset_id": self._asset, "sensor_id": sensor, "baseline": stated}
        return {"kind": "catalogue", "version": 1, "subject": f"baseline/{sensor}", "entry": entry}


def engines(folder: Path) -> list[Figure]:
    """FD001: engines with an episode at least 20 cycles before their end, and episodes in the first half of their lives."""
    part = next(part for part in cmapss.read(folder).parts if part.name == "train_FD001")
    batches = list(part.batches())
    sensor, ts, value = (np.concatenate([getattr(each, name) for each in batches]) for name in ("sensor", "ts", "value"))
    width, found, early, leads, referred = len(cmapss.CHANNELS), 0, 0, list[float](), 0
    assets = sorted({tag.asset_id for tag in part.tags})
    for number, asset in enumerate(assets):
        own = sensor // width == number
        life = Batch(sensor[own] % width, ts[own], value[own])
        cycles = (life.ts - life.ts[0]) // HOUR_US
        healthy, half, last = int(HEALTHY_SHARE * cycles[-1]), cycles[-1] / 2, int(cycles[-1])
        cut = int(np.searchsorted(cycles, healthy, "right"))
        partition = Partition(asset, [tag.sensor_id for tag in part.tags[number * width : (number + 1) * width]])
        partition.feed(life.part(0, cut))
        referred += partition.accept(life.part(0, cut)) > 0
        partition.feed(life.part(cut, len(life)))
        begun = [(each.known_at - int(life.ts[0])) / HOUR_US for each in partition.end(int(life.ts[-1]) + MINUTE_US)]
        early += sum(cycle <= half for cycle in begun)
        right = [last - cycle for cycle in begun if cycle > half and last - cycle >= LEAD_MIN]
        found += bool(right)
        leads += [max(right)] if right else []
    text = f"always 1.00, never 0; {referred} of {len(assets)} with a reference; median lead {np.median(leads):.0f} cycles" if leads else ""
    return [
        Figure("C-MAPSS FD001, engines found >= 20 cycles before the end", round(found / len(assets), 3), "share", "-", None, text),
        Figure("C-MAPSS FD001, episodes in the first half of a life", early, f"of {len(assets)} engines", "-", None, "false by definition"),
    ]


def rig(folder: Path) -> list[Figure]:
    """For each component: whether the first sensor of the first episode speaks of it."""
    part = hydraulic.read(folder).parts[0]
    batches = list(part.batches())
    sensor, ts, value = (np.concatenate([getattr(each, name) for each in batches]) for name in ("sensor", "ts", "value"))
    profile = _profile(folder)
    cycle = (ts - int(ts.min())) // MINUTE_US
    figures = []
    for component, (column, worst) in WORST.items():
        best, worn = profile[:, column] == BEST[column], profile[:, column] == worst
        order = [*_repeated(np.flatnonzero(best), WARM_CYCLES), *_repeated(np.flatnonzero(worn), WORN_CYCLES)]
        lived = _cycles(sensor, ts, value, cycle, order)
        partition = Partition("rig", [tag.sensor_id for tag in part.tags])
        partition.feed(lived)
        begin = int(lived.ts[0]) + WARM_CYCLES * MINUTE_US
        episodes = partition.end(int(lived.ts[-1]) + MINUTE_US)
        first = next((each for each in episodes if each.known_at >= begin), None)
        named = [name.rpartition(".")[2] for name in first.sensors[-1][1]] if first else []
        hit = bool(named) and named[0] in NAMED[component]
        before = sum(each.known_at < begin for each in episodes)
        text = f"names {', '.join(named) or 'nothing'}; {before} episodes in {WARM_CYCLES} healthy cycles; {worn.sum()} cycles repeated"
        figures.append(Figure(f"hydraulic rig, {component} at its worst", int(hit), "named right", "-", None, text))
    return figures


def _profile(folder: Path) -> Floats:
    path = find(folder, "profile.txt", "profile.csv")[0]
    published = plain(path).suffix == ".txt"
    return matrix(path, delimiter="\t" if published else ",", skip=0 if published else 1)


def _repeated(cycles: Longs, count: int) -> list[int]:
    return [int(cycles[number % len(cycles)]) for number in range(count)] if len(cycles) else []


def _cycles(sensor: Longs, ts: Longs, value: Floats, cycle: Longs, order: list[int]) -> Batch:
    """Cycles one after the other in this order, a minute each."""
    starts = np.searchsorted(cycle, np.arange(cycle.max() + 2))
    parts = [np.arange(starts[number], starts[number + 1]) for number in order]
    moved = [ts[rows] + (place - number) * MINUTE_US for place, (number, rows) in enumerate(zip(order, parts, strict=True))]
    rows = np.concatenate(parts)
    return Batch(sensor[rows], np.concatenate(moved), value[rows])


def temperatures(folder: Path) -> list[Figure]:
    """Machine and ambient temperature of NAB: labelled windows that an episode overlaps, episodes outside, days in alarm."""
    windows = json.loads((folder / "combined_windows.json").read_text())
    recording: Recording = nab.read(folder)
    figures = []
    for wanted in ("machine_temperature_system_failure", "ambient_temperature_system_failure"):
        part = next(part for part in recording.parts if wanted in part.name)
        spans = next(spans for name, spans in windows.items() if wanted in name)
        labelled = [[int(np.datetime64(edge, "us").astype(np.int64)) for edge in span] for span in spans]
        partition = Partition(wanted, [tag.sensor_id for tag in part.tags])
        last = 0
        for batch in part.batches():
            partition.feed(batch)
            last = int(batch.ts[-1])
        episodes = partition.end(last + 5 * MINUTE_US)
        ends = [each.end or last for each in episodes]
        hit = sum(any(each.start <= end and until >= begin for each, until in zip(episodes, ends, strict=True)) for begin, end in labelled)
        outside = sum(all(until < begin or each.start > end for begin, end in labelled) for each, until in zip(episodes, ends, strict=True))
        days = sum(until - each.start for each, until in zip(episodes, ends, strict=True)) / (24 * HOUR_US)
        kinds = Counter(each.detector for each in episodes)
        text = f"of {len(labelled)}; {len(episodes)} episodes, {outside} outside, {days:.1f} days in alarm; {dict(kinds)}; always: all"
        figures.append(Figure(f"NAB {wanted.split('_')[0]} temperature, windows hit", hit, "windows", "-", None, text))
    return figures


def main() -> None:
    """Read, judge, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.recorded", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds cmapss, hydraulic_uci447_subset and nab")
    data: Path = parser.parse_args().data
    figures = [*engines(data / "cmapss"), *rig(data / "hydraulic_uci447_subset"), *temperatures(data / "nab")]
    show(figures)
    write(figures)


if __name__ == "__main__":
    main()
