"""Ends the process when it is alive but does not work; the supervisor starts it again.

It asks the brokers with a client of its own: the state of Faust and aiokafka is not trusted here. Time in which a thread of the process
was ready to run and other processes had the processors does not count: who is slow because the machine is overloaded would be ended
before he gets on, again and again.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException

from streams.transport.identity import Brokers, Part

LOOK_S = 2.0
FROZEN_S = 10.0  # a longer gap between two looks means the whole process stood still (SIGSTOP, suspended machine)


@dataclass(frozen=True, slots=True)
class Limits:
    """Longest times without progress, seconds."""

    stall_s: float = 25.0
    loop_s: float = 30.0
    rebalance_s: float = 90.0


@dataclass(frozen=True, slots=True)
class View:
    """What the watchdog sees of the process: called from its thread, so each must be a plain read."""

    positions: Callable[[], Mapping[Part, int]]
    beat: Callable[[], float]
    rebalancing: Callable[[], bool]
    waiting: Callable[[], bool]


@dataclass(slots=True)
class Starved:
    """Seconds in which a thread of this process waited for a processor: those of the thread that waited longest between two readings.

    From `/proc/<pid>/task/<tid>/schedstat`, second column, nanoseconds (Linux, sched-stats); 0 where there is none.
    """

    tasks: Path = Path("/proc/self/task")
    _seen: dict[str, int] = field(default_factory=dict)
    _total_ns: int = 0

    def __call__(self) -> float:
        """The sum since the first reading."""
        now = {path.parent.name: ns for path in self.tasks.glob("*/schedstat") if (ns := _waited(path)) is not None}
        self._total_ns += max((ns - self._seen[task] for task, ns in now.items() if task in self._seen), default=0)
        self._seen = now
        return self._total_ns / 1e9


def _waited(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):  # the thread has ended
        return None


@dataclass(slots=True)
class Judge:
    """Decides from a series of looks; pure but for the questions for log ends and for the time spent waiting for a processor."""

    limits: Limits
    ends: Callable[[list[Part]], Mapping[Part, int]]
    starved: Callable[[], float] = field(default_factory=Starved)
    _seen: dict[Part, tuple[int, float]] = field(default_factory=dict)
    _beat: tuple[float, float] | None = None
    _since: float | None = None
    _looked: float | None = None

    def look(self, view: View, now: float) -> str | None:
        """The reason to end the process, or None."""
        frozen = self._looked is not None and now - self._looked > FROZEN_S
        self._looked = now
        now -= self.starved()
        beat = view.beat()
        if self._beat is None or self._beat[0] != beat:
            self._beat = beat, now
        if frozen or view.waiting():  # brokers away is no fault of ours
            self._seen.clear()
            self._since = None
            return None
        silent_s = now - self._beat[1]
        if silent_s > self.limits.loop_s:
            return f"event loop silent for {silent_s:.0f} s"
        if view.rebalancing():
            self._seen.clear()
            self._since = now if self._since is None else self._since
            return "rebalance or restore does not end" if now - self._since > self.limits.rebalance_s else None
        self._since = None
        return self._stalled(view.positions(), now)

    def _stalled(self, positions: Mapping[Part, int], now: float) -> str | None:
        for part, position in positions.items():
            if self._seen.get(part, (None, 0.0))[0] != position:
                self._seen[part] = (position, now)
        late = [part for part, position in positions.items() if now - self._seen[part][1] > self.limits.stall_s]
        try:
            ends = self.ends(late)
        except KafkaException:
            return None
        for part in late:
            if ends[part] > positions[part]:
                return f"{part[0]}[{part[1]}] stands at {positions[part]}, its log ends at {ends[part]}"
            self._seen[part] = (positions[part], now)
        return None


class Watchdog(threading.Thread):
    """Looks every LOOK_S seconds and calls `end(reason)` when the judge says so."""

    def __init__(self, brokers: Brokers, view: View, end: Callable[[str], None], limits: Limits | None = None) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._judge = Judge(limits or Limits(), brokers.committed_ends)
        self._view, self._end = view, end

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            time.sleep(LOOK_S)
            reason = self._judge.look(self._view, time.monotonic())
            if reason:
                self._end(reason)
