"""Counts of what arrived and what was refused: metrics, health, and a log line at a bounded rate."""

import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from bridge.reading import Outcome, Point, Reason, Record, Refusal, checked, record
from telemetry.health import Health
from telemetry.metrics import BRIDGE_GAPS, BRIDGE_READINGS, BRIDGE_REFUSED

log = structlog.get_logger(__name__)

LOG_S: Final = 10.0  # at most one line per reason in this time
SHOWN_S: Final = 300.0  # refusals degrade the health for this time


class Tally:
    """What one bridge has seen. Called from the thread that receives.

    Args:
        protocol: label of the metrics.
        health: gets the dependency `payloads`, which degrades while something is refused.
        clock: seconds that only grow; tests own theirs.
    """

    def __init__(self, protocol: str, health: Health, clock: Callable[[], float] = time.monotonic) -> None:
        self.protocol = protocol
        self.readings = 0
        self.refused: dict[Reason, int] = {}
        self._health, self._clock = health, clock
        self._logged: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}
        self._newest: tuple[float, str] | None = None
        health.set("payloads", True, critical=False)

    def sift(self, source: str, outcomes: Iterable[Outcome]) -> list[Record]:
        """Records of what is fit to be sent; the rest is counted and told. `source` is a topic or a node."""
        found: list[Record] = []
        for outcome in outcomes:
            passed = checked(outcome) if isinstance(outcome, Point) else outcome
            if isinstance(passed, Point):
                found.append(record(passed))
            else:
                self._refuse(source, passed)
        self.readings += len(found)
        BRIDGE_READINGS.labels(self.protocol).inc(len(found))
        return found

    def gap(self, source: str, messages: int) -> None:
        """Messages the source has numbered, but that never came."""
        BRIDGE_GAPS.labels(self.protocol).inc(messages)
        self.say("messages_missing", source=source, missing=messages)

    def say(self, event: str, **fields: object) -> None:
        """A warning, unless the same event was told shortly before; then it is counted for the next line."""
        now = self._clock()
        if now - self._logged.get(event, -LOG_S) < LOG_S:
            self._unsaid[event] = self._unsaid.get(event, 0) + 1
            return
        self._logged[event] = now
        log.warning(event, protocol=self.protocol, not_shown=self._unsaid.pop(event, 0), **fields)

    def look(self) -> None:
        """Renew the health; called every now and then."""
        shown = self._newest is not None and self._clock() - self._newest[0] < SHOWN_S
        counted = ", ".join(f"{reason} {count}" for reason, count in sorted(self.refused.items()))
        self._health.set("payloads", not shown, f"refused: {counted}; last {self._newest[1]}" if self._newest else "", critical=False)

    def _refuse(self, source: str, refusal: Refusal) -> None:
        self.refused[refusal.reason] = self.refused.get(refusal.reason, 0) + 1
        self._newest = (self._clock(), f"{source}: {refusal.detail}"[:300])
        BRIDGE_REFUSED.labels(self.protocol, refusal.reason).inc()
        self.say(f"refused_{refusal.reason}", source=source, detail=refusal.detail[:300])
