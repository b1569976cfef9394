"""The whole transport against the real broker: what becomes of every offset."""

import signal
import sys
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from settings import Settings
from stack import web
from streams import admin, exits
from streams.topics import RAW
from streams.transport.changelog import read
from streams.transport.identity import Brokers
from streams.transport.watchdog import Watchdog
from streams.worker import Process
from telemetry.server import port_file
from tests.streams import echo
from tests.streams.harness import Blocks, first_copies, produce, until, worker

pytestmark = pytest.mark.integration


@pytest.fixture
def ready(instance: Settings) -> Settings:
    admin.create_topics(instance)
    return instance


@pytest.fixture
def blocks(ready: Settings) -> Iterator[Blocks]:
    found = Blocks(ready)
    yield found
    found.close()


def ends(settings: Settings) -> dict[int, int]:
    parts = [(settings.topic(RAW), partition) for partition in range(settings.partitions)]
    return {partition: end for (_, partition), end in Brokers(settings.kafka).ends(parts).items()}


def snapshot_positions(settings: Settings) -> dict[int, int]:
    places = [(settings.topic("state.acquisition.v1"), partition) for partition in range(settings.partitions)]
    shelves = read(settings.kafka, places, group=settings.topic("test"))
    return {partition: found.offset + 1 for (_, partition), shelf in shelves.items() if (found := shelf.newest())}


def applied(blocks: Blocks, partition: int) -> list[int]:
    return [offset for block in first_copies(blocks.all, partition) for offset in block["offsets"]]


def test_kill_and_restart_loses_nothing_and_repeats_the_same(ready: Settings, blocks: Blocks) -> None:
    produce(ready, 4000)
    with worker(ready) as process:
        blocks.await_end(ends(ready))
        until(lambda: snapshot_positions(ready), lambda found: found == ends(ready), "snapshots")
        produce(ready, 4000, start=4000)
        until(blocks.read, lambda found: sum(len(block["offsets"]) for block in found) > 4000, "a first block of the second part")
        process.kill()
    with worker(ready):
        blocks.await_end(ends(ready))
        until(lambda: snapshot_positions(ready), lambda found: found == ends(ready), "snapshots after the restart")
    for partition in range(ready.partitions):
        assert applied(blocks, partition) == list(range(2000))
        chains = {(block["end"], block["chain"]) for block in blocks.all if block["partition"] == partition}
        assert len({end for end, _ in chains}) == len(chains), "the same offset gave two states"


def test_stop_is_clean_and_leaves_a_snapshot_of_everything(ready: Settings, blocks: Blocks) -> None:
    produce(ready, 400)
    with worker(ready) as process:
        blocks.await_end(ends(ready))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert snapshot_positions(ready) == ends(ready)


def test_aborted_transactions_and_markers_are_void(ready: Settings, blocks: Blocks) -> None:
    producer = Producer({**ready.kafka, "transactional.id": f"{ready.namespace}test"})
    producer.init_transactions()
    committed: set[bytes] = set()
    for number in range(60):
        producer.begin_transaction()
        for nth in range(number % 5):
            producer.produce(ready.topic(RAW), f"{number}.{nth}".encode(), partition=nth % 2)
        if number % 3:
            producer.commit_transaction()
            committed |= {f"{number}.{nth}".encode() for nth in range(number % 5)}
        else:
            producer.flush()
            producer.abort_transaction()
    with worker(ready):
        blocks.await_end({partition: end for partition, end in ends(ready).items() if end})
    found = sum(len(applied(blocks, partition)) for partition in range(ready.partitions))
    assert found == len(committed)
    for partition in range(2):
        kept = first_copies(blocks.all, partition)
        void = {offset for block in kept for start, end in block["voids"] for offset in range(start, end)}
        assert void | set(applied(blocks, partition)) == set(range(ends(ready)[partition]))
        assert not void & set(applied(blocks, partition))


def test_trimmed_records_expire(ready: Settings, blocks: Blocks) -> None:
    produce(ready, 4000)
    trim = [TopicPartition(ready.topic(RAW), partition, 400) for partition in range(ready.partitions)]
    client = AdminClient(ready.kafka)  # must outlive its futures
    for future in client.delete_records(trim).values():
        future.result(30)
    with worker(ready):
        blocks.await_end(ends(ready))
    for partition in range(ready.partitions):
        kept = first_copies(blocks.all, partition)
        assert [each for block in kept for each in block["expired"]] == [[0, 400]]
        assert applied(blocks, partition) == list(range(400, 1000))


def test_a_recreated_topic_is_a_fault(ready: Settings, blocks: Blocks) -> None:
    produce(ready, 400)
    with worker(ready) as process:
        blocks.await_end(ends(ready))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
    client = AdminClient(ready.kafka)
    client.delete_topics([ready.topic(RAW)])[ready.topic(RAW)].result(30)
    until(lambda: admin.topic_ids(ready), lambda found: ready.topic(RAW) not in found, "deletion")
    admin.create_topics(ready)
    produce(ready, 4000)
    with worker(ready) as process:
        assert process.wait(timeout=60) == exits.FAULT
    assert "maint rebase" in (ready.home / "worker.log").read_text(encoding="utf-8")
    assert sum(len(block["offsets"]) for block in blocks.read()) == 400


def test_a_record_that_kills_is_refused_at_the_third_exit(ready: Settings, blocks: Blocks) -> None:
    produce(ready, 40, partitions=1)
    producer = Producer(ready.kafka)
    producer.produce(ready.topic(RAW), b"kill", partition=0)
    producer.flush()
    produce(ready, 40, partitions=1)
    for _ in range(3):
        with worker(ready) as process:
            assert process.wait(timeout=60) == exits.FAULTY
    with worker(ready):
        blocks.await_end({0: 81})
    assert [block["refused"] for block in blocks.all if "refused" in block] == [40]
    assert applied(blocks, 0) == [offset for offset in range(81) if offset != 40]


def test_two_workers_share_and_a_frozen_one_does_no_harm(ready: Settings, blocks: Blocks) -> None:
    produce(ready, 2000)
    with worker(ready, MAINT_SESSION_TIMEOUT_S="6") as first:
        blocks.await_end(ends(ready))
        with worker(ready, MAINT_METRICS_PORT="0", MAINT_SESSION_TIMEOUT_S="6"):
            produce(ready, 2000, start=2000)
            blocks.await_end(ends(ready))
            first.send_signal(signal.SIGSTOP)
            produce(ready, 2000, start=4000)
            blocks.await_end(ends(ready))
            first.send_signal(signal.SIGCONT)
            produce(ready, 2000, start=6000)
            blocks.await_end(ends(ready))
    for partition in range(ready.partitions):
        assert applied(blocks, partition) == list(range(2000))
        chains = {(block["end"], block["chain"]) for block in blocks.all if block["partition"] == partition}
        assert len({end for end, _ in chains}) == len(chains)


def waiting(settings: Settings) -> str:
    """What a worker says it waits for; empty when it says nothing (yet)."""
    file = port_file(settings.home, "worker-echo")
    if not file.exists():
        return ""
    _, body = web.fetch(f"http://127.0.0.1:{file.read_text().strip()}/health")
    return str(web.document(body).get("dependencies", {}).get("kafka", {}).get("reason", ""))


def test_a_worker_waits_for_its_topics(instance: Settings) -> None:
    with worker(instance) as process:
        until(lambda: waiting(instance), lambda reason: "no topic" in reason and "maint topics create" in reason, "what is missing")
        admin.create_topics(instance)
        found = Blocks(instance)
        produce(instance, 400)
        found.await_end(ends(instance))
        found.close()
        assert (waiting(instance), process.poll()) == ("", None)


def test_a_worker_waits_for_the_brokers(instance: Settings) -> None:
    with worker(instance, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9") as process:
        until(lambda: waiting(instance), lambda reason: "do not answer" in reason, "what is away")
        assert process.poll() is None


def test_only_a_worker_that_works_is_watched(instance: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it waits for its topics nothing beats: who watched it would end it after half a minute."""
    begun: list[Watchdog] = []

    def start(watchdog: Watchdog) -> None:
        begun.append(watchdog)

    monkeypatch.setattr(Watchdog, "start", start)
    monkeypatch.setattr("streams.worker.install", lambda _: None)
    monkeypatch.setitem(sys.modules, "echo", echo)
    process = Process("echo", (echo.AGENT,), instance)
    assert begun == []
    process.beat_at = 0.0
    process.watch()
    assert len(begun) == 1
    assert process.beat_at > 0.0
