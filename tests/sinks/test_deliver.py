"""The whole loop with a real broker and database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from prometheus_client import REGISTRY

from schemas import codec
from settings import Settings
from sinks import balance
from sinks.deliver import Deliver
from sinks.offsets import Brokers
from sinks.rebase import rebase
from store.database import connect
from store.ledger import Balance
from streams import topics
from telemetry.health import Health
from tests.sinks.building import Reading, block
from tests.sinks.test_table import EVIDENCE, ORIGIN, REJECTION

pytestmark = pytest.mark.integration
PATIENCE_S = 60


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def delivering(settings: Settings) -> Iterator[Deliver]:
    stop, sink = threading.Event(), Deliver(settings, Health())
    thread = threading.Thread(target=sink.run, args=(stop,))
    thread.start()
    try:
        yield sink
    finally:
        stop.set()
        thread.join()


class Plant:
    """Sends records of one input partition, as the data plane would; the raw topic gets as many records as the blocks say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = Producer({**settings.kafka, "enable.idempotence": True})
        self.raw = settings.topic(topics.RAW)
        self.topic_id = Brokers(settings).partitions([self.raw])[self.raw][0]
        self.sent = 0

    def put(self, topic: str, value: bytes) -> None:
        self._producer.produce(self._settings.topic(topic), value, partition=0)

    def flush(self) -> None:
        assert self._producer.flush(30) == 0

    def readings(self, n: int) -> bytes:
        """Put n records into the raw topic; returns their block."""
        for _ in range(n):
            self.put(topics.RAW, b"a reading")
        readings = [Reading(ts=at, known_at=at) for at in range(self.sent, self.sent + n)]
        value = block(readings, self.sent, topic=topics.RAW, topic_id=self.topic_id)
        self.sent += n
        return value


def settled(settings: Settings, seconds: float = PATIENCE_S) -> Balance:
    with connect(settings, autocommit=True) as connection:
        there, found = balance.wait(settings, connection, Brokers(settings), seconds)
    assert there, found
    return found


def count(settings: Settings, table: str) -> int:
    with connect(settings) as connection:
        return int(connection.execute(f"select count(*) from {table}".encode()).fetchall()[0][0])


def test_everything_sent_is_stored_and_the_ledger_settles(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    for _ in range(5):
        plant.put(topics.SCORED, plant.readings(20))
    plant.put(topics.EVIDENCE, codec.encode("Evidence", EVIDENCE))
    plant.flush()
    with delivering(instance_ready):
        found = settled(instance_ready)
        until(lambda: count(instance_ready, "plant.evidence") == 1)
    assert (found.received, found.stored, found.in_flight, found.balanced) == (100, 100, 0, True)
    assert count(instance_ready, "plant.measurement") == 100


def test_a_refused_record_must_lie_in_the_table_of_the_refused(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    plant.put(topics.RAW, b"junk")
    refused = block([Reading(outcome="rejected")], topic=topics.RAW, topic_id=plant.topic_id)
    plant.put(topics.SCORED, refused)
    plant.flush()
    with delivering(instance_ready):
        until(lambda: count(instance_ready, "ops.ledger") == 1)
        with connect(instance_ready, autocommit=True) as connection:
            found = balance.status(instance_ready, connection, Brokers(instance_ready))
        assert not found.balanced
        assert "1 rejected, 0 in ops.rejection" in found.problems[0]
        origin = {"topic_id": plant.topic_id, "partition": 0, "offset": 0, "nth": 0}
        plant.put(topics.REJECTIONS, codec.encode("Rejection", {**REJECTION, "origin": origin}))
        plant.flush()
        found = settled(instance_ready)
    assert (found.received, found.rejected, found.balanced) == (1, 1, True)


def test_two_sinks_share_and_a_third_that_leaves_loses_nothing(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            plant.put(topics.SCORED, plant.readings(50))
            plant.flush()
            stop.wait(0.02)

    sender = threading.Thread(target=send)
    sender.start()
    with delivering(instance_ready):
        until(lambda: count(instance_ready, "plant.measurement") > 0)
        for _ in range(2):
            with delivering(instance_ready):
                before = count(instance_ready, "plant.measurement")
                until(lambda: count(instance_ready, "plant.measurement") > before + 200)  # noqa: B023  ends before the next round
        stop.set()
        sender.join()
        found = settled(instance_ready)
    assert found.stored == plant.sent
    assert count(instance_ready, "plant.measurement") == plant.sent


def test_sessions_that_are_ended_by_the_server_lose_nothing(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    with delivering(instance_ready):
        for _ in range(10):
            plant.put(topics.SCORED, plant.readings(100))
            plant.flush()
            with connect(instance_ready, autocommit=True) as connection:
                connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'maint-sink'")
        found = settled(instance_ready)
    assert found.stored == 1000


def test_a_missing_table_is_a_standing_fault_until_a_person_acts(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    with connect(instance_ready, autocommit=True) as connection:
        connection.execute("alter table store.rejection rename to hidden")
        plant.put(topics.SCORED, plant.readings(10))
        plant.put(topics.REJECTIONS, codec.encode("Rejection", REJECTION))
        plant.flush()
        with delivering(instance_ready) as sink:
            lane = sink.lanes[instance_ready.topic(topics.REJECTIONS)]
            until(lambda: "maint migrate" in lane.held)
            until(lambda: count(instance_ready, "plant.measurement") == 10)
            connection.execute("alter table store.hidden rename to rejection")
            until(lambda: count(instance_ready, "ops.rejection") == 1)
            until(lambda: not lane.held)


def test_records_that_expired_unread_are_told_and_the_sink_goes_on(instance_ready: Settings) -> None:
    plant, name = Plant(instance_ready), instance_ready.topic(topics.EVIDENCE)
    for nth in range(4):
        plant.put(topics.EVIDENCE, codec.encode("Evidence", {**EVIDENCE, "origin": {**ORIGIN, "nth": nth}}))
    plant.flush()
    admin = AdminClient(instance_ready.kafka)  # its answer never comes once it is collected
    admin.delete_records([TopicPartition(name, 0, 3)])[TopicPartition(name, 0)].result(30)
    for told in (True, False):  # a second sink finds nothing more to tell
        with delivering(instance_ready) as sink:
            until(lambda: sink._positions.get((name, 0)) == 4)
            health = sink._health.snapshot()[name]
            assert health["ok"] is not told
            assert ("offsets 0 to 2 of partition 0" in health["reason"]) is told
            assert sink._health.ready().ok
    assert count(instance_ready, "plant.evidence") == 1
    assert REGISTRY.get_sample_value("maint_expired_total", {"topic": name}) == 3


def test_a_topic_made_anew_is_not_read(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    plant.put(topics.SCORED, plant.readings(10))
    plant.flush()
    name = instance_ready.topic(topics.SCORED)
    with delivering(instance_ready) as sink:
        settled(instance_ready)
        admin = AdminClient(instance_ready.kafka)
        admin.delete_topics([name])[name].result()
        until(lambda: bool(sink.lanes[name].held))
        from streams.admin import create_topics

        create_topics(instance_ready)
        for _ in range(20):
            plant.put(topics.SCORED, plant.readings(1))
        plant.flush()
        until(lambda: "made anew" in sink.lanes[name].held)
    assert count(instance_ready, "plant.measurement") == 10


def test_a_hole_is_an_alarm_and_closes_when_the_worker_sends_again(instance_ready: Settings) -> None:
    settings = instance_ready.model_copy(update={"sink_missing_s": 1.0})
    plant = Plant(settings)
    missing, later = plant.readings(5), plant.readings(5)
    plant.put(topics.SCORED, later)
    plant.flush()
    with delivering(settings) as sink:
        until(lambda: "accept-loss" in sink._health.snapshot().get("blocks", {}).get("reason", ""))
        assert count(settings, "plant.measurement") == 0
        for value in (missing, later):
            plant.put(topics.SCORED, value)
        plant.flush()
        assert settled(settings).stored == 10
        until(lambda: sink._health.snapshot()["blocks"]["ok"])


def test_a_person_accepts_a_loss_and_the_sink_goes_on(instance_ready: Settings) -> None:
    settings = instance_ready.model_copy(update={"topic_check_s": 1.0})
    plant = Plant(settings)
    plant.readings(5)
    plant.put(topics.SCORED, plant.readings(5))
    plant.flush()
    with delivering(settings), connect(settings, autocommit=True) as connection:
        until(lambda: connection.execute("select gap_start, gap_end from ops.source").fetchall() == [(0, 5)])
        assert rebase(settings, connection) == []
        assert len(rebase(settings, connection, accept_loss=True, dry_run=True)) == 1
        assert len(rebase(settings, connection, accept_loss=True)) == 1
        found = settled(settings)
    assert (found.stored, found.expired, found.balanced) == (5, 5, True)


def test_a_topic_made_anew_is_read_after_rebase(instance_ready: Settings) -> None:
    from streams.admin import create_topics

    plant = Plant(instance_ready)
    plant.put(topics.SCORED, plant.readings(10))
    plant.flush()
    with delivering(instance_ready):
        settled(instance_ready)
    admin = AdminClient(instance_ready.kafka)
    names = [instance_ready.topic(topics.SCORED), plant.raw]
    for answer in admin.delete_topics(names).values():
        answer.result()
    until(lambda: not Brokers(instance_ready).partitions(names))
    create_topics(instance_ready)
    with connect(instance_ready, autocommit=True) as connection:
        until(lambda: len(Brokers(instance_ready).partitions(names)) == 2)
        assert len(rebase(instance_ready, connection)) == instance_ready.partitions + 1
    again = Plant(instance_ready)
    again.put(topics.SCORED, again.readings(3))
    again.flush()
    with delivering(instance_ready):
        found = settled(instance_ready)
    assert (found.received, found.in_flight, found.balanced) == (3, 0, True)
    assert count(instance_ready, "plant.measurement") == 10, "the same readings again are duplicates"
    assert found.duplicate == 3


def test_latency_is_within_a_second(instance_ready: Settings) -> None:
    plant = Plant(instance_ready)
    with delivering(instance_ready):
        plant.put(topics.SCORED, plant.readings(1))
        plant.flush()
        until(lambda: count(instance_ready, "plant.measurement") == 1)
        delays = []
        for n in range(2, 6):
            plant.put(topics.SCORED, plant.readings(1))
            plant.flush()
            begin = time.monotonic()
            with connect(instance_ready, autocommit=True) as connection:
                while connection.execute("select count(*) from store.measurement").fetchall() != [(n,)]:
                    assert time.monotonic() < begin + PATIENCE_S
            delays.append(time.monotonic() - begin)
    assert min(delays) < 1.0


def test_delivering_imports_no_numba() -> None:
    import subprocess
    import sys

    code = "import sys, sinks.deliver, sinks.maintenance, sinks.balance; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
