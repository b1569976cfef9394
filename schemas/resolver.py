"""Looks up foreign schema ids in the background, so that the data path never waits for the registry."""

import threading
import time
from queue import SimpleQueue
from typing import Final

from schemas.codec import PENDING
from schemas.manifest import Schema
from schemas.registry import Away, Found, Registry

WAITING_MAX: Final = 1000  # ids asked for at once; corrupted bytes can name any
MISSING_MAX: Final = 10_000  # ids remembered as unknown


class Resolver:
    """Answers at once from memory; a thread asks the registry for what is not there.

    Schemas on disk are known from the start, registry or not.

    Args:
        registry: where to ask; closed by `close`.
        retry_s: wait after the registry did not answer.
        missing_s: after this time an id the registry did not know is asked again: it may be registered by then.

    Attributes:
        away: why the registry does not answer, empty while it does. For health.
    """

    def __init__(self, registry: Registry, *, retry_s: float = 5.0, missing_s: float = 60.0) -> None:
        self.away = ""
        self._registry = registry
        self._retry_s = retry_s
        self._missing_s = missing_s
        self._known: dict[int, Schema] = registry.cached()
        self._missing: dict[int, float] = {}  # id -> when the registry said so, monotonic seconds
        self._wanted: set[int] = set()
        self._waiting: SimpleQueue[int | None] = SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schema-resolver", daemon=True)
        self._thread.start()

    def resolve(self, schema_id: int) -> Schema | None:
        """The schema; PENDING while the registry has not answered; None if it does not know the id. Never waits."""
        if schema_id in self._known:
            return self._known[schema_id]
        said = self._missing.get(schema_id)
        if said is None or time.monotonic() - said > self._missing_s:
            self._want(schema_id)
        return PENDING if said is None else None

    def close(self) -> None:
        """Ends the thread and gives back the connections; waits for a question under way at most its timeout."""
        self._stopped.set()
        self._waiting.put(None)
        self._thread.join()
        self._registry.close()

    def _want(self, schema_id: int) -> None:
        if schema_id not in self._wanted and len(self._wanted) < WAITING_MAX:
            self._wanted.add(schema_id)
            self._waiting.put(schema_id)

    def _run(self) -> None:
        while (schema_id := self._waiting.get()) is not None and not self._stopped.is_set():
            self._ask(schema_id)
            self._wanted.discard(schema_id)

    def _ask(self, schema_id: int) -> None:
        """Asks until there is an answer or the end."""
        while isinstance(answer := self._registry.schema(schema_id), Away):
            self.away = answer.detail
            if self._stopped.wait(self._retry_s):
                return
        self.away = ""
        if isinstance(answer, Found):
            self._known[schema_id] = answer.schema
            self._missing.pop(schema_id, None)
            return
        if len(self._missing) >= MISSING_MAX:
            self._missing.clear()
        self._missing[schema_id] = time.monotonic()
