"""What the database holds, as columns: read in binary, because chaos runs leave millions of rows."""

from collections import Counter
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

SINCE_1970_US = 946_684_800_000_000  # the database counts from 2000-01-01
FIELDS = (
    ("off", "i8"), ("sensor", "i4"), ("ts", "i8"), ("value", "f8"), ("status", "i4"), ("score", "f4"), ("flags", "i2"), ("known_at", "i8"),
    ("current", "i1"),
)  # fmt: skip
WIRE = np.dtype([("fields", ">i2"), *(pair for name, kind in FIELDS for pair in ((f"{name}_size", ">i4"), (name, f">{kind}")))])
ROW = np.dtype(list(FIELDS))
HEADER, TRAILER = 19, 2
COLUMNS = "off, sensor_id, ts, value, status, score, flags, known_at"
ROWS = f"""copy (select {COLUMNS}, true from store.measurement where source = {{0}} union all
  select {COLUMNS}, false from store.measurement_revision where source = {{0}} order by 1) to stdout (format binary)"""
OUTCOMES = ("stored", "corrected", "duplicate", "rejected", "mark", "void", "expired")


class Stored:
    """Typed reads for the judge.

    Args:
        connection: to the database of the instance.
        topic: input topic, without namespace.
    """

    def __init__(self, connection: psycopg.Connection[Any], topic: str) -> None:
        self._connection, self._topic = connection, topic
        self.names = np.array([], dtype=object)

    def load_names(self) -> None:
        """Sensor names by their number."""
        pairs = self._connection.execute("select sensor_id, name from store.sensor").fetchall()
        self.names = np.full(max((number for number, _ in pairs), default=0) + 1, "", dtype=object)
        for number, name in pairs:
            self.names[number] = name

    def rows(self, partition: int) -> NDArray[Any]:
        """ROW[n] of all versions of one partition in order of their offset; times in us since 1970."""
        with self._connection.cursor() as cursor:
            source = self._source(partition)
            if source is None:
                return np.empty(0, ROW)
            with cursor.copy(ROWS.format(source).encode()) as copy:
                raw = b"".join(bytes(piece) for piece in copy)
        wire = np.frombuffer(raw, WIRE, offset=HEADER, count=(len(raw) - HEADER - TRAILER) // WIRE.itemsize)
        rows = np.empty(len(wire), ROW)
        for name in ROW.names or ():
            rows[name] = wire[name]
        for name in ("ts", "known_at"):
            rows[name] += SINCE_1970_US
        return rows

    def _source(self, partition: int) -> int | None:
        statement = "select source from ops.source where topic = %s and partition = %s"
        found = self._connection.execute(statement, (self._topic, partition)).fetchone()
        return int(found[0]) if found else None

    def newest(self) -> dict[int, int]:
        """Newest input offset accounted for, by partition."""
        rows = self._connection.execute("select partition, newest_offset from ops.source where topic = %s", (self._topic,))
        return dict(rows.fetchall())

    def positions(self, topic: str) -> dict[int, int]:
        """Next offset of a consumed topic, by partition."""
        return dict(self._connection.execute("select partition, next_offset from ops.position where topic = %s", (topic,)).fetchall())

    def ledger(self, partition: int) -> Counter[str]:
        """Outcomes of one partition."""
        sums = ", ".join(f"sum({name})" for name in OUTCOMES)
        statement = f"select {sums} from ops.ledger where topic = %s and partition = %s"
        row = self._connection.execute(statement.encode(), (self._topic, partition)).fetchone() or ()
        return Counter({name: int(value) for name, value in zip(OUTCOMES, row, strict=True) if value})

    def rejections(self, partition: int) -> list[tuple[int, str]]:
        """(offset, reason) of the refused records of one partition."""
        statement = 'select "offset", reason from ops.rejection where topic = %s and partition = %s order by 1'
        return self._connection.execute(statement.encode(), (self._topic, partition)).fetchall()

    def events(self, table: str, partition: int) -> set[tuple[int, int, float]]:
        """(offset, n-th output, known_at) of the evidence, windows, spectra or waveforms that inputs of one partition caused."""
        statement = f"""select off, nth, (extract(epoch from known_at) * 1000000)::bigint from store.{table}
          where partition = %s and topic_id = (select topic_id from ops.source where topic = %s and partition = %s)"""
        return set(self._connection.execute(statement.encode(), (partition, self._topic, partition)).fetchall())
