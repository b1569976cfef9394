"""Between a source and the spool: what came is on disk before its source is told so.

The receiving thread hands over records and what to do once they are safe; a thread of its own writes everything that is
waiting at once and makes one trip to the disk for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event
from typing import Final, Protocol

import structlog

from bridge.reading import Record
from bridge.spool import FullError, Spool
from telemetry.health import Health
from telemetry.metrics import BRIDGE_SPOOL_BYTES, BRIDGE_SPOOL_RECORDS

log = structlog.get_logger(__name__)

WAITING_MAX: Final = 1000  # messages between the receiving thread and the disk
RECORDS_MAX: Final = 1000  # of one write
WAIT_S: Final = 0.2

Done = Callable[[], None]


class Source(Protocol):
    """Where messages come from."""

    def pause(self) -> None:
        """Take no more; what is not acknowledged will be sent again."""

    def resume(self) -> None:
        """Go on."""


@dataclass(frozen=True, slots=True)
class Message:
    """Records of one message, and what to do when they are safe."""

    records: Sequence[Record]
    done: Done


class Intake:
    """Writes to the spool.

    Args:
        spool: where everything goes.
        source: is paused while the spool is full.
        health: gets the dependency `spool`.
        stop: ends everything, also a thread that waits for room.
    """

    def __init__(self, spool: Spool, source: Source, health: Health, stop: Event) -> None:
        self._spool, self._source, self._health, self._stop = spool, source, health, stop
        self._queue: Queue[Message] = Queue(WAITING_MAX)
        health.set("spool", True)

    def put(self, records: Sequence[Record], done: Done) -> None:
        """Hand over a message; waits while too many are on their way. After the stop it is left: its source has it still."""
        while not self._stop.is_set():
            try:
                self._queue.put(Message(records, done), timeout=WAIT_S)
            except Full:
                continue
            return

    def run(self) -> None:
        """Write until the stop, then what is still waiting if there is room for it."""
        while not (self._stop.is_set() and self._queue.empty()):
            batch = self._batch()
            if not batch:
                continue
            if not self._write([record for message in batch for record in message.records]):
                return
            for message in batch:
                message.done()
            self._tell()

    def _batch(self) -> list[Message]:
        try:
            batch = [self._queue.get(timeout=WAIT_S)]
        except Empty:
            return []
        while len(batch) < WAITING_MAX:
            try:
                batch.append(self._queue.get_nowait())
            except Empty:
                break
        return batch

    def _write(self, records: Sequence[Record]) -> bool:
        return all(self._append(records[begin : begin + RECORDS_MAX]) for begin in range(0, len(records), RECORDS_MAX))

    def _append(self, records: Sequence[Record]) -> bool:
        """Write, and wait for room if there is none. False: stopped before there was any."""
        full = False
        while True:
            try:
                self._spool.append(records)
            except FullError as error:
                if self._stop.is_set():
                    return False
                if not full:
                    log.error(  # noqa: TRY400  its trace says nothing
                        "spool_full", reason=str(error), consequence="nothing is read or acknowledged until there is room"
                    )
                    self._source.pause()
                full = True
                self._health.set("spool", False, f"{error}; nothing is read until there is room")
                self._stop.wait(WAIT_S)
                continue
            if full:
                log.warning("spool_has_room")
                self._health.set("spool", True)
                self._source.resume()
            return True

    def _tell(self) -> None:
        BRIDGE_SPOOL_BYTES.set(self._spool.size)
        BRIDGE_SPOOL_RECORDS.set(self._spool.waiting)
