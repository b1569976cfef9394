"""From the spool to Kafka, in order; a record leaves the spool when the broker has stored it."""

from collections.abc import Sequence
from threading import Event
from typing import Final, Protocol

import structlog

from bridge.reading import Record
from bridge.spool import Spool
from telemetry.health import Health
from telemetry.metrics import BRIDGE_DELIVERED, BRIDGE_SPOOL_BYTES, BRIDGE_SPOOL_RECORDS

log = structlog.get_logger(__name__)

RECORDS_MAX: Final = 5000  # on their way at once
WAIT_S: Final = 0.5
SLOW_S: Final = 3.0  # a broker that is silent for longer is told as away
AGAIN_S: Final = 2.0  # after a refusal
END_S: Final = 10.0  # what is on its way at the stop has this time


class Outlet(Protocol):
    """Where records go: Kafka, or a list in a test."""

    def send(self, records: Sequence[Record]) -> None:
        """Put records on their way."""

    def left(self, wait_s: float) -> int:
        """How many of them are still on their way after waiting a while."""

    def failure(self) -> str:
        """Why one of them was refused; empty while none was."""

    def renew(self) -> None:
        """Forget everything that was on its way and begin anew."""


class Forwarder:
    """Delivers what the spool holds.

    Args:
        spool: where the records are.
        outlet: where they go.
        health: gets the dependency `kafka`.
        stop: ends it; what is not delivered stays in the spool.
    """

    def __init__(self, spool: Spool, outlet: Outlet, health: Health, stop: Event) -> None:
        self._spool, self._outlet, self._health, self._stop = spool, outlet, health, stop
        self._away = False
        health.set("kafka", True)

    def run(self) -> None:
        """Deliver until the stop."""
        while not self._stop.is_set():
            records = self._spool.read(RECORDS_MAX, wait_s=WAIT_S)
            if records and self._deliver(records):
                self._spool.commit(records)
                BRIDGE_DELIVERED.inc(len(records))
                BRIDGE_SPOOL_BYTES.set(self._spool.size)
                BRIDGE_SPOOL_RECORDS.set(self._spool.waiting)

    def _deliver(self, records: Sequence[Record]) -> bool:
        """True when all are stored; on a refusal all of them are sent again later."""
        self._outlet.send(records)
        waited = 0.0
        while self._outlet.left(WAIT_S):
            waited += WAIT_S
            if waited >= SLOW_S:
                self._tell(f"no answer from the broker for {waited:.0f} s")
            if self._outlet.failure() or (self._stop.is_set() and (self._away or waited >= END_S)):
                break
        else:
            if not self._outlet.failure():
                self._tell("")
                return True
        failure = self._outlet.failure()
        if failure:
            self._tell(f"the broker refuses: {failure}")
        self._outlet.renew()
        self._stop.wait(AGAIN_S)
        return False

    def _tell(self, reason: str) -> None:
        waiting = self._spool.waiting
        if reason and not self._away:
            log.warning("kafka_away", reason=reason, readings=waiting)
        elif not reason and self._away:
            log.warning("kafka_back", readings=waiting)
        self._away = bool(reason)
        self._health.set("kafka", not reason, reason and f"{reason}; {waiting} readings wait on disk")
