"""A plant whose gateways can be cut: the same readings, logged when the broker would have got them. Own clock, no processes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.recfunctions import repack_fields

from processors import episode
from processors.acquisition import Acquisition
from processors.options import Options, Source
from schemas.codec import encode
from schemas.identifiers import partition_of

BEGIN_US = 1_790_000_000_000_000
SECOND_US = 1_000_000
PERIOD_S = 20
TICK_S = 5
DELAY_US = 200_000  # from the instrument to the broker
BURST_US = 2_000  # between two readings of a gateway that delivers its buffer
PARTITIONS = 2
GATEWAYS, ASSETS, SENSORS = 20, 2, 2  # assets of a gateway, sensors of an asset
CHUNK = 1500
WRONG_AT_H = {7 * ASSETS: 5.0, 3: 4.0, 30: 6.5}  # these assets go wrong so many hours after the begin

Arrival = Callable[[int, int], int]  # gateway, event time -> time at which the broker got it


@dataclass(frozen=True, order=True)
class Entry:
    """One record of a partition's log."""

    known_at: int
    order: int
    key: bytes
    value: bytes


@dataclass
class Seen:
    """Everything the platform made of a run."""

    rows: dict[tuple[str, int], bytes] = field(default_factory=dict)  # by sensor and time: value, status, score, flags
    windows: dict[tuple[str, int, int], str] = field(default_factory=dict)  # by asset, length and start
    evidence: list[dict[str, Any]] = field(default_factory=list)
    episodes: list[dict[str, Any]] = field(default_factory=list)

    def silent(self) -> list[dict[str, Any]]:
        return [record for record in self.evidence if record["kind"] == "silent"]

    def of_machines(self) -> list[str]:
        """Steps of all episodes but those of silence, without what names the time and place of their arrival."""
        steps = [step for step in self.episodes if step["kind"] != "silent"]
        return sorted(repr(timeless(step)) for step in steps)  # in words, as NaN equals itself there


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    """A record without the fields that say when and where its input arrived."""
    return {name: value for name, value in record.items() if name not in {"known_at", "origin", "causation_id"}}


def gateway_of(asset: int) -> int:
    return asset // ASSETS


def readings(hours: float, seed: int) -> Iterator[tuple[int, int, str, str, float]]:
    """(gateway, event time, asset, sensor, value) of all sensors; some machines go wrong."""
    rng = np.random.default_rng(seed)
    count = int(hours * 3600 / PERIOD_S)
    for asset in range(GATEWAYS * ASSETS):
        for sensor in range(SENSORS):
            values = rng.normal(50 + asset, 0.5, count)
            if sensor == 0 and asset in WRONG_AT_H:
                begin = int(WRONG_AT_H[asset] * 3600 / PERIOD_S)
                values[begin : begin + 45] += 12.0
            phase = (asset * SENSORS + sensor) * 40_000
            for number, value in enumerate(values.tolist()):
                yield gateway_of(asset), BEGIN_US + phase + number * PERIOD_S * SECOND_US, f"m{asset:02d}", f"m{asset:02d}.s{sensor}", value


def catalogue() -> Iterator[tuple[str, bytes]]:
    """(asset, mark) for every sensor: its gateway and period."""
    for asset in range(GATEWAYS * ASSETS):
        for sensor in range(SENSORS):
            name, place = f"m{asset:02d}.s{sensor}", f"m{asset:02d}"
            entry = {"kind": "sensor", "version": 1, "asset_id": place, "sensor_id": name, "gateway": f"g{gateway_of(asset):02d}",
                     "period_s": float(PERIOD_S)}  # fmt: skip
            yield place, encode("Mark", {"kind": "catalogue", "version": 1, "subject": f"sensor/{name}", "entry": entry})


def logs(hours: float, arrival: Arrival, *, until_us: int, seed: int = 5) -> list[list[Entry]]:
    """The log of each partition: marks first, then readings as they arrive, and ticks until `until_us`."""
    found: list[list[Entry]] = [[] for _ in range(PARTITIONS)]
    for number, (asset, mark) in enumerate(catalogue()):
        found[partition_of(asset.encode(), PARTITIONS)].append(Entry(BEGIN_US - SECOND_US, number, b"", mark))
    for number, (gateway, ts, asset, sensor, value) in enumerate(readings(hours, seed)):
        key = asset.encode()
        raw = encode("Reading", {"sensor_id": sensor, "ts": ts, "value": value})
        found[partition_of(key, PARTITIONS)].append(Entry(arrival(gateway, ts) // 1000 * 1000, number, key, raw))
    for at in range(BEGIN_US, until_us, TICK_S * SECOND_US):
        tick = encode("Mark", {"kind": "tick", "version": at // SECOND_US, "subject": ""})
        for log in found:
            log.append(Entry(at, -1, b"", tick))
    for log in found:
        log.sort()
    return found


def platform(partitions: list[list[Entry]]) -> Seen:
    """Acquisition of every partition, then detection over all evidence in the order of the log."""
    seen = Seen()
    for number, log in enumerate(partitions):
        _acquire(number, log, seen)
    seen.evidence.sort(
        key=lambda record: (record["known_at"], record["origin"]["partition"], record["origin"]["offset"], record["origin"]["nth"])
    )
    _detect(seen, max(entry.known_at for log in partitions for entry in log))
    return seen


def _acquire(number: int, log: list[Entry], seen: Seen) -> None:
    acquisition = Acquisition(source=Source("readings", "readings.raw.v1", "id", number, PARTITIONS), options=Options())
    for begin in range(0, len(log), CHUNK):
        chunk = log[begin : begin + CHUNK]
        known_at = np.array([entry.known_at for entry in chunk], np.int64)
        offsets = np.arange(begin, begin + len(chunk))
        applied = acquisition.apply([entry.value for entry in chunk], [entry.key for entry in chunk], offsets, known_at)
        assert not applied.rejections
        names = [sensor for sensor, *_ in acquisition.describe(applied.rows["sensor"])]
        facts = repack_fields(applied.rows[["value", "status", "score", "flags"]])
        for name, ts, fact in zip(names, applied.rows["ts"].tolist(), facts, strict=True):
            assert (name, ts) not in seen.rows
            seen.rows[name, ts] = fact.tobytes()
        seen.evidence += applied.evidence
        for record in applied.features:
            place = (record["asset_id"], record["window_s"], record["start"])
            assert place not in seen.windows
            seen.windows[place] = repr(timeless(record))


def _detect(seen: Seen, until_us: int) -> None:
    """One partition of evidence, as all silence stands in one; a tick every TICK_S."""
    state, offset, pending = episode.empty(), 0, list(seen.evidence)[::-1]
    for at in range(BEGIN_US, until_us + 60 * SECOND_US, TICK_S * SECOND_US):
        inputs = [("Mark", {"kind": "tick", "version": at // SECOND_US, "subject": ""}, at)]
        while pending and pending[-1]["known_at"] <= at:
            record = pending.pop()
            inputs.insert(-1, ("Evidence", record, record["known_at"]))
        for schema, record, known_at in inputs:
            origin = {"topic_id": "evidence", "partition": 0, "offset": offset}
            seen.episodes += episode.step(state, record, schema=schema, known_at_us=known_at, origin=origin)
            offset += 1
