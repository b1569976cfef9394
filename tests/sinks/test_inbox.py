"""The sink's consumer: what expired under a running reader is not skipped in silence."""

import time

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from settings import Settings
from sinks.inbox import Inbox
from streams import topics

PATIENCE_S = 60
SENT, GONE = 5, 3


@pytest.mark.integration
def test_a_log_that_was_cut_above_the_position_asks_for_new_positions(instance_ready: Settings) -> None:
    name = instance_ready.topic(topics.EVIDENCE)
    producer = Producer(instance_ready.kafka)
    for number in range(SENT):
        producer.produce(name, b"%d" % number, partition=0)
    assert producer.flush(30) == 0
    admin = AdminClient(instance_ready.kafka)  # its answer never comes once it is collected
    admin.delete_records([TopicPartition(name, 0, GONE)])[TopicPartition(name, 0)].result(30)
    inbox = Inbox(instance_ready, [name])
    until = time.monotonic() + PATIENCE_S
    try:
        while not inbox.changed and time.monotonic() < until:
            inbox.take()
        inbox.begin({(name, 0): 0})
        while not inbox.changed and time.monotonic() < until:
            assert not inbox.take()
        assert inbox.changed
        inbox.begin({(name, 0): GONE})
        values: list[bytes | None] = []
        while len(values) < SENT - GONE and time.monotonic() < until:
            values += [record.value for record in inbox.take().get(name, [])]
        assert values == [b"3", b"4"]
    finally:
        inbox.close()
