"""The sink of scored blocks over several sessions: each writes some of the partitions, exactly as another sink process would.

Most of what a row costs is the server's work, and a session is served by one core. With two, one batch is prepared here while
another is being stored, and the server uses a second core. Order, positions and transactions belong to a partition: nothing is
shared between sessions but the process.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

import psycopg

from settings import Settings
from sinks.record import Record
from sinks.scored import Scored
from sinks.session import Session
from sinks.sources import Source

SESSIONS: Final = 2  # more gain little: this process needs a quarter of the time of the server


class Lanes:
    """Writes blocks; call `load` on assignment and after any error, then `write` in the order of the log, at the end `close`."""

    def __init__(self, settings: Settings, sessions: int = SESSIONS) -> None:
        self._sinks = [Scored(settings) for _ in range(sessions)]
        self.topic = self._sinks[0].topic
        self._sessions = {sink: Session(settings) for sink in self._sinks[1:]}  # the first one writes with the caller's
        self._pool = ThreadPoolExecutor(sessions, "lane")
        self._owner: dict[int, Scored] = {}

    def load(self, connection: psycopg.Connection, topic_id: str, partitions: Iterable[int]) -> dict[int, int]:
        """Next offset to read by partition; shares the partitions out anew and forgets what it knew.

        Raises:
            Fault: the topic was made anew.
        """
        wanted, found = sorted(partitions), dict[int, int]()
        self._owner = {partition: self._sinks[at % len(self._sinks)] for at, partition in enumerate(wanted)}
        for sink in self._sinks:
            found |= sink.load(connection, topic_id, [partition for partition in wanted if self._owner[partition] is sink])
        return found

    def write(self, connection: psycopg.Connection, records: Sequence[Record]) -> dict[int, int]:
        """Store records; returns the stored positions. Comes back when all sessions are done.

        Raises:
            Stale: somebody else moved a position; load again.
            Fault, psycopg.Error: some of it was not stored; load again.
        """
        shares: dict[Scored, list[Record]] = {sink: [] for sink in self._sinks}
        for record in records:
            shares[self._owner[record.partition]].append(record)
        running = [self._pool.submit(self._write, sink, connection, share) for sink, share in shares.items() if share]
        problems = [problem for problem in [future.exception() for future in running] if problem]  # waits for all
        if problems:
            raise problems[0]
        return {partition: off for future in running for partition, off in future.result().items()}

    def _write(self, sink: Scored, connection: psycopg.Connection, share: list[Record]) -> dict[int, int]:
        session = self._sessions.get(sink)
        if session is None:
            return sink.write(connection, share)
        try:
            return sink.write(session.connection, share)
        except psycopg.Error:
            session.drop()
            raise

    def holes(self, now: datetime | None = None) -> dict[Source, float]:
        """Sources that wait for missing blocks, and for how long (seconds)."""
        return {source: age_s for sink in self._sinks for source, age_s in sink.holes(now).items()}

    def compare(self, connection: psycopg.Connection) -> None:
        """See whether a person or another sink moved a watermark.

        Raises:
            Stale: load again.
        """
        for sink in self._sinks:
            sink.compare(connection)

    def close(self) -> None:
        """End the sessions and threads."""
        self._pool.shutdown()
        for session in self._sessions.values():
            session.drop()
