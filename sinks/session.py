"""The sink's session with the database: opened when needed, dropped after an error, temporary tables made each time."""

import psycopg

from settings import Settings
from sinks import measurement
from store.database import Role, connect


class Session:
    """One connection; whatever waited in it is lost with it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: psycopg.Connection | None = None

    @property
    def connection(self) -> psycopg.Connection:
        """An open connection, outside any transaction.

        Raises:
            psycopg.Error: the server does not answer or refuses.
        """
        if self._open is None or self._open.closed:
            fresh = connect(self._settings, role=Role.SINK, autocommit=True)
            try:
                measurement.prepare(fresh)
            except BaseException:
                fresh.close()
                raise
            self._open = fresh
        return self._open

    def drop(self) -> None:
        """Close it, whatever state it is in."""
        if self._open is not None:
            self._open.close()
            self._open = None
