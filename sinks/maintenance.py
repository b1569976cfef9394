"""What has to be done about once a minute: rollups, partitions ahead, retention, failed jobs of the database.

Several sinks may run it: whoever gets the lock does the work, the others skip the turn.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final

import psycopg
import structlog

from schemas.registry import Away, Registry
from settings import Settings
from sinks import replay, retention, rollups
from sinks.errors import classify
from store import flavour
from store.database import Role, Unconfigured, connect
from store.partitions import Months, following, month_of
from telemetry.health import Health

log = structlog.get_logger()
EVERY_S: Final = 60.0
TURN: Final = "select pg_try_advisory_lock(7304)"
REPORT: Final = """insert into store.job as j (name, last_run, last_success, duration_s, ok, detail)
  values (%(name)s, %(begin)s, case when %(ok)s then now() end, %(duration)s, %(ok)s, %(detail)s)
  on conflict (name) do update set last_run = excluded.last_run, last_success = coalesce(excluded.last_success, j.last_success),
    duration_s = excluded.duration_s, ok = excluded.ok, detail = excluded.detail"""
FAILED: Final = "select job, detail from ops.job_health where not ok order by job"


class Maintenance:
    """Jobs by name; each is a function of an open session that returns what it did, in words."""

    def __init__(self, settings: Settings, health: Health) -> None:
        self._settings, self._health = settings, health
        self.jobs: dict[str, Callable[[psycopg.Connection], str]] = {
            "rollups": lambda connection: f"{rollups.refresh(connection)} sensor hours",
            "partitions": self._ahead,
            "retention": self._expire,
        }
        if settings.schema_registry_url:
            self._registry = Registry(settings.schema_registry_url)
            self.jobs["schema_pending"] = self._send_again

    def run(self) -> None:
        """Do every job once, unless another sink is at it; a failure ends that job only.

        Raises:
            psycopg.Error: the server does not answer.
        """
        with connect(self._settings, role=Role.MAINTENANCE, autocommit=True) as connection:
            if not connection.execute(TURN).fetchall()[0][0]:
                return
            for name, job in self.jobs.items():
                self._do(connection, name, job)
            failed = ", ".join(f"{job}: {detail}" for job, detail in connection.execute(FAILED).fetchall())
        self._health.set("jobs", not failed, failed, critical=False)

    def _do(self, connection: psycopg.Connection, name: str, job: Callable[[psycopg.Connection], str]) -> None:
        begin, clock = datetime.now(UTC), time.perf_counter()
        try:
            ok, detail = True, job(connection)
        except (psycopg.Error, replay.Busy) as error:
            if connection.closed:
                raise
            ok, detail = False, str(classify(error))
            log.warning("job_failed", job=name, reason=detail)
        duration_s = time.perf_counter() - clock
        connection.execute(REPORT, {"name": name, "begin": begin, "duration": duration_s, "ok": ok, "detail": detail})

    def _ahead(self, connection: psycopg.Connection) -> str:
        month = month_of(datetime.now(UTC))
        Months().ensure(connection, {month, following(month)})
        return "this month and the next"

    def _expire(self, connection: psycopg.Connection) -> str:
        settings, now = self._settings, datetime.now(UTC)
        dropped = retention.expire(connection, flavour.stored(connection) or "plain", now, settings.database_retention_days)
        spectra = retention.expire_spectra(connection, now, settings.spectrum_retention_days)
        return ", ".join([*(f"dropped {table}" for table in dropped), f"{spectra} spectra deleted"])

    def _send_again(self, connection: psycopg.Connection) -> str:
        """Refused records whose schema the registry can now answer for, be it with a no: the worker then says so."""
        return f"{replay.pending(self._settings, connection, self._answered)} records sent again"

    def _answered(self, schema_id: int) -> bool:
        return not isinstance(self._registry.schema(schema_id), Away)


def repeat(maintenance: Maintenance, stop: Event, every_s: float = EVERY_S) -> Thread:
    """Run it now and then in a thread of its own until `stop` is set."""

    def loop() -> None:
        while not stop.is_set():
            try:
                maintenance.run()
            except (psycopg.Error, Unconfigured) as error:
                log.warning("maintenance_postponed", reason=str(error).strip())
            stop.wait(every_s)

    thread = Thread(target=loop, name="maintenance", daemon=True)
    thread.start()
    return thread
