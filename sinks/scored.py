"""The sink of scored blocks: measurements, ledger and positions in one transaction.

A batch locks the positions of its partitions and compares them, and the watermarks of their sources, with what this sink left:
whoever else wrote in between (another sink after a rebalance, one that was stopped and woke up) makes it Stale, and nothing is
written. Rows at or below a watermark were stored before. A block beyond watermark + 1 waits for the worker to send the missing
ones again; neither watermark nor position moves past it meanwhile.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.errors import CheckViolation, DeadlockDetected, SerializationFailure, UniqueViolation

from processors.outcome import Flag
from settings import Settings
from sinks import measurement, outcomes, positions, record, sources
from sinks.batch import Batch
from sinks.errors import Poison, classify
from sinks.layout import Layout
from sinks.names import Names
from sinks.record import Record
from sinks.rows import Rows, when
from sinks.sources import Cursor, Source
from sinks.touched import Touched
from store.partitions import Months, month_of
from streams import topics
from telemetry.metrics import LATENCY, MISSING, SINK_ROWS

STAGED_BATCHES: Final = 20  # after a violation: a replay is probably under way, and each failed COPY costs its whole batch
TRIES: Final = 3
TABLE: Final = "measurement"


class Scored:
    """Writes blocks; call `load` on assignment and after any error, then `write` in the order of the log."""

    name = topics.SCORED

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topic(topics.SCORED)
        self.cursors: dict[int, Cursor] = {}
        self._rows_max = settings.sink_rows_max
        self._topic_id = ""
        self._layout, self._names, self._months, self._touched = Layout(), Names(), Months(), Touched()
        self._staged_batches = 0

    def load(self, connection: psycopg.Connection, topic_id: str, partitions: Iterable[int]) -> dict[int, int]:
        """Next offset to read by partition; forgets what it knew.

        Raises:
            Fault: the topic was made anew.
        """
        self._topic_id = topic_id
        offsets = positions.load(connection, self.topic, topic_id, partitions)
        self.cursors = sources.load(connection, offsets)
        return dict(offsets)

    def write(self, connection: psycopg.Connection, records: Sequence[Record]) -> dict[int, int]:
        """Store records, at most about `sink_rows_max` rows in a transaction; returns the stored positions.

        Raises:
            Stale: somebody else moved a position; load again.
            Fault, psycopg.Error: nothing of the present transaction was stored; load again.
        """
        try:
            return self._write(connection, records)
        except psycopg.Error as error:
            if not isinstance(classify(error), Poison):
                raise
        moved: dict[int, int] = {}
        for item in records:  # find the one the database refuses
            moved |= self._write_or_keep(connection, item)
        return moved

    def _write_or_keep(self, connection: psycopg.Connection, item: Record) -> dict[int, int]:
        try:
            return self._write(connection, [item])
        except psycopg.Error as error:
            problem = classify(error)
            if not isinstance(problem, Poison):
                raise
            batch = Batch(self._names, self._layout)
            batch.refuse(item, self.cursors[item.partition], str(problem))
            return self._commit(connection, batch)

    def _write(self, connection: psycopg.Connection, records: Sequence[Record]) -> dict[int, int]:
        moved: dict[int, int] = {}
        batch = Batch(self._names, self._layout)
        for item in records:
            batch.add(connection, item, self.cursors[item.partition])
            if batch.size >= self._rows_max:
                moved |= self._commit(connection, batch)
                batch = Batch(self._names, self._layout)
        return moved | self._commit(connection, batch)

    def holes(self, now: datetime | None = None) -> dict[Source, float]:
        """Sources that wait for missing blocks, and for how long (seconds)."""
        moment = now or datetime.now(UTC)
        found = {}
        for partition, cursor in self.cursors.items():
            for source in cursor.sources.values():
                age_s = (moment - source.gap_since).total_seconds() if source.gap_since else 0.0
                MISSING.labels(source.topic, str(partition)).set(age_s)
                if source.gap_since:
                    found[source] = age_s
        return found

    def compare(self, connection: psycopg.Connection) -> None:
        """See whether a person or another sink moved a watermark.

        Raises:
            Stale: load again.
        """
        known = [source for cursor in self.cursors.values() for source in cursor.sources.values()]
        with connection.cursor() as cursor:
            sources.compare(cursor, known)

    def _commit(self, connection: psycopg.Connection, batch: Batch) -> dict[int, int]:
        if not batch.read:
            return {}
        rows = batch.rows
        try:
            found = self._store(connection, batch, rows)
        except CheckViolation:  # perhaps a month is gone that was there: retention drops whole partitions
            self._months.forget()
            found = self._store(connection, batch, rows)
        self._committed(batch, rows, found)
        return {partition: self.cursors[partition].off for partition in batch.read}

    def _store(self, connection: psycopg.Connection, batch: Batch, rows: Rows) -> outcomes.Additions:
        self._months.ensure(connection, {month_of(when(int(us))) for us in np.unique(month_starts(rows))})
        in_order = (rows["flags"] & Flag.LATE) == 0
        nothing = np.zeros(len(rows), bool)
        try:
            found = self._retried(connection, batch, rows, nothing if self._staged_batches else in_order)
        except UniqueViolation:
            self._staged_batches = STAGED_BATCHES
            found = self._retried(connection, batch, rows, nothing)
        self._staged_batches = max(0, self._staged_batches - 1)
        return found

    def _retried(self, connection: psycopg.Connection, batch: Batch, rows: Rows, in_order: NDArray[np.bool_]) -> outcomes.Additions:
        for _ in range(TRIES - 1):
            try:
                return self._attempt(connection, batch, rows, in_order)
            except (DeadlockDetected, SerializationFailure):
                continue
        return self._attempt(connection, batch, rows, in_order)

    def _attempt(self, connection: psycopg.Connection, batch: Batch, rows: Rows, in_order: NDArray[np.bool_]) -> outcomes.Additions:
        moves = [source for cursor in batch.cursors.values() for source in cursor.sources.values()]
        before = {partition: self.cursors[partition] for partition in batch.read}
        with connection.transaction(), connection.cursor() as cursor:
            if len(rows):
                self._touched.append(cursor, rows)
            positions.lock(cursor, self.topic, {partition: known.off for partition, known in before.items()})
            if moves:
                sources.compare(cursor, [source for known in before.values() for source in known.sources.values()])
            stored, corrected = measurement.store(cursor, rows, in_order)
            found = outcomes.additions(rows, in_order, stored, corrected, batch.others)
            outcomes.add(cursor, found)
            record.keep(cursor, self.topic, self._topic_id, batch.asides)
            if moves:
                sources.advance(cursor, moves)
            positions.advance(cursor, self.topic, batch.offsets)
        return found

    def _committed(self, batch: Batch, rows: Rows, found: outcomes.Additions) -> None:
        """Durable: now the tentative moves are the truth."""
        self._touched.committed()
        for partition, off in batch.offsets.items():
            cursor = batch.cursors[partition]
            cursor.off = off
            self.cursors[partition] = cursor
            for source in cursor.sources.values():
                source.gap_since = (source.gap_since or datetime.now(UTC)) if source.gap_start is not None else None
        for outcome, n in outcomes.totals(found).items():
            if n:
                SINK_ROWS.labels(TABLE, outcome).inc(n)
        if len(rows):
            LATENCY.observe(time.time() - rows["known_at"] / 1e6, TABLE)


def month_starts(rows: Rows) -> NDArray[np.int64]:
    """Begin of the month of each row, microseconds since 1970."""
    return rows["ts"].astype("M8[us]").astype("M8[M]").astype("M8[us]").astype(np.int64)
