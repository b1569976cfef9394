"""A whole chain of real processes under a load, and ways to break it. Everything is ended by its process id when it closes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from confluent_kafka import Consumer, KafkaException, TopicPartition

from processors import acquisition
from settings import Settings
from settings.instance import instance_values, write_instance
from stack.native import Stack
from streams.topics import EVIDENCE, FEATURES, RAW, REJECTIONS, SCORED
from telemetry import broker
from tests.faults.load import Plan
from tests.faults.process import Slot, Watch, environment
from tests.faults.stored import Stored

ROOT = Path(__file__).parents[2]
COMMANDS = {"data": ("work", "data"), "control": ("work", "control"), "deliver": ("deliver",)}
POLL_S = 0.1


@cache
def warm_kernels() -> None:
    """Compile what the workers would each compile at their start; on a new machine that takes a minute."""
    acquisition.warm()


def until(met: Callable[[], bool], what: str, timeout_s: float) -> float:
    """Wait for a condition; returns the seconds it took.

    Raises:
        AssertionError: it was not met in time; `what` says which.
    """
    begun = time.monotonic()
    while not met():
        assert time.monotonic() - begun < timeout_s, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(POLL_S)
    return time.monotonic() - begun


class Chain:
    """Workers, sinks and a load on one instance.

    Args:
        settings: of an instance with topics and tables.
        stack: its servers, to restart them; None where others run them.
        folder: homes and logs of the processes.
        homes: where their homes are instead.
        overrides: settings of the processes, by name.
    """

    def __init__(self, settings: Settings, stack: Stack | None, folder: Path, *, homes: Path | None = None, **overrides: object) -> None:
        self.settings, self.stack, self.folder, self.homes = settings, stack, folder, homes or folder
        folder.mkdir(parents=True, exist_ok=True)
        defaults = {"session_timeout_s": 6, "sink_wait_s": 0.1}
        self._values = {**instance_values(settings.home), **{name: str(value) for name, value in (defaults | overrides).items()}}
        warm_kernels()
        self.watch = Watch()
        self.load: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.load and self.load.poll() is None:
            self.load.kill()
            self.load.communicate()
        self.watch.close()
        if error is not None:
            self._tell()

    def _tell(self) -> None:
        """What a failed test leaves behind for its reader."""
        for slot in self.watch.slots.values():
            tail = "\n".join(slot.text().splitlines()[-25:])
            print(f"--- {slot.name}: exits {slot.exits}\n{tail}", file=sys.stderr)  # noqa: T201

    def start(self, role: str, name: str = "", **overrides: object) -> Slot:
        """One more process: data, control or deliver."""
        name = name or f"{role}-{sum(slot.startswith(role) for slot in self.watch.slots)}"
        home = self.homes / name
        write_instance(home, {**self._values, **{key: str(value) for key, value in overrides.items()}})
        slot = Slot(name, COMMANDS[role], home, self.folder / f"{name}.log")
        self.watch.slots[name] = slot
        return slot

    def begin_load(self, plan: Plan) -> None:
        """Start sending."""
        command = [sys.executable, "-m", "tests.faults.load", json.dumps(asdict(plan))]
        self.load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(self.settings.home))

    def end_load(self, timeout_s: float = 150) -> dict[str, int]:
        """Stop sending; returns what was sent. The broker has confirmed all of it."""
        assert self.load, "no load was begun"
        self.load.send_signal(signal.SIGTERM)
        output, _ = self.load.communicate(timeout=timeout_s)
        assert self.load.returncode == 0, "the load ended badly"
        counts: dict[str, int] = json.loads(output)
        assert counts.get("undelivered", 0) + counts["left"] == 0, f"the broker did not take everything: {counts}"
        return counts

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.settings.database_url.get_secret_value(), autocommit=True, connect_timeout=5)

    def rows(self) -> int:
        """Rows stored by now; 0 while the database is away."""
        try:
            with self.connect() as connection:
                found = connection.execute("select coalesce(sum(stored + corrected + duplicate), 0) from store.ledger").fetchone()
        except psycopg.OperationalError:
            return 0
        return int(found[0]) if found else 0

    def await_stored(self, timeout_s: float = 60) -> float:
        """Wait until every input offset that exists now is in the ledger; returns the seconds it took."""
        ends = self.ends(RAW)
        return until(lambda: self._covers(ends), "what was sent is stored", timeout_s)

    def _covers(self, ends: dict[int, int]) -> bool:
        try:
            with self.connect() as connection:
                newest = Stored(connection, RAW).newest()
        except psycopg.OperationalError:
            return False
        return all(newest.get(partition, -1) >= end - 1 for partition, end in ends.items())

    def ends(self, topic: str, timeout_s: float = 60) -> dict[int, int]:
        """Log end of each partition of a topic (name without namespace); asks again while the broker is not ready."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self._ends(self.settings.topic(topic))
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_S)

    def _ends(self, name: str) -> dict[int, int]:
        consumer = Consumer({**self.settings.kafka, "group.id": "harness-unused", "log_level": 2})
        try:
            partitions = consumer.list_topics(name, timeout=20).topics[name].partitions
            return {number: consumer.get_watermark_offsets(TopicPartition(name, number), timeout=20)[1] for number in partitions}
        finally:
            consumer.close()

    def settle(self, timeout_s: float = 90) -> float:
        """End the marks, then wait until everything sent is accounted for; returns the seconds it took."""
        for slot in self.watch.slots.values():
            if slot.name.startswith("control"):
                slot.end()
        begun = time.monotonic()
        while behind := self.behind():
            assert time.monotonic() - begun < timeout_s, f"not accounted for within {timeout_s:.0f} s: {behind}"
            time.sleep(POLL_S)
        return time.monotonic() - begun

    def behind(self) -> dict[str, Any]:
        """(where the database stands, log end) of what is not yet stored: input offsets in the ledger and derived topics."""
        try:
            with self.connect() as connection:
                stored = Stored(connection, RAW)
                places = {RAW: {partition: newest + 1 for partition, newest in stored.newest().items()}}
                places |= {topic: stored.positions(self.settings.topic(topic)) for topic in (SCORED, REJECTIONS, EVIDENCE, FEATURES)}
            ends = {topic: self.ends(topic) for topic in places}
        except (psycopg.OperationalError, KafkaException) as problem:
            return {"servers": str(problem)}
        return {
            f"{topic}/{partition}": (place, end)
            for topic, found in places.items()
            for partition, end in ends[topic].items()
            if (place := found.get(partition, 0)) < end
        }

    def restart_broker(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Stop the broker and start it again; returns the seconds until it answers."""
        assert self.stack, "the broker is not ours"
        begun, supervisor = time.monotonic(), self.stack.supervisor
        if how == signal.SIGKILL:
            os.kill(supervisor.states()["kafka"]["pid"], signal.SIGKILL)  # supervisord starts the next one
        else:
            supervisor.stop("kafka")
            supervisor.start("kafka")
        until(lambda: not broker.probe(self.settings.kafka), "the broker answers", 90)
        return time.monotonic() - begun

    def crash_database(self) -> float:
        """Immediate shutdown of PostgreSQL; returns the seconds until it answers again."""
        assert self.stack, "the database is not ours"
        begun = time.monotonic()
        os.kill(self.stack.supervisor.states()["postgres"]["pid"], signal.SIGQUIT)
        time.sleep(0.2)
        until(self._database_answers, "the database answers", 60)
        return time.monotonic() - begun

    def _database_answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True
