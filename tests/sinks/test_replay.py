from collections import Counter
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition

from schemas import codec
from settings import Settings
from sinks import replay
from sinks.offsets import Brokers
from sinks.rejections import TABLE
from sinks.repair import Repair, Unrepairable
from sinks.replay import Busy, Replay, Selection
from sinks.table import TableSink
from store.database import connect
from streams import topics
from tests.sinks.building import BASE_US, records

READING = codec.encode("Reading", {"sensor_id": "s", "ts": BASE_US, "value": 1.0})


def refused(offset: int, value: bytes = READING, **changed: Any) -> bytes:
    """A rejection as the worker writes it: the topic without the namespace."""
    origin = {"topic_id": "raw", "partition": 0, "offset": offset, "nth": 0}
    record = {
        "topic": topics.RAW, "origin": origin, "known_at": BASE_US, "reason": "unknown_schema", "detail": "",
        "key": b"pump", "value": value, "length": len(value), "sha256": "", "sensor_id": None,
    }  # fmt: skip
    return codec.encode("Rejection", record | changed)


def store(settings: Settings, connection: psycopg.Connection, *values: bytes) -> None:
    sink = TableSink(settings, TABLE)
    begin = sink.load(connection, "topic", [0])[0]
    sink.write(connection, records(values, first=begin))


def arrived(settings: Settings) -> list[tuple[bytes | None, bytes]]:
    """Everything in the raw topic, in any order."""
    brokers, name = Brokers(settings), settings.topic(topics.RAW)
    ends = brokers.ends({name: brokers.partitions([name])[name][1]})
    consumer = Consumer({**settings.kafka, "group.id": "test", "enable.auto.commit": False})
    consumer.assign([TopicPartition(name, partition, 0) for _, partition in ends])
    found = [message for _ in range(sum(ends.values())) if (message := consumer.poll(30)) is not None]
    consumer.close()
    assert len({dict(message.headers())["maint_replay"] for message in found}) == len(found)
    return [(message.key(), message.value()) for message in found]


@pytest.mark.integration
def test_a_refused_record_is_sent_once(instance_ready: Settings) -> None:
    with connect(instance_ready, autocommit=True) as connection:
        store(
            instance_ready,
            connection,
            *(refused(offset) for offset in range(5)),
            refused(9, reason="fault"),
        )
        again = Replay(instance_ready, connection)
        assert again.run(Selection(reason="unknown_schema"), limit=2).sent == 2
        assert again.run(Selection(reason="unknown_schema")).sent == 3
        assert again.run(Selection(reason="unknown_schema")).sent == 0
        assert connection.execute("select count(*) from ops.rejection where replayed_at is not null").fetchall() == [(5,)]
    assert Counter(arrived(instance_ready)) == {(b"pump", READING): 5}


@pytest.mark.integration
def test_an_interrupted_replay_is_said_and_repeated_on_request(instance_ready: Settings) -> None:
    with connect(instance_ready, autocommit=True) as connection:
        store(instance_ready, connection, refused(0), refused(1, length=99_999))
        connection.execute("update store.rejection set claimed_at = now() where off = 0")
        found = Replay(instance_ready, connection).run(Selection())
        assert (found.sent, found.unconfirmed, found.truncated) == (0, 1, 1)
        found = Replay(instance_ready, connection).run(Selection(), unconfirmed=True)
        assert (found.sent, found.unconfirmed) == (1, 0)


@pytest.mark.integration
def test_a_repaired_version_is_sent_and_what_cannot_be_repaired_stays(instance_ready: Settings) -> None:
    with connect(instance_ready, autocommit=True) as connection:
        store(instance_ready, connection, refused(0), refused(1, b"junk"))
        found = Replay(instance_ready, connection).run(Selection(), Repair({"value": 2.5}, key=b"other"))
        assert (found.sent, found.failed, found.unconfirmed) == (1, 1, 0)
        assert "offset 1" in found.problems[0]
        assert Replay(instance_ready, connection).run(Selection(offset=1), Repair(value=READING)).sent == 1
    decoded = {key: codec.decode(value) for key, value in arrived(instance_ready)}
    other = decoded[b"other"]
    assert isinstance(other, codec.Decoded)
    assert other.record["value"] == 2.5
    assert b"pump" in decoded


@pytest.mark.integration
def test_only_one_replays_at_a_time(instance_ready: Settings) -> None:
    with connect(instance_ready, autocommit=True) as one, connect(instance_ready, autocommit=True) as other:
        one.execute(replay.TURN)
        with pytest.raises(Busy):
            Replay(instance_ready, other).run(Selection())


@pytest.mark.integration
def test_records_that_wait_for_a_schema_are_sent_when_it_is_known(instance_ready: Settings) -> None:
    waiting = [codec.frame(number) + b"body" for number in (7, 8)]
    with connect(instance_ready, autocommit=True) as connection:
        store(instance_ready, connection, *(refused(at, value, reason="schema_pending") for at, value in enumerate(waiting)))
        assert replay.pending(instance_ready, connection, lambda number: number == 7) == 1
        assert replay.pending(instance_ready, connection, lambda number: number == 7) == 0
    assert arrived(instance_ready) == [(b"pump", waiting[0])]


def test_a_repair_that_does_not_fit_says_why() -> None:
    for repair, reason in (
        (Repair({"valu": 1}), "no field valu"),
        (Repair({"value": "x"}), "would not fit"),
        (Repair({"value": 1}), "--file"),
    ):
        with pytest.raises(Unrepairable, match=reason):
            repair.apply(None, READING if reason != "--file" else b"junk")
