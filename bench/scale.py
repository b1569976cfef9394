"""10,000 assets with 10 sensors each: memory of a worker, bytes and interval of snapshots, time of a restore.

    python -m bench.scale [--assets N] [--sensors N]

A million sensors are extrapolated: state, snapshot and restore grow with the number of sensors of a worker.
"""

import argparse
import re
import time
from dataclasses import dataclass

import psutil

from bench.ground import Ground, ground
from bench.measure import Figure
from bench.preload import clean_plan, fill, progress, readings
from bench.table import show
from stack import web
from streams.topics import RAW
from telemetry.server import port_file
from tests.faults.harness import Chain, until
from tests.faults.process import Slot

PARTITIONS = 24
ROUNDS = 15  # readings of each sensor
START_US = 1_780_000_000_000_000
MILLION = 1_000_000


def restored_s(slot: Slot) -> float:
    """Seconds of the newest restore."""
    return float(re.findall(r'"seconds": ([0-9.]+), "event": "restored"', slot.text())[-1])


def scale(ground: Ground, assets: int, sensors: int) -> list[Figure]:
    """Fill, work, stop, restore."""
    settings, count = ground.instance(partitions=PARTITIONS), assets * sensors
    sent = fill(settings, RAW, readings(clean_plan(settings, count / 10, assets, sensors), count * ROUNDS, START_US))
    with Chain(settings, ground.stack, ground.folder / "scale") as chain:
        done = progress(settings, "data", RAW)
        slot = chain.start("data")
        until(lambda: done() >= sent, "everything is committed", 600)
        memory = psutil.Process(slot.pid).memory_info().rss
        size = sum(_snapshot_bytes(slot).values())
        slot.end()
        begun = time.monotonic()
        after = chain.start("data", "data-after")
        until(lambda: '"event": "restored"' in after.text(), "the state is restored", 300)
        boot_s, seconds = time.monotonic() - begun, restored_s(after)
        after.end()
    return figures(Found(count, memory, size, seconds, boot_s), settings.snapshot_bytes_per_s)


def _snapshot_bytes(slot: Slot) -> dict[str, int]:
    """Bytes of the newest snapshot by partition, from the worker's metrics."""
    port = port_file(slot.home, "worker-data").read_text(encoding="ascii").strip()
    body = web.fetch(f"http://127.0.0.1:{port}/metrics")[1].decode()
    found = re.findall(r'^maint_snapshot_bytes\{agent="acquisition",partition="(\d+)"\} ([0-9.e+]+)', body, re.MULTILINE)
    return {partition: int(float(value)) for partition, value in found}


@dataclass(frozen=True)
class Found:
    """What was measured: sensors, resident bytes, bytes of all snapshots, seconds of the restore and of the whole start."""

    sensors: int
    memory: int
    snapshots: int
    restore_s: float
    boot_s: float


def figures(found: Found, bytes_per_s: float) -> list[Figure]:
    """The table, with what a million sensors would need."""
    each, times = found.snapshots / found.sensors, MILLION / found.sensors
    interval_s, rate = found.snapshots / PARTITIONS / bytes_per_s, found.snapshots / max(found.restore_s, 0.001)
    state = f"{found.memory / found.sensors / 1e3:.1f} kB a sensor, the process included"
    restore = f"{rate / 1e6:.0f} MB/s; {found.boot_s:.1f} s from the start of the process"
    million = f"{found.snapshots * times / 1e6:,.0f} MB at the same rate; with n workers a n-th"
    million_s = round(found.restore_s * times, 1)
    return [
        Figure(f"memory of a worker, {found.sensors:,} sensors", round(found.memory / 1e6), "MB", "-", None, state),
        Figure("state of a sensor", round(each), "bytes", "<= 1,000", each <= 1000, f"{found.snapshots / 1e6:.1f} MB of snapshots"),
        Figure(
            "snapshot interval",
            round(max(1.0, interval_s), 1),
            "s",
            "-",
            None,
            f"a partition of {PARTITIONS}, {bytes_per_s / 1e6:.0f} MB/s",
        ),
        Figure("restore", round(found.restore_s, 2), "s", "-", None, restore),
        Figure("restore of 1,000,000 sensors, one worker", million_s, "s", "< 10", million_s < 10, million),
        Figure("snapshot interval at 1,000,000 sensors", round(max(1.0, interval_s * times), 1), "s", "-", None, "one worker"),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="State of many sensors.")
    parser.add_argument("--assets", type=int, default=10_000)
    parser.add_argument("--sensors", type=int, default=10)
    given = parser.parse_args()
    with ground() as servers:
        show(scale(servers, given.assets, given.sensors))


if __name__ == "__main__":
    main()
