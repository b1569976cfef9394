"""Calls with a time limit: the caller goes on when it is over, whatever the call does."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")
Job = tuple[Callable[[], Any], "Future[Any]"]


class OverdueError(TimeoutError):
    """The call took longer than it may."""


class Runner:
    """One thread that works for one caller at a time.

    A call that is overdue keeps its thread, which ends with it; the next call gets a new one.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] | None = None
        self._lock = Lock()

    def run(self, call: Callable[[], T], limit_s: float) -> T:
        """The result of a call, or its error.

        Raises:
            OverdueError: it did not come within the limit.

        """
        with self._lock:
            if self._jobs is None:
                self._jobs = SimpleQueue()
                Thread(target=_work, args=(self._jobs,), name="model", daemon=True).start()
            answer: Future[T] = Future()
            self._jobs.put((call, answer))
            try:
                return answer.result(limit_s)
            except TimeoutError as error:
                if answer.done():
                    raise  # the model's own
                self._leave()
                raise OverdueError(f"took longer than {limit_s * 1000:g} ms") from error

    def close(self) -> None:
        """Let the thread end."""
        with self._lock:
            self._leave()

    def _leave(self) -> None:
        if self._jobs is not None:
            self._jobs.put(None)
        self._jobs = None


def _work(jobs: "SimpleQueue[Job | None]") -> None:
    while job := jobs.get():
        call, answer = job
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001  it belongs to the caller
            answer.set_exception(error)
