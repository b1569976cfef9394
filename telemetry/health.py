"""What a process depends on, whether it is in order, why not, and since when."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from telemetry.metrics import HEALTHY

BEAT_S_MAX = 60.0  # a main loop that says nothing for longer is stuck


@dataclass(frozen=True, slots=True)
class Dependency:
    """State of one dependency; since is the time (seconds since 1970) of the last change between in order and not."""

    ok: bool
    reason: str
    since: float
    critical: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer of a probe and the reason for a no."""

    ok: bool
    reason: str = ""


class Health:
    """Health of one process; every method may be called from any thread.

    Args:
        clock: seconds since 1970; tests own theirs.
        beat_s_max: longest silence of the main loop after its first beat.
    """

    def __init__(self, clock: Callable[[], float] = time.time, *, beat_s_max: float = BEAT_S_MAX) -> None:
        self._clock, self._beat_s_max = clock, beat_s_max
        self._dependencies: dict[str, Dependency] = {}
        self._beat: float | None = None
        self._lock = Lock()

    def set(self, name: str, ok: bool, reason: str = "", *, critical: bool = True) -> None:  # noqa: FBT001  reads as set("kafka", True)
        """Note the state of a dependency; while ok stays the same, `since` stays and only the reason is renewed.

        A dependency that is not critical (a registry, a collector of traces) degrades but leaves the process ready.
        """
        with self._lock:
            before = self._dependencies.get(name)
            since = before.since if before and before.ok == ok else self._clock()
            self._dependencies[name] = Dependency(ok, reason, since, critical)
        HEALTHY.labels(name).set(ok)

    def drop(self, name: str) -> None:
        """Forget a dependency, e.g. a partition that another worker has now."""
        with self._lock:
            self._dependencies.pop(name, None)
        HEALTHY.remove(name)

    def beat(self) -> None:
        """The main loop came by."""
        with self._lock:
            self._beat = self._clock()

    def live(self) -> Verdict:
        """Whether a restart would not help: never a no because a dependency is away."""
        with self._lock:
            silent_s = 0.0 if self._beat is None else self._clock() - self._beat
        if silent_s <= self._beat_s_max:
            return Verdict(ok=True)
        return Verdict(ok=False, reason=f"the main loop has been silent for {silent_s:.0f} s")

    def ready(self) -> Verdict:
        """Whether the process does its work: every critical dependency is known and in order."""
        with self._lock:
            known = dict(self._dependencies)
        if not known:
            return Verdict(ok=False, reason="starting")
        wrong = [f"{name}: {entry.reason}" for name, entry in sorted(known.items()) if entry.critical and not entry.ok]
        return Verdict(ok=not wrong, reason="; ".join(wrong))

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Each dependency by name: ok, critical, reason, since (ISO 8601, UTC)."""
        with self._lock:
            known = dict(self._dependencies)
        return {
            name: {"ok": entry.ok, "critical": entry.critical, "reason": entry.reason, "since": _iso(entry.since)}
            for name, entry in sorted(known.items())
        }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
