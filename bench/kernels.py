"""What level 1 costs: nanoseconds of CPU per reading by stage, bytes of state per sensor, seconds to compile.

python -m bench.kernels
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from processors.acquisition import Acquisition, Options, Source, warm
from processors.layout import REGIME, SENSOR, Longs
from schemas.blobs import Blobs
from schemas.codec import encode
from schemas.columns import ColumnDecoder
from schemas.identifiers import partition_of

SENSORS = 1000
PER_ASSET = 6
CHUNK = 2000
ROUNDS = 200  # readings of each sensor
T0 = 1_790_000_000_000_000
SOURCE = Source("readings", "readings.raw.v1", "bench", 3, 24)


@dataclass(slots=True)
class Chunk:
    """Arguments of Acquisition.apply."""

    values: list[bytes | None]
    keys: list[bytes | None]
    offsets: Longs
    known_at: Longs


def chunks(period_s: float) -> list[Chunk]:
    """A log of SENSORS sensors in turn, cut into chunks."""
    assets = [name for name in (f"plant7-pump-{n:05d}" for n in range(10_000)) if partition_of(name.encode(), 24) == 3]
    names = [(f"{assets[s // PER_ASSET]}.vibration-{s % PER_ASSET}", assets[s // PER_ASSET].encode()) for s in range(SENSORS)]
    noise = np.random.default_rng(1).normal(size=(ROUNDS, SENSORS))
    times = T0 + (np.arange(ROUNDS)[:, None] * period_s * 1e6).astype(np.int64) + np.arange(SENSORS)
    values: list[bytes | None] = [
        encode("Reading", {"sensor_id": name, "ts": int(times[r, s]), "value": float(noise[r, s])})
        for r in range(ROUNDS)
        for s, (name, _) in enumerate(names)
    ]
    keys: list[bytes | None] = [key for _ in range(ROUNDS) for _, key in names]
    known = times.ravel()
    cuts = range(0, len(values), CHUNK)
    return [Chunk(values[at : at + CHUNK], keys[at : at + CHUNK], np.arange(at, at + CHUNK), known[at : at + CHUNK]) for at in cuts]


def catalogue(assets: list[str]) -> Iterator[dict[str, Any]]:
    """A run rule that always holds, two modes by load, two drivers, and an accepted reference of every sensor and mode."""
    for asset in assets:
        first, second = (f"{asset}.vibration-{number}" for number in range(2))
        rule = {"sensor_id": first, "comparison": "above", "threshold": -100.0, "hysteresis": 0.0, "delay_s": 0.0}
        modes = [{"sensor_id": second, "name": name, "low": low, "high": low + 100.0} for name, low in (("low", -100.0), ("high", 0.0))]
        drivers = [{"sensor_id": first, "role": "load"}, {"sensor_id": second, "role": "ambient"}]
        entry = {"kind": "asset", "version": 1, "asset_id": asset, "settling_s": 0.0}
        yield {"subject": f"asset/{asset}", "entry": entry | {"run_state": rule, "modes": modes, "drivers": drivers}}
        for sensor in (f"{asset}.vibration-{number}" for number in range(PER_ASSET)):
            for mode in ("low", "high"):
                stated: dict[str, Any] = {"mode": mode, "normal": 0.0, "spread": 1.0, "sway": 0.5, "accepted": True, "drivers": []}
                entry = {"kind": "baseline", "version": 1, "asset_id": asset, "sensor_id": sensor, "baseline": stated}
                yield {"subject": f"baseline/{sensor}/{mode}", "entry": entry}


def described(log: list[Chunk]) -> Acquisition:
    """A state that has read the catalogue of all assets of a log."""
    state = Acquisition(source=SOURCE, options=Options())
    assets = sorted({key.decode() for key in log[0].keys if key})
    marks: list[bytes | None] = [encode("Mark", {"kind": "catalogue", "version": 1, **mark}) for mark in catalogue(assets)]
    state.apply(marks, [None] * len(marks), np.arange(len(marks)) - len(marks), np.full(len(marks), T0))
    return state


def cost_ns(work: Callable[[Chunk], object], log: list[Chunk]) -> str:
    """CPU nanoseconds per reading: median over chunks, and the 10 % quantile that a busy machine leaves alone."""
    costs = []
    for chunk in log:
        begin = time.process_time_ns()
        work(chunk)
        costs.append((time.process_time_ns() - begin) / len(chunk.values))
    return f"{np.median(costs):8.0f} ns/reading (10 % quantile {np.quantile(costs, 0.1):.0f})"


def _apply(state: Acquisition, chunk: Chunk) -> None:
    state.apply(chunk.values, chunk.keys, chunk.offsets, chunk.known_at)


def main() -> None:
    """Print the table."""
    begin = time.process_time(), time.perf_counter()
    warm()
    print(f"warm()                     {time.process_time() - begin[0]:8.1f} s CPU, {time.perf_counter() - begin[1]:.1f} s elapsed")
    decoder = ColumnDecoder("Reading")
    for period_s in (1.0, 300.0):
        log = chunks(period_s)
        state = Acquisition(source=SOURCE, options=Options())
        whole = cost_ns(partial(_apply, state), log)
        moded = described(log)
        modes = cost_ns(partial(_apply, moded), log)
        decode = cost_ns(lambda chunk: decoder.decode(Blobs.of(chunk.values)), log)
        print(f"every {period_s:3.0f} s: decode         {decode}")
        print(f"             whole          {whole}")
        print(f"             modes, drivers {modes}, and references of {PER_ASSET} sensors in 2 modes")
        print(f"             a tick         {_tick_us(state):8.0f} us for {SENSORS} sensors")
        print(f"state                      {len(state.pack()) / SENSORS:8.0f} bytes/sensor, names and assets included")
        print(f"             with modes     {len(moded.pack()) / SENSORS:8.0f} bytes/sensor, three modes each")
    print(f"a record                   {SENSOR.itemsize:8d} bytes/sensor, {REGIME.itemsize} more for each mode")


def _tick_us(state: Acquisition) -> float:
    """CPU microseconds of a tick, the smallest of some."""
    costs = []
    for second in range(20):
        value: list[bytes | None] = [encode("Mark", {"kind": "tick", "version": T0 + second})]
        now = np.full(1, T0 + (86_400 + second) * 1_000_000)
        begin = time.process_time_ns()
        state.apply(value, [None], np.full(1, 10**9 + second), now)
        costs.append((time.process_time_ns() - begin) / 1000)
    return min(costs[1:])


if __name__ == "__main__":
    main()
