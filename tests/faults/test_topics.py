"""Topics that lose records or are made anew: what was lost is counted, and nothing of another topic is taken for the old one."""

from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from settings import Settings
from streams import admin
from streams.exits import FAULT
from streams.topics import RAW
from tests.conftest import Servers
from tests.faults.harness import Chain, until
from tests.faults.load import Plan
from tests.faults.verdict import judge

pytestmark = [pytest.mark.integration, pytest.mark.faults]
RATE = 2000


def plan(servers: Servers, settings: Settings, seconds: float, seed: int = 1) -> Plan:
    return Plan(servers.bootstrap, settings.topic(RAW), settings.partitions, RATE, seed=seed, seconds=seconds, transactions=False)


def send(chain: Chain, what: Plan) -> None:
    chain.begin_load(what)
    assert chain.load
    chain.load.wait(60)
    chain.end_load()


def trim(settings: Settings, chain: Chain, share: float) -> int:
    """Delete the first part of every partition; returns how many offsets went."""
    cuts = {number: int(end * share) for number, end in chain.ends(RAW).items()}
    parts = [TopicPartition(settings.topic(RAW), number, cut) for number, cut in cuts.items()]
    client = AdminClient(settings.kafka)  # its answers die with it
    for future in client.delete_records(parts).values():
        future.result(20)
    return sum(cuts.values())


def test_what_expired_before_it_was_read_is_counted(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        send(chain, plan(servers, instance_ready, 3))
        gone = trim(instance_ready, chain, 0.5)
        chain.start("data")
        chain.start("deliver")
        chain.settle()
        verdict = judge(instance_ready, RAW)
    assert verdict.wrong == []
    assert verdict.ledger["expired"] == gone > 0


def test_a_worker_that_was_away_counts_what_expired(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        send(chain, plan(servers, instance_ready, 3))
        worker = chain.start("data")
        chain.start("deliver")
        chain.settle()
        worker.end()
        before = sum(chain.ends(RAW).values())
        send(chain, plan(servers, instance_ready, 5, seed=2))
        gone = trim(instance_ready, chain, 0.8)
        chain.start("data")
        chain.settle()
        with chain.connect() as connection:
            found = connection.execute("select sum(expired), sum(accounted) from ops.ledger").fetchone()
    assert found == (gone - before, sum(chain.ends(RAW).values()))


def test_a_topic_made_anew_is_refused(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        send(chain, plan(servers, instance_ready, 3))
        worker = chain.start("data")
        sink = chain.start("deliver")
        chain.settle()
        worker.end()
        rows = chain.rows()
        client = AdminClient(instance_ready.kafka)
        client.delete_topics([instance_ready.topic(RAW)])[instance_ready.topic(RAW)].result(20)
        until(lambda: instance_ready.topic(RAW) not in client.list_topics(timeout=10).topics, "the topic is gone", 20)
        admin.create_topics(instance_ready)
        send(chain, plan(servers, instance_ready, 5, seed=2))
        worker = chain.start("data", "data-after")
        until(lambda: bool(worker.exits), "the worker ends", 60)
        assert worker.exits == [FAULT]
        assert "recreated" in worker.text()
        assert "maint rebase" in worker.text()
        assert sink.running
        assert chain.rows() == rows
