"""The workers alone, on topics that were filled before: records a second and core."""

import time
from collections.abc import Iterator

import numpy as np

from bench.ground import Ground
from bench.measure import Figure, spent_s
from bench.preload import clean_plan, fill, progress, readings
from schemas.codec import encode
from settings import Settings
from streams.agents.acquisition import AcquisitionWork
from streams.topics import EVIDENCE, FRAMES, RAW
from streams.transport.records import Record, Records
from streams.work import Place, Taken
from tests.faults.harness import Chain, until

PARTITIONS = 16
START_US = 1_780_000_000_000_000


def _drain(chain: Chain, role: str, topic: str, count: int) -> tuple[float, float]:
    """Seconds and processor seconds from the assignment until everything is committed."""
    done = progress(chain.settings, role, topic)
    slot = chain.start(role)
    until(lambda: '"event": "restored"' in slot.text(), "the worker has partitions", 180)
    begun, spent = time.monotonic(), spent_s(slot.pid)
    until(lambda: done() >= count, "everything is committed", 300)
    return time.monotonic() - begun, spent_s(slot.pid) - spent


def data(ground: Ground, count: int = 2_000_000) -> Figure:
    """The full job: validation, level 1, windows, evidence, blocks, snapshots."""
    settings = ground.instance(partitions=PARTITIONS)
    sent = fill(settings, RAW, readings(clean_plan(settings, 1000), count, START_US))
    with Chain(settings, ground.stack, ground.folder / "worker") as chain:
        seconds, spent = _drain(chain, "data", RAW, sent)
    rate = round(sent / spent)
    cost = f"{spent / sent * 1e6:.2f} us CPU a record, {sent / seconds:,.0f}/s wall"
    detail = f"{sent:,} records of 1,000 sensors, {PARTITIONS} partitions: {cost}"
    return Figure("worker, full level-1 job", rate, "records/s per core", ">= 400,000", rate >= 400_000, detail)


def evidence(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Conditions that begin, grow and end on 500 assets."""
    for number in range(count):
        asset, step = number % 500, number // 500
        ts = START_US + step * 1_000_000 + asset
        name = f"a{asset:04d}"
        record = {
            "asset_id": name, "sensor_id": f"{name}.s{step // 3 % 5}", "detector": "level1/ewma", "kind": "spike",
            "subject": "machine", "phase": ("on", "peak", "off")[step % 3], "ts": ts, "since": ts - step % 3 * 1_000_000, "known_at": ts,
            "value": 9.0, "expected": 5.0, "surprise": 8.0 + step % 3, "threshold": 7.5, "severity": 2, "model": "level1/ewma/1",
            "origin": {"topic_id": "bench", "partition": asset, "offset": number, "nth": 0},
        }  # fmt: skip
        yield name.encode(), encode("Evidence", record)


def control(ground: Ground, count: int = 300_000) -> Figure:
    """Detection as a process: decode, step, outputs, snapshots."""
    settings = ground.instance(partitions=PARTITIONS)
    sent = fill(settings, EVIDENCE, evidence(count))
    with Chain(settings, ground.stack, ground.folder / "control") as chain:
        seconds, spent = _drain(chain, "control", EVIDENCE, sent)
    rate = round(sent / spent)
    detail = (
        f"{sent:,} evidence records of 500 assets: {spent / sent * 1e6:.1f} us CPU, {sent / seconds:,.0f}/s wall, ticks and marks included"
    )
    return Figure("control plane, detection", rate, "events/s per core", ">= 20,000", rate >= 20_000, detail)


def frames(settings: Settings, kind: str, samples: int, rate_hz: float, count: int) -> Figure:
    """Frames through the agent, blocks encoded, without Kafka."""
    rng = np.random.default_rng(1)
    raws = [rng.normal(0, 1, samples).astype("<f4").tobytes() for _ in range(50)]
    messages: list[Record] = []
    for number in range(count):
        asset, step = number % 20, number // 20
        ts = START_US + int(step * samples / rate_hz * 1e6)
        frame = {"sensor_id": f"f{asset}.vib", "ts": ts, "sample_rate_hz": rate_hz, "kind": kind, "values": raws[number % 50]}
        messages.append(Record(number, ts // 1000, f"f{asset}".encode(), encode("Frame", frame)))
    work = AcquisitionWork(Place(FRAMES, "bench", 0, 1), settings, None)
    warm = max(40, count // 10)
    work.apply(Taken(Records.of(messages[:warm]), 0, warm, [], []))
    begun, done = time.process_time(), 0
    for begin in range(warm, count, 200):
        chunk = messages[begin : begin + 200]
        work.apply(Taken(Records.of(chunk), begin, begin + len(chunk), [], []))
        done += len(chunk)
    rate = round(done * samples / (time.process_time() - begun))
    detail = f"{done:,} frames of {samples} values, one core, blocks encoded, without Kafka"
    return Figure(f"frames, {kind} of {samples}", rate, "samples/s", ">= 2,000,000", rate >= 2_000_000, detail)
