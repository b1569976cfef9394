"""A look at the running platform: the figures of the live view, from the database's views and the brokers' offsets."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from sinks import balance
from sinks.offsets import Brokers
from store.database import connect

if TYPE_CHECKING:
    from settings import Settings
    from store.ledger import Balance

RATE_S = 5.0  # rates are means over this time
EPISODES = """
  select e.episode_id, e.asset, e.subject, e.kind, e.detector, e.open, e.severity, e.surprise, e.grouped, e.historical,
    (extract(epoch from e.start) * 1e6)::bigint as start, (extract(epoch from e.last) * 1e6)::bigint as last,
    (select (extract(epoch from min(s.known_at)) * 1e6)::bigint from plant.episode_step s where s.episode_id = e.episode_id) as opened_us,
    array(select c.sensor from plant.episode_contribution c where c.episode_id = e.episode_id order by c.share desc) as sensors
  from plant.episode e where e.last >= to_timestamp(%s) and not e.historical
  order by e.open desc, e.severity desc, e.surprise desc nulls last, e.start"""
REJECTIONS = "select reason, count(*) from ops.rejection where known_at >= to_timestamp(%s) group by reason order by 2 desc, 1"
SPEED = "select p50_s, p99_s from ops.delivery where p50_s is not null and at >= to_timestamp(%s) order by at desc limit 1"


@dataclass(frozen=True, slots=True)
class Look:
    """Figures of one moment. Rates are a second; latencies from Kafka timestamp to committed row, None while unknown."""

    balance: "Balance"
    in_per_s: float
    stored_per_s: float
    p50_s: float | None
    p99_s: float | None
    rejections: Mapping[str, int]
    episodes: list[dict[str, Any]]


@dataclass(slots=True)
class Observer:
    """Looks at one instance, from a time on.

    Attributes:
        settings: where database and brokers are.
        since_us: episodes and rejections before this time are of no interest.
    """

    settings: "Settings"
    since_us: int
    _connection: psycopg.Connection | None = None
    _brokers: Brokers = field(init=False)
    _past: deque[tuple[float, int, int]] = field(default_factory=deque)  # clock, readings received, rows stored

    def __post_init__(self) -> None:
        self._brokers = Brokers(self.settings)

    def balance(self) -> "Balance":
        """The ledger now.

        Raises:
            psycopg.Error, KafkaException: database or brokers do not answer.
        """
        return balance.status(self.settings, self.connection, self._brokers)

    def settled(self, seconds: float) -> tuple[bool, "Balance"]:
        """Wait until everything sent so far is accounted for, at most `seconds`; whether it is, and the ledger then."""
        return balance.wait(self.settings, self.connection, self._brokers, seconds)

    def look(self) -> Look:
        """All figures now.

        Raises:
            psycopg.Error, KafkaException: database or brokers do not answer.
        """
        total, since_s = self.balance(), self.since_us / 1e6
        in_per_s, stored_per_s = self._rates(total)
        p50_s, p99_s = self.connection.execute(SPEED, (since_s,)).fetchone() or (None, None)
        rejections: dict[str, int] = dict(self.connection.execute(REJECTIONS, (since_s,)).fetchall())
        return Look(total, in_per_s, stored_per_s, p50_s, p99_s, rejections, self.episodes())

    def episodes(self) -> list[dict[str, Any]]:
        """Episodes that are no history, open ones first, with the sensors that contribute, largest share first."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(EPISODES, (self.since_us / 1e6,)).fetchall()

    @property
    def connection(self) -> psycopg.Connection:
        """A working session; a broken one is replaced."""
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = connect(self.settings, autocommit=True)
        return self._connection

    def close(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.close()

    def _rates(self, total: "Balance") -> tuple[float, float]:
        now = time.monotonic()
        self._past.append((now, total.received - total.mark, total.stored + total.corrected + total.duplicate))
        while len(self._past) > 2 and now - self._past[1][0] >= RATE_S:
            self._past.popleft()
        (then, received, stored), (_, received_now, stored_now) = self._past[0], self._past[-1]
        seconds = max(now - then, 1e-9)
        return max(received_now - received, 0) / seconds, max(stored_now - stored, 0) / seconds
