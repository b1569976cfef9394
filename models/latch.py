"""One process at a time: a lock on a file, which the system lets go when the process ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.tracking import RegistryError


class BusyError(RegistryError):
    """Another process does the same just now."""


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold the lock of a file.

    Args:
        path: of the file; made when it is not there.
        what: the work, for the message: "the retraining of wear".

    Raises:
        BusyError: somebody else holds it.

    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"{what} is running already: wait for it, or end it") from None
        yield
