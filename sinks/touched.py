"""Which (sensor, minute) have new rows: appended to store.rollup_dirty in the transaction that writes them.

A key is appended once per generation. Maintenance starts a new generation under the exclusive lock whose shared form every
writer holds until it commits: so a key that a writer leaves out because it appended it before has not been taken yet.
"""

from typing import Final

import numpy as np
import psycopg

from sinks.measurement import copy
from sinks.rows import DIRTY, MINUTE_US, Rows

SHARE: Final = "select pg_advisory_xact_lock_shared(7303)"
GENERATION: Final = "select generation from store.rollup_state"  # after SHARE, as a statement of its own: it must see newer commits
APPEND: Final = "copy store.rollup_dirty (sensor_id, minute) from stdin (format binary)"
KEYS_MAX: Final = 1_000_000  # remembered at most
SHIFT: Final = 32


class Touched:
    """Remembers the keys this process appended in the present generation."""

    def __init__(self) -> None:
        self._generation = -1
        self._keys: set[int] = set()
        self._pending: list[int] = []

    def append(self, cursor: psycopg.Cursor, rows: Rows) -> None:
        """Append the keys of rows (ROW). Call it first in a transaction; `committed` after it."""
        cursor.execute(SHARE)
        generation = int(cursor.execute(GENERATION).fetchall()[0][0])
        if generation != self._generation or len(self._keys) > KEYS_MAX:
            self._generation, self._keys = generation, set()
        keys = np.unique(rows["sensor_id"].astype(np.int64) << SHIFT | rows["ts"] // MINUTE_US)
        self._pending = [key for key in keys.tolist() if key not in self._keys]
        if not self._pending:
            return
        fresh = np.array(self._pending, np.int64)
        dirty = np.empty(len(fresh), DIRTY)
        dirty["sensor_id"] = fresh >> SHIFT
        dirty["minute"] = (fresh & (1 << SHIFT) - 1) * MINUTE_US
        copy(cursor, APPEND, dirty)

    def committed(self) -> None:
        """The transaction of the last append is durable."""
        self._keys.update(self._pending)
        self._pending = []
