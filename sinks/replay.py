"""Refused records are sent once more, to the topic they came from.

A record is claimed in the database, sent, and confirmed when the broker has it. A process that dies in between leaves it claimed:
whether it was sent is then unknown, and it is sent again only on request (`unconfirmed`). If it had been sent, the second copy
ends as a duplicate in the ledger: no measurement is ever stored twice. Each copy carries the header `maint_replay`, an id made
from the place of the refused record, so that the copies can be recognised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import psycopg
import structlog
from confluent_kafka import KafkaError, Message, Producer

from schemas.codec import PREFIX
from schemas.identifiers import deterministic_id
from settings import Settings
from sinks.repair import Repair, Unrepairable

log = structlog.get_logger()
BATCH: Final = 1000
DELIVERY_S: Final = 60
HEADER: Final = "maint_replay"
TURN: Final = "select pg_try_advisory_lock(7306)"
DONE: Final = "select pg_advisory_unlock(7306)"
PLACE: Final = "topic_id, partition, off, nth"
CLAIM: Final = f"""update store.rejection set claimed_at = now() where ({PLACE}) in (select {PLACE} from store.rejection
    where replayed_at is null and (claimed_at is null or (%(unconfirmed)s and claimed_at < %(begin)s))
      and length = octet_length(value) and {{where}} order by known_at, partition, off limit %(limit)s)
  returning topic, {PLACE}, key, value"""
CONFIRM: Final = f"""update store.rejection r set replayed_at = now()
  from unnest(%s::text[], %s::int[], %s::bigint[], %s::int[]) u ({PLACE}) where ({", ".join(f"r.{name}" for name in PLACE.split(", "))})
    = ({", ".join(f"u.{name}" for name in PLACE.split(", "))})"""
RELEASE: Final = CONFIRM.replace("replayed_at = now()", "claimed_at = null")
LEFT: Final = """select count(*) filter (where length > octet_length(value)), count(*) filter (where claimed_at is not null)
  from store.rejection where replayed_at is null and {where}"""
PENDING: Final = "select distinct substr(value, 1, 5) from store.rejection where reason = 'schema_pending' and claimed_at is null"


class Busy(Exception):  # noqa: N818  told to a person
    """Somebody else replays at the moment."""


class Place(NamedTuple):
    """Where a refused record stood."""

    topic_id: str
    partition: int
    off: int
    nth: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which refused records; empty fields select all."""

    reason: str = ""
    topic: str = ""
    partition: int | None = None
    offset: int | None = None
    prefix: bytes = b""

    @property
    def where(self) -> str:
        """The condition, with named values."""
        given = {
            "reason = %(reason)s": self.reason,
            "topic = %(topic)s": self.topic,
            "partition = %(partition)s": self.partition is not None,
            "off = %(offset)s": self.offset is not None,
            f"substr(value, 1, {PREFIX}) = %(prefix)s": self.prefix,
        }
        return " and ".join(condition for condition, value in given.items() if value) or "true"

    @property
    def values(self) -> dict[str, Any]:
        """Values of the condition."""
        return {name: getattr(self, name) for name in ("reason", "topic", "partition", "offset", "prefix")}


@dataclass(slots=True)
class Replayed:
    """What a replay did: records sent and confirmed, not sent, of unknown fate, and those that cannot be sent."""

    sent: int = 0
    failed: int = 0
    unconfirmed: int = 0
    truncated: int = 0
    problems: list[str] = field(default_factory=list)


class Replay:
    """Sends refused records again; one at a time per database. The session must be in autocommit."""

    def __init__(self, settings: Settings, connection: psycopg.Connection) -> None:
        self._settings, self._connection = settings, connection
        self._config = {
            **settings.kafka,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "message.timeout.ms": DELIVERY_S * 1000,
        }

    def run(self, selection: Selection, repair: Repair | None = None, *, limit: int = 1_000_000, unconfirmed: bool = False) -> Replayed:
        """Send the selected records that were not sent before.

        Args:
            selection: which records.
            repair: what to change; None sends the original bytes.
            limit: records at most.
            unconfirmed: also those whose delivery is unknown.

        Raises:
            Busy: somebody else replays.
            psycopg.Error: the database does not answer; claimed records stay claimed.
        """
        if not self._connection.execute(TURN).fetchall()[0][0]:
            raise Busy("another replay is under way")
        try:
            return self._run(selection, repair or Repair(), limit, unconfirmed=unconfirmed)
        finally:
            self._connection.execute(DONE)

    def _run(self, selection: Selection, repair: Repair, limit: int, *, unconfirmed: bool) -> Replayed:
        producer, found, refused = Producer(self._config), Replayed(), list[Place]()
        begin = self._connection.execute("select clock_timestamp()").fetchall()[0][0]
        values = {**selection.values, "unconfirmed": unconfirmed, "begin": begin}
        while limit > 0:
            claimed = self._connection.execute(CLAIM.format(where=selection.where), {**values, "limit": min(BATCH, limit)}).fetchall()
            if not claimed:
                break
            limit -= len(claimed)
            refused += self._send(producer, sorted(claimed, key=lambda row: row[1:5]), repair, found)
        self._mark(RELEASE, refused)
        found.failed = len(refused)
        found.truncated, found.unconfirmed = self._connection.execute(LEFT.format(where=selection.where), selection.values).fetchall()[0]
        return found

    def _send(self, producer: Producer, claimed: list[Any], repair: Repair, found: Replayed) -> list[Place]:
        """Send and confirm; returns those that could not be repaired."""
        arrived, refused = list[Place](), list[Place]()
        for topic, *columns, key, value in claimed:
            place = Place(*columns)
            try:
                repaired_key, repaired = repair.apply(key, value)
            except Unrepairable as problem:
                refused.append(place)
                found.problems.append(f"partition {place.partition} offset {place.off}: {problem}")
                continue
            headers = [(HEADER, deterministic_id("replay", *place).encode())]
            # rejections name their topic without the namespace
            producer.produce(self._settings.topic(topic), repaired, repaired_key, headers=headers, on_delivery=receipt(place, arrived))
            producer.poll(0)
        producer.flush(DELIVERY_S)
        self._mark(CONFIRM, arrived)
        found.sent += len(arrived)
        return refused

    def _mark(self, statement: str, places: Sequence[Place]) -> None:
        if places:
            self._connection.execute(statement, [list(column) for column in zip(*places, strict=True)])


def receipt(place: Place, arrived: list[Place]) -> Callable[[KafkaError | None, Message], None]:
    """A delivery callback that notes what the broker has; without its word the fate is unknown."""

    def note(error: KafkaError | None, _: Message) -> None:
        if error is None:
            arrived.append(place)
        else:
            log.warning("replay_unconfirmed", partition=place.partition, offset=place.off, reason=error.str())

    return note


def pending(settings: Settings, connection: psycopg.Connection, known: Callable[[int], bool]) -> int:
    """Send again what waits for a schema that is known by now; returns how many records.

    Args:
        settings: where the brokers are.
        connection: an autocommit session.
        known: whether the schema of an id can be had.

    Raises:
        psycopg.Error: the database does not answer.
    """
    sent = 0
    for (prefix,) in connection.execute(PENDING).fetchall():
        if len(prefix) == PREFIX and known(int.from_bytes(prefix[1:], "big")):
            sent += Replay(settings, connection).run(Selection(reason="schema_pending", prefix=prefix)).sent
    return sent
