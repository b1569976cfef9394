"""Builders for tests: a log of one partition, and what acquisition makes of it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from processors.acquisition import Acquisition, Applied, Options, Source
from schemas.codec import encode
from schemas.identifiers import partition_of

T0 = 1_790_000_400_000_000  # 2026-09-21 14:20:00 UTC, the begin of a window of each length
SECOND = 1_000_000
SOURCE = Source("readings", "readings.raw.v1", "5f0d2a3c", 0, 1)
QUICK = Options(grace_readings=30, grace_s=30)


@dataclass
class Log:
    """Records of one partition in offset order; `now` is the Kafka timestamp of what is added next."""

    values: list[bytes | None] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    now: int = T0

    def add(self, value: bytes | None, key: bytes | None = b"A") -> "Log":
        self.values.append(value)
        self.keys.append(key)
        self.known.append(self.now)
        return self

    def reading(self, value: float, ts: int | None = None, *, sensor: str = "A.temp", asset: str = "A", status: int = 0) -> "Log":
        record = {"sensor_id": sensor, "ts": self.now if ts is None else ts, "value": value, "status": status}
        return self.add(encode("Reading", record), asset.encode())

    def mark(self, kind: str, version: int = 1, **fields: Any) -> "Log":
        return self.add(encode("Mark", {"kind": kind, "version": version, **fields}), None)

    def tick(self) -> "Log":
        return self.mark("tick", self.now // SECOND)

    def sensor(self, version: int = 1, *, sensor: str = "A.temp", asset: str = "A", **fields: Any) -> "Log":
        entry = {"kind": "sensor", "version": version, "asset_id": asset, "sensor_id": sensor, **fields}
        return self.mark("catalogue", version, subject=f"sensor/{sensor}", entry=entry)

    def series(self, values: Any, *, period_s: float = 1.0, ticks: bool = False, **names: str) -> "Log":
        for value in values:
            self.reading(float(value), **names)  # type: ignore[arg-type]
            if ticks:
                self.tick()
            self.now += int(period_s * SECOND)
        return self


def fresh(options: Options = QUICK, source: Source = SOURCE) -> Acquisition:
    return Acquisition(source=source, options=options)


def feed(state: Acquisition, log: Log, begin: int = 0, end: int | None = None) -> Applied:
    end = len(log.values) if end is None else end
    known = np.array(log.known[begin:end], np.int64)
    return state.apply(log.values[begin:end], log.keys[begin:end], np.arange(begin, end), known)


def outcome(log: Log, options: Options = QUICK) -> Applied:
    return feed(fresh(options), log)


def steps(applied: Applied) -> list[tuple[str, str, str]]:
    return [(record["detector"].split("/")[1], record["kind"], record["phase"]) for record in applied.evidence]


def name_in(partition: int, partitions: int) -> str:
    return next(name for name in (f"asset-{n}" for n in range(1000)) if partition_of(name.encode(), partitions) == partition)
