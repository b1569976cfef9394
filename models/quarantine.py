"""Models that were put aside: since which reason, and when they are tried again."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

DOUBLINGS_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Case:
    """One model that is not asked until `until` (seconds of the clock)."""

    reason: str
    until: float
    times: int


class Quarantine:
    """Each failure in a row doubles the time until the next trial, up to 64 times the first.

    Args:
        retry_s: time until the first trial.
        clock: seconds that never go back.

    """

    def __init__(self, retry_s: float, clock: Callable[[], float]) -> None:
        self._retry_s, self._clock = retry_s, clock
        self._cases: dict[str, Case] = {}
        self._lock = Lock()

    def put(self, digest: str, reason: str) -> None:
        """A model failed."""
        with self._lock:
            before = self._cases.get(digest)
            times = before.times + 1 if before else 1
            wait = self._retry_s * 2 ** min(times - 1, DOUBLINGS_MAX)
            self._cases[digest] = Case(reason, self._clock() + wait, times)

    def reason(self, digest: str) -> str:
        """Why a model is not asked now; "" when it may be, perhaps on trial."""
        case = self._cases.get(digest)
        return case.reason if case and self._clock() < case.until else ""

    def ill(self, digest: str) -> bool:
        """Whether its last answer was a failure."""
        return digest in self._cases

    def release(self, digest: str) -> None:
        """A model answered well."""
        with self._lock:
            self._cases.pop(digest, None)
