"""Writes every few seconds how fast this sink is and how far behind: only a sink knows both, and dashboards ask the database."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Final

import psycopg

from telemetry.metrics import LATENCY

EVERY_S: Final = 10.0
KEPT: Final = "7 days"
TABLE: Final = "measurement"  # whose latency it is
NO_SPEED: Final = (0, None, None)
WRITE: Final = """insert into store.delivery (at, topic, sink, rows, p50_s, p99_s, lag) values (to_timestamp(%s), %s, %s, %s, %s, %s, %s)
  on conflict do nothing"""
EXPIRE: Final = f"delete from store.delivery where at < now() - interval '{KEPT}'"


class Pulse:
    """What one sink process says about itself.

    Args:
        sink: name of the process, unique among the sinks.
        topic: the topic whose rows have a latency.
        clock: seconds since 1970; tests own theirs.
    """

    def __init__(self, sink: str, topic: str, clock: Callable[[], float] = time.time) -> None:
        self._sink, self._topic, self._clock = sink, topic, clock
        self._last = clock()
        self._counts = LATENCY.counts(TABLE)

    def due(self) -> bool:
        """Whether it is time to write again."""
        return self._clock() - self._last >= EVERY_S

    def write(self, connection: psycopg.Connection, lag: Mapping[str, int]) -> None:
        """Write one row per consumed topic; `lag` is records by topic. The caller commits.

        Raises:
            psycopg.Error: the database refuses; nothing is lost but this line of a chart.
        """
        speed = self._speed()
        self._last = self._clock()
        rows = [(self._last, topic, self._sink, *(speed if topic == self._topic else NO_SPEED), records) for topic, records in lag.items()]
        with connection.cursor() as cursor:
            cursor.executemany(WRITE, rows)
            cursor.execute(EXPIRE)

    def _speed(self) -> tuple[int, float | None, float | None]:
        """Rows, median and 99th percentile of their latency since the last call."""
        counts, before = LATENCY.counts(TABLE), self._counts
        self._counts = counts
        p50_s, p99_s = (_known(LATENCY.quantile(share, TABLE, since=before)) for share in (0.5, 0.99))
        return int((counts - before).sum()), p50_s, p99_s


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
