"""The ledger: every offset the brokers hold in an input topic has exactly one outcome, or is still in flight."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import psycopg

OUTCOMES: Final = ("stored", "corrected", "duplicate", "rejected", "mark", "void", "expired")
SOURCES: Final = f"""select s.topic_id, s.partition, s.src_off,
    {", ".join(f"coalesce(sum(l.{name}), 0)::bigint" for name in OUTCOMES)},
    (select count(distinct r.off) from store.rejection r
      where r.topic_id = s.topic_id and r.partition = s.partition and r.off <= s.src_off)
  from store.source s left join store.ledger l using (source) where s.retired_at is null group by s.source"""
REJECTED: Final = "select partition, off from store.position where topic = %s"
SNAPSHOT: Final = "set transaction isolation level repeatable read, read only"


@dataclass(frozen=True, slots=True)
class End:
    """A partition of an input topic, and the offset its next record will get."""

    topic: str
    topic_id: str
    partition: int
    end: int


@dataclass(slots=True)
class Balance:
    """Records received from the brokers and what became of them. Balanced when nothing contradicts; `problems` says what does.

    `settled` is true when, besides, nothing is in flight and all refused records are in ops.rejection.
    """

    received: int = 0
    stored: int = 0
    corrected: int = 0
    duplicate: int = 0
    rejected: int = 0
    mark: int = 0
    void: int = 0
    expired: int = 0
    in_flight: int = 0
    balanced: bool = True
    settled: bool = True
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain dictionary."""
        return asdict(self)

    def contradiction(self, text: str) -> None:
        """Note what does not add up."""
        self.balanced = self.settled = False
        self.problems.append(text)


@dataclass(frozen=True, slots=True)
class Stored:
    """One source as the database has it."""

    newest: int
    outcomes: tuple[int, ...]
    refused: int  # rows of ops.rejection up to `newest`


def read(connection: psycopg.Connection, rejections: str) -> tuple[dict[tuple[str, int], Stored], dict[int, int]]:
    """Sources by (topic id, partition), and the position in the topic of rejections by partition: one consistent moment."""
    with connection.transaction():
        connection.execute(SNAPSHOT)
        found = connection.execute(SOURCES).fetchall()
        positions: dict[int, int] = dict(connection.execute(REJECTED, (rejections,)).fetchall())
    return {(topic_id, partition): Stored(newest, tuple(rest[:-1]), rest[-1]) for topic_id, partition, newest, *rest in found}, positions


def balance(
    sources: Mapping[tuple[str, int], Stored],
    positions: Mapping[int, int],
    inputs: Sequence[End],
    rejection_ends: Mapping[int, int],
) -> Balance:
    """Compare the database with the brokers, who must have been asked later.

    Args:
        sources: input partitions as stored.
        positions: position of the sink in the topic of rejections, by partition.
        inputs: input partitions as the brokers have them.
        rejection_ends: end of the topic of rejections, by partition.
    """
    total = Balance()
    for place in inputs:
        stored = sources.get((place.topic_id, place.partition), Stored(-1, (0,) * len(OUTCOMES), 0))
        name = f"{place.topic}[{place.partition}]"
        accounted = sum(stored.outcomes)
        total.received += place.end
        total.in_flight += place.end - accounted
        for outcome, n in zip(OUTCOMES, stored.outcomes, strict=True):
            setattr(total, outcome, getattr(total, outcome) + n)
        if accounted != stored.newest + 1:
            total.contradiction(f"{name}: {accounted} outcomes of {stored.newest + 1} offsets")
        if accounted > place.end:
            total.contradiction(f"{name}: {accounted} outcomes, but the log ends at {place.end}: truncated or made anew")
        rejected = stored.outcomes[OUTCOMES.index("rejected")]
        behind = positions.get(place.partition, 0) < rejection_ends.get(place.partition, 0)
        if stored.refused < rejected and behind:
            total.settled = False  # refused records are on their way
        elif stored.refused != rejected:
            total.contradiction(f"{name}: {rejected} rejected, {stored.refused} in ops.rejection")
    total.settled = total.settled and not total.in_flight
    return total
