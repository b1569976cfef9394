"""The ledger as of now: the database first, then the brokers, so that what arrives in between is in flight and no contradiction."""

import time
from collections.abc import Sequence
from typing import Final

import psycopg

from settings import Settings
from sinks.offsets import Brokers, received
from store import ledger
from store.ledger import Balance, End
from streams import topics

POLL_S: Final = 0.25


def status(settings: Settings, connection: psycopg.Connection, brokers: Brokers) -> Balance:
    """Balance of all input topics.

    Raises:
        KafkaException, psycopg.Error: brokers or database do not answer.
    """
    sources, positions = ledger.read(connection, settings.topic(topics.REJECTIONS))
    return ledger.balance(sources, positions, *received(settings, brokers))


def wait(settings: Settings, connection: psycopg.Connection, brokers: Brokers, seconds: float) -> tuple[bool, Balance]:
    """Wait until everything the brokers hold now is accounted for; returns whether it is, and the balance then.

    What is sent meanwhile is not waited for.

    Raises:
        KafkaException, psycopg.Error: brokers or database do not answer.
    """
    until = time.monotonic() + seconds
    inputs, ends = received(settings, brokers)
    while True:
        sources, positions = ledger.read(connection, settings.topic(topics.REJECTIONS))
        there = reached(sources, inputs) and ledger.balance(sources, positions, clipped(sources, inputs), ends).settled
        if there or time.monotonic() >= until:
            return there, status(settings, connection, brokers)
        time.sleep(POLL_S)


def reached(sources: dict[tuple[str, int], ledger.Stored], inputs: Sequence[End]) -> bool:
    """Whether the outcome of every record of `inputs` is known."""
    return all(place.end == 0 or _newest(sources, place) >= place.end - 1 for place in inputs)


def clipped(sources: dict[tuple[str, int], ledger.Stored], inputs: Sequence[End]) -> list[End]:
    """The ends, moved up to where the database is already: later records are no contradiction."""
    return [End(place.topic, place.topic_id, place.partition, max(place.end, _newest(sources, place) + 1)) for place in inputs]


def _newest(sources: dict[tuple[str, int], ledger.Stored], place: End) -> int:
    found = sources.get((place.topic_id, place.partition))
    return found.newest if found else -1
