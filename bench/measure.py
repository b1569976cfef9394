"""What a benchmark measures: processor time by role, latency of single records, lag, and the longest stall of a partition."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil

from streams.topics import RAW
from tests.faults.checker import Log
from tests.faults.harness import Chain
from tests.faults.stored import Stored

SAMPLE_S = 0.02


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        goal: what it should reach, in words.
        detail: how it was measured.
        met: whether it reaches the goal; None where the goal cannot be judged here.
    """

    name: str
    value: float
    unit: str
    goal: str
    met: bool | None
    detail: str = ""


def spent_s(pid: int) -> float:
    """Processor seconds of a process and all its children, those that ended included."""
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        times = process.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            with suppress(psutil.Error):
                found = child.cpu_times()
                total += found.user + found.system
    return total


class Meter:
    """Processor time by role between its making and `read`.

    Args:
        pids: process ids by role.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._begun = time.monotonic()
        self._before = {role: spent_s(pid) for role, pid in pids.items()}

    def read(self) -> tuple[float, dict[str, float]]:
        """Seconds passed and processor seconds by role."""
        return time.monotonic() - self._begun, {role: spent_s(pid) - self._before[role] for role, pid in self._pids.items()}


def roles(chain: Chain) -> dict[str, int]:
    """Process ids of everything that works for a chain."""
    states = chain.stack.supervisor.states() if chain.stack else {}
    found = {role: states[name]["pid"] for role, name in (("broker", "kafka"), ("database", "postgres")) if name in states}
    if chain.load:
        found["load"] = chain.load.pid
    return found | {name: slot.pid for name, slot in chain.watch.slots.items()}


@dataclass
class Samples:
    """When which input offset of each partition was visible in the database: sampled from a second session."""

    times: list[float] = field(default_factory=list)
    newest: list[dict[int, int]] = field(default_factory=list)


class Sampler(threading.Thread):
    """Samples the newest accounted offsets until `stop`."""

    def __init__(self, chain: Chain, every_s: float = SAMPLE_S) -> None:
        super().__init__(name="sampler", daemon=True)
        self.samples = Samples()
        self._chain, self._every_s, self._over = chain, every_s, threading.Event()

    def run(self) -> None:
        """Sample."""
        with self._chain.connect() as connection:
            stored = Stored(connection, RAW)
            while not self._over.wait(self._every_s):
                newest = stored.newest()
                self.samples.times.append(time.time())
                self.samples.newest.append(newest)

    def stop(self) -> Samples:
        """End sampling."""
        self._over.set()
        self.join()
        return self.samples


def latency_s(chain: Chain, samples: Samples, settle_s: float = 3.0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """From the Kafka timestamp of each record to the first sample that shows its row committed (at most SAMPLE_S too long).

    Records of the first and last `settle_s` of the sampled time are left out.
    """
    times, found = np.array(samples.times), []
    log = Log(chain.settings.kafka, chain.settings.topic(RAW))
    try:
        for partition in range(log.partitions):
            visible = np.array([newest.get(partition, -1) for newest in samples.newest])
            facts = np.array([(record.offset, record.known_at) for record in log.records(partition)], np.int64).reshape(-1, 2)
            known_at = facts[:, 1] / 1e6
            facts = facts[(known_at > times[0] + settle_s) & (known_at < times[-1] - settle_s)]
            place = np.searchsorted(visible, facts[:, 0])
            place = np.minimum(place, len(times) - 1)
            found.append(times[place] - facts[:, 1] / 1e6)
    finally:
        log.close()
    return np.concatenate(found)


def stall_s(samples: Samples, since: float) -> float:
    """Longest time from `since` on in which a partition did not move, under a constant load."""
    longest = 0.0
    times = [at for at in samples.times if at >= since]
    rows = samples.newest[-len(times) :] if times else []
    for partition in rows[0] if rows else ():
        moved = times[0]
        for (at, newest), before in zip(zip(times[1:], rows[1:], strict=True), rows, strict=False):
            if newest.get(partition) != before.get(partition):
                longest, moved = max(longest, at - moved), at
        longest = max(longest, times[-1] - moved)
    return longest


class Lag:
    """Records between the log's end and the database, a sample a second."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.samples: list[tuple[float, int]] = []

    def watch(self, seconds: float, tell: Callable[[str], None]) -> None:
        """Sample for a while."""
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            with self._chain.connect() as connection:
                newest = Stored(connection, RAW).newest()
            ends = self._chain.ends(RAW)
            lag = sum(end - 1 - newest.get(partition, -1) for partition, end in ends.items())
            self.samples.append((passed, lag))
            tell(f"{passed:5.0f} s: lag {lag:,}")
            time.sleep(max(0.0, 1.0 - (time.monotonic() - begun - passed)))

    def slope(self, over_s: float) -> float:
        """Records a second by which the lag grew in the last `over_s` seconds (least squares)."""
        last = np.array([(at, lag) for at, lag in self.samples if at >= self.samples[-1][0] - over_s], float)
        return float(np.polyfit(last[:, 0], last[:, 1], 1)[0]) if len(last) > 2 else float("nan")

    @property
    def end(self) -> int:
        """The last lag; the median of the last five samples, as one sample hits a batch or not."""
        return int(np.median([lag for _, lag in self.samples[-5:]]))
