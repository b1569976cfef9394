"""One running bridge: intake, forwarder, health and metrics around a source."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

import structlog

from bridge.forward import Forwarder, Outlet
from bridge.intake import Intake, Source
from bridge.spool import Spool
from telemetry.health import Health
from telemetry.metrics import BRIDGE_CUT

log = structlog.get_logger(__name__)


class BusyError(RuntimeError):
    """Another bridge of this name runs."""


class Receiving(Source, Protocol):
    """A source that runs in the calling thread."""

    def run(self, intake: Intake, stop: Event) -> None:
        """Receive until the stop."""

    def close(self) -> None:
        """Leave the field; called when everything received is on disk."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where a bridge keeps what Kafka has not got yet; bytes_max bounds it, sync decides whether it outlives a power cut."""

    folder: Path
    bytes_max: int
    sync: bool = True


def run(source: Receiving, store: Store, outlet: Outlet, health: Health, stop: Event) -> None:
    """Receive, keep and deliver until the stop. What is not delivered by then is delivered by the next run.

    Raises:
        BusyError: another process has this folder.
    """
    with _alone(store.folder):
        spool = Spool(store.folder / "spool", bytes_max=store.bytes_max, sync=store.sync)
        if spool.cut_bytes:
            BRIDGE_CUT.inc(spool.cut_bytes)
            log.error("spool_damaged", bytes=spool.cut_bytes, kept="beside the segment, suffix .cut; a torn end was never acknowledged")
        intake = Intake(spool, source, health, stop)
        writing, sending = Work(intake.run, stop), Work(Forwarder(spool, outlet, health, stop).run, stop)
        try:
            source.run(intake, stop)
        finally:
            stop.set()
            writing.join()
            source.close()
            sending.join()
            spool.close()
        for work in (writing, sending):
            if work.failure:
                raise work.failure


class Work(Thread):
    """A started thread; when it fails, the bridge stops and ends with that cause."""

    def __init__(self, work: Callable[[], None], stop: Event) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self._work, self._stop_all = work, stop
        self.start()

    def run(self) -> None:
        """Do the work."""
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  handed to the thread that waits for this one
            self.failure = error
        finally:
            self._stop_all.set()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another bridge works in {folder}; give each its own --name") from None
        yield
