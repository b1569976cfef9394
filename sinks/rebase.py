"""On a person's word: go on with topics that were made anew or truncated, and count holes that nobody will fill as lost.

The sinks notice within seconds; they need not be stopped. Stored rows stay.
"""

from dataclasses import dataclass
from typing import Final

import psycopg

from settings import Settings
from sinks.deliver import TABLES
from sinks.offsets import INPUTS, Brokers
from streams import topics

CONSUMED: Final = (topics.SCORED, topics.WAVEFORMS, *(table.topic for table in TABLES))
POSITIONS: Final = "select topic, partition, topic_id, off from store.position order by topic, partition for update"
RESTART: Final = "update store.position set topic_id = %s, off = %s where topic = %s and partition = %s"
SOURCES: Final = "select source, topic, partition, topic_id, gap_start, gap_end from store.source where retired_at is null order by source"
RETIRE: Final = "update store.source set retired_at = now() where source = %s"
LOSE: Final = """with s as (update store.source set src_off = gap_end - 1, gap_start = null, gap_end = null, gap_since = null
    where source = %(source)s and gap_start = %(start)s and gap_end = %(end)s returning source)
  insert into store.ledger as l (source, minute, expired) select source, date_trunc('minute', now(), 'UTC'), %(end)s - %(start)s from s
  on conflict (source, minute) do update set expired = l.expired + excluded.expired"""


@dataclass(frozen=True, slots=True)
class Change:
    """What was, or would be, changed, and why."""

    topic: str
    partition: int
    reason: str


def rebase(settings: Settings, connection: psycopg.Connection, *, dry_run: bool = False, accept_loss: bool = False) -> list[Change]:
    """Let the sinks go on where a standing fault holds them; one transaction.

    Args:
        settings: names of the topics.
        connection: an autocommit session.
        dry_run: only say what would change.
        accept_loss: also count the missing offsets of all holes as expired and go on behind them.

    Raises:
        KafkaException, psycopg.Error: brokers or database do not answer.
    """
    brokers = Brokers(settings)
    described = brokers.partitions(map(settings.topic, {*CONSUMED, *INPUTS}))
    ends = brokers.ends({name: partitions for name, (_, partitions) in described.items()})
    ids = {name: topic_id for name, (topic_id, _) in described.items()}
    inputs = {name: ids[settings.topic(name)] for name in INPUTS if settings.topic(name) in ids}
    with connection.transaction(force_rollback=dry_run):
        return [*restart(connection, ids, ends), *settle(connection, inputs, accept_loss=accept_loss)]


def restart(connection: psycopg.Connection, ids: dict[str, str], ends: dict[tuple[str, int], int]) -> list[Change]:
    """Positions in topics that are not the ones they were, or are shorter."""
    changes = []
    for topic, partition, topic_id, off in connection.execute(POSITIONS).fetchall():
        if topic in ids and topic_id != ids[topic]:
            connection.execute(RESTART, (ids[topic], 0, topic, partition))
            changes.append(Change(topic, partition, f"made anew: read from its beginning, not from {off}"))
        elif off > ends.get((topic, partition), off):
            connection.execute(RESTART, (topic_id, ends[topic, partition], topic, partition))
            changes.append(Change(topic, partition, f"truncated: read from {ends[topic, partition]}, not from {off}"))
    return changes


def settle(connection: psycopg.Connection, ids: dict[str, str], *, accept_loss: bool) -> list[Change]:
    """Input partitions of topics made anew, and holes; blocks, and so sources and `ids`, name topics without the namespace."""
    changes = []
    for source, topic, partition, topic_id, start, end in connection.execute(SOURCES).fetchall():
        if topic in ids and topic_id != ids[topic]:
            connection.execute(RETIRE, (source,))
            changes.append(Change(topic, partition, "made anew: its offsets count from 0 again"))
        elif accept_loss and start is not None:
            connection.execute(LOSE, {"source": source, "start": start, "end": end})
            changes.append(Change(topic, partition, f"offsets {start} to {end - 1} are counted as expired"))
    return changes
