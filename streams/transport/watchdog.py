"""Ends the process when it is alive but does not work; the supervisor starts it again.

It asks the brokers with a client of its own: the state of Faust and aiokafka is not trusted here.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
class Judge:
    """Decides from a series of looks; pure but for the question for log ends."""

    limits: Limits
    ends: Callable[[list[Part]], Mapping[Part, int]]
    _seen: dict[Part, tuple[int, float]] = field(default_factory=dict)
    _since: float | None = None
    _looked: float | None = None

    def look(self, view: View, now: float) -> str | None:
        """The reason to end the process, or None."""
        frozen = self._looked is not None and now - self._looked > FROZEN_S
        self._looked = now
        if frozen or view.waiting():  # brokers away is no fault of ours
            self._seen.clear()
            self._since = None
            return None
        silent_s = now - view.beat()
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
