"""The deliver loop: one consumer, one writer per topic, nothing skipped.

A turn takes records, gives them topic by topic to their writers, and notes the positions. After any error all positions are read
from the database again: what was written is known only there. Errors: see sinks/errors.py.
"""

import os
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event
from typing import Final, Protocol

import psycopg
import structlog
from confluent_kafka import KafkaException

from settings import Settings
from sinks import anomalies, catalogue, evidence, features, positions, predictions, rejections, spectra, waveforms
from sinks.breaker import Breaker
from sinks.errors import Fault, Stale, Transient, Unreachable, classify
from sinks.inbox import Inbox, Place
from sinks.lanes import Lanes
from sinks.offsets import Brokers
from sinks.pulse import Pulse
from sinks.record import Record
from sinks.session import Session
from sinks.table import TableSink
from telemetry.health import Health
from telemetry.metrics import ERRORS, EXPIRED, LAG, SINK_BATCH

log = structlog.get_logger()
TABLES: Final = (
    rejections.TABLE,
    evidence.TABLE,
    features.TABLE,
    spectra.TABLE,
    anomalies.TABLE,
    predictions.TABLE,
    catalogue.TABLE,
)
FAULT_S: Final = 10.0  # a held topic is looked at again
COMMIT_S: Final = 1.0


class Sink(Protocol):
    """Writes one topic."""

    topic: str

    def load(self, connection: psycopg.Connection, topic_id: str, partitions: Iterable[int]) -> dict[int, int]:
        """Next offset to read by partition."""

    def write(self, connection: psycopg.Connection, records: list[Record]) -> dict[int, int]:
        """Store records; returns the stored positions."""


@dataclass(slots=True)
class Lane:
    """A topic and its writer; held while a fault stands or what it alone depends on is away, looked at again at `retry_at`.

    `breaker` counts how often that was away; `lost` says what expired unread.
    """

    sink: Sink
    breaker: Breaker
    topic_id: str = ""
    held: str = ""
    retry_at: float = 0.0
    lost: str = ""


class Deliver:
    """Writes all topics until told to stop. The clock counts seconds, tests own theirs."""

    def __init__(self, settings: Settings, health: Health, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._health, self._clock = settings, health, clock
        self.scored = Lanes(settings)
        sinks: list[Sink] = [self.scored, *(TableSink(settings, table) for table in TABLES), waveforms.Waveforms(settings)]
        self.lanes = {sink.topic: Lane(sink, Breaker(sink.topic)) for sink in sinks}
        self._session, self._brokers = Session(settings), Brokers(settings)
        self._breakers = {name: Breaker(name) for name in ("database", "kafka")}
        self._inbox = Inbox(settings, self.lanes)
        self._positions: dict[Place, int] = {}
        self._reload = False
        self._committed_at = self._checked_at = clock()
        self._pulse = Pulse(f"{socket.gethostname()}:{os.getpid()}", self.scored.topic)

    def run(self, stop: Event) -> None:
        """Deliver until `stop` is set; leaves the group and closes the session."""
        try:
            while not stop.is_set():
                self._health.beat()
                self.turn(stop)
        finally:
            self._inbox.commit(self._positions)
            self._inbox.close()
            self.scored.close()
            self._session.drop()

    def turn(self, stop: Event) -> None:
        """One round: load positions if they are unknown, take records, write them, look after the rest."""
        try:
            if self._inbox.changed or self._reload or self._due():
                self._load()
            for topic, records in self._inbox.take().items():
                self._write(self.lanes[topic], records)
            self._look_after()
        except Stale as news:
            log.info("stale", reason=str(news))
            ERRORS.labels("deliver", "stale").inc()
            self._reload = True
        except (Transient, psycopg.Error, KafkaException) as error:
            self._failed(error, stop)

    def _due(self) -> bool:
        return any(lane.held and self._clock() >= lane.retry_at for lane in self.lanes.values())

    def _load(self) -> None:
        """Positions of all assigned partitions, from the database; topics that are held are left out until they are due."""
        assigned = sorted(self._inbox.assigned)
        described = self._brokers.partitions(self.lanes)
        connection = self._session.connection
        self._positions = {}
        for topic, lane in self.lanes.items():
            if lane.held and self._clock() < lane.retry_at:
                continue
            partitions = [partition for name, partition in assigned if name == topic]
            try:
                self._positions |= self._load_lane(lane, connection, described.get(topic, ("", []))[0], partitions)
            except Fault as fault:
                self._hold(lane, fault)
        self._inbox.begin(self._positions)
        self._reload = False
        for name, breaker in self._breakers.items():
            breaker.worked()
            self._health.set(name, True)

    def _load_lane(self, lane: Lane, connection: psycopg.Connection, topic_id: str, partitions: list[int]) -> dict[Place, int]:
        topic, lane.topic_id = lane.sink.topic, topic_id
        if not topic_id:
            raise Fault(f"topic {topic} is missing: `maint topics create` makes it")
        starts = self._brokers.starts({topic: partitions})
        try:
            stored = lane.sink.load(connection, topic_id, partitions)
            gone = {partition: (off, starts[topic, partition]) for partition, off in stored.items() if off < starts[topic, partition]}
            if gone:
                expire(lane, gone, positions.skip(connection, topic, gone))
                stored = lane.sink.load(connection, topic_id, partitions)
        except psycopg.Error as error:
            raise classify(error) from error
        found = {(topic, partition): off for partition, off in stored.items()}
        ends = self._brokers.ends({topic: partitions})
        short = [place for place, off in found.items() if off > ends[place]]
        if short:
            raise Fault(f"topic {topic} was truncated: partitions {[partition for _, partition in short]} end below what is stored")
        lane.held = ""
        if not (partitions and lane.breaker.failures):  # a topic that waited is in order once something was written
            self._in_order(lane)
        return found

    def _in_order(self, lane: Lane) -> None:
        if lane.breaker.failures:
            lane.breaker.worked()
        self._health.set(lane.sink.topic, not lane.lost, lane.lost, critical=False)

    def _hold(self, lane: Lane, fault: Exception) -> None:
        if lane.held != str(fault):
            log.error("held", topic=lane.sink.topic, reason=str(fault))
            ERRORS.labels("deliver", "fault").inc()
        lane.held, lane.retry_at = str(fault), self._clock() + FAULT_S
        self._health.set(lane.sink.topic, False, str(fault))

    def _wait(self, lane: Lane, problem: Unreachable) -> None:
        """What this topic alone depends on is away: it is read again from what is stored after a pause that grows."""
        pause_s = lane.breaker.failed()
        ERRORS.labels("deliver", "transient").inc()
        log.warning("transient", dependency=lane.sink.topic, reason=str(problem), pause_s=round(pause_s, 2), failures=lane.breaker.failures)
        lane.held, lane.retry_at, self._reload = str(problem), self._clock() + pause_s, True
        self._health.set(lane.sink.topic, False, str(problem), critical=False)

    def _write(self, lane: Lane, records: list[Record]) -> None:
        begin = time.perf_counter()
        try:
            moved = lane.sink.write(self._session.connection, records)
        except Unreachable as away:
            self._wait(lane, away)
            return
        except Fault as fault:
            self._hold(lane, fault)
            self._reload = True
            return
        except psycopg.Error as error:
            problem = classify(error)
            if not isinstance(problem, Fault):
                raise
            self._hold(lane, problem)
            self._reload = True
            return
        if lane.breaker.failures:
            self._in_order(lane)
        self._positions |= {(lane.sink.topic, partition): off for partition, off in moved.items()}
        if isinstance(lane.sink, waveforms.Waveforms) and moved != {record.partition: record.offset + 1 for record in records}:
            self._reload = True  # there was no time for the rest: it is read again
        SINK_BATCH.observe(time.perf_counter() - begin, lane.sink.topic)

    def _failed(self, error: Exception, stop: Event) -> None:
        """A dependency is away: wait in the group, then read all positions anew."""
        problem = error if isinstance(error, Transient) else classify(error)
        name = "kafka" if isinstance(error, KafkaException) else "database"
        breaker = self._breakers[name]
        pause_s = breaker.failed()
        ERRORS.labels("deliver", "transient").inc()
        log.warning("transient", dependency=name, reason=str(problem), pause_s=round(pause_s, 2), failures=breaker.failures)
        if breaker.open:
            self._health.set(name, False, str(problem))
        self._session.drop()
        self._reload = True
        until = self._clock() + pause_s
        while self._clock() < until and not stop.is_set():
            self._health.beat()
            self._inbox.idle(min(0.2, pause_s))

    def _look_after(self) -> None:
        """Every second: offsets for lag tools, holes; more rarely: identity of the topics, lag."""
        now = self._clock()
        if now - self._committed_at >= COMMIT_S:
            self._committed_at = now
            self._inbox.commit(self._positions)
            self._report_holes()
        if now - self._checked_at >= self._settings.topic_check_s:
            self._checked_at = now
            self._check()

    def _report_holes(self) -> None:
        old = {source: age for source, age in self.scored.holes().items() if age > self._settings.sink_missing_s}
        holes = [f"{source.topic} {source.gap_start} to {(source.gap_end or 0) - 1} ({age:.0f} s)" for source, age in old.items()]
        remedy = "lost unless the worker sends them again; `maint rebase --accept-loss` goes on without"
        self._health.set("blocks", not old, f"missing offsets of {', '.join(holes)}: {remedy}" if old else "")

    def _check(self) -> None:
        """Identity of the topics, watermarks moved by a person, lag.

        Raises:
            Stale, KafkaException, psycopg.Error: positions must be read anew.
        """
        described = self._brokers.partitions(self.lanes)
        self._health.set("kafka", not self._inbox.error, self._inbox.error)
        for topic, lane in self.lanes.items():
            if lane.topic_id and not lane.held and described.get(topic, ("", []))[0] != lane.topic_id:
                raise Stale(f"topic {topic} is another one than before")
        if self.scored.holes():
            self.scored.compare(self._session.connection)
        lag: dict[str, int] = {}
        for (topic, partition), end in self._brokers.ends(wanted(self._positions)).items():
            behind = max(0, end - self._positions[topic, partition])
            LAG.labels(topic, str(partition)).set(behind)
            lag[topic] = lag.get(topic, 0) + behind
        if self._pulse.due():
            self._pulse.write(self._session.connection, lag)


def expire(lane: Lane, gone: dict[int, tuple[int, int]], moved: Iterable[int]) -> None:
    """Say what the brokers deleted before it was read: a loss, told in the log, the metrics and, until a restart, in health."""
    for partition in sorted(moved):
        start, end = gone[partition]
        log.error("records_expired", topic=lane.sink.topic, partition=partition, start=start, end=end)
        EXPIRED.labels(lane.sink.topic).inc(end - start)
        lane.lost = f"offsets {start} to {end - 1} of partition {partition} were deleted before they were read: keep the topic for longer"


def wanted(positions: dict[Place, int]) -> dict[str, list[int]]:
    """Partitions by topic."""
    return {topic: [partition for name, partition in positions if name == topic] for topic in {name for name, _ in positions}}
