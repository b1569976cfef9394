"""Marks: what is no reading but changes a score, written into the raw partitions themselves so that the log alone decides.

One tick a second goes into every partition of the ticked topics; its version is the whole second, so several writers are
harmless. Catalogue entries become marks in the partition of their asset. Runs as a thread with clients of its own.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaException, Producer

from schemas.codec import Decoded, decode, encode
from schemas.identifiers import partition_of
from settings import Settings
from streams.topics import CATALOGUE, FRAMES, RAW, TICKED
from telemetry.health import Health

AWAY_S = 5.0  # without a delivered tick for longer, the brokers are away
RETRY_S = 1.0
PRODUCING = {
    "enable.idempotence": True,
    "acks": "all",
    "linger.ms": 5,
    "message.timeout.ms": 10_000,  # an old tick is worth nothing; a lost catalogue mark is read again
    "reconnect.backoff.max.ms": 500,
}
FOLLOWING = {
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "reconnect.backoff.max.ms": 500,
}

log = structlog.get_logger(__name__)


def tick(second: int) -> bytes:
    """The mark that says that time passes."""
    return encode("Mark", {"kind": "tick", "version": second})


def catalogue_mark(entry: Mapping[str, Any]) -> bytes:
    """The mark of a catalogue entry."""
    return encode("Mark", {"kind": "catalogue", "version": entry["version"], "subject": subject(entry), "entry": entry})


def subject(entry: Mapping[str, Any]) -> str:
    """Whom an entry describes, also its key in the catalogue: asset/<id>, sensor/<id> or baseline/<sensor id>/<mode>.

    >>> subject({"kind": "sensor", "asset_id": "P1", "sensor_id": "P1.temp"})
    'sensor/P1.temp'
    """
    if entry["kind"] == "baseline":
        return f"baseline/{entry['sensor_id']}/{entry['baseline']['mode']}"
    return f"{entry['kind']}/{entry['asset_id'] if entry['kind'] == 'asset' else entry['sensor_id']}"


def partitions(entry: Mapping[str, Any], count: int) -> list[int]:
    """Where an entry must be known: in the partition of its asset, and in that of the asset which loses a sensor by it.

    >>> partitions({"asset_id": "P1", "previous_asset_id": None}, 24), partitions({"asset_id": "P1", "previous_asset_id": "P2"}, 24)
    ([19], [5, 19])
    """
    assets = {entry["asset_id"], entry["previous_asset_id"] or entry["asset_id"]}
    return sorted({partition_of(asset.encode(), count) for asset in assets})


class Follower:
    """Reads the catalogue and hands marks to the producer; commits only what was delivered."""

    def __init__(self, settings: Settings, produce: Callable[[str, bytes, int, Callable[..., None]], None]) -> None:
        self._settings, self._produce = settings, produce
        self._consumer: Any = Consumer({**FOLLOWING, **settings.kafka, "group.id": settings.topic("marks")})
        self._consumer.subscribe([settings.topic(CATALOGUE)])
        self._sent = self._delivered = 0
        self.failed = False

    def follow(self, seconds: float) -> None:
        """Turn entries into marks for at most this long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.failed:
            message = self._consumer.poll(min(left, RETRY_S))
            if message is not None and message.error() is None:
                self._mark(message.value())
            self.commit()

    def commit(self) -> None:
        """Commit the position when everything read so far was delivered."""
        if self._sent and self._sent == self._delivered and not self.failed:
            self._sent = self._delivered = 0
            self._consumer.commit(asynchronous=True)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _mark(self, value: bytes | None) -> None:
        found = decode(value)
        if not isinstance(found, Decoded) or found.name != "CatalogueEntry":
            log.warning("catalogue_entry_ignored", detail=getattr(found, "detail", "no CatalogueEntry"))
            return
        mark = catalogue_mark(found.record)
        for partition in partitions(found.record, self._settings.partitions):
            for topic in (RAW, FRAMES):
                self._sent += 1
                self._produce(topic, mark, partition, self._acknowledge)

    def _acknowledge(self, error: object, _message: object) -> None:
        self._delivered += 1
        self.failed = self.failed or error is not None


class Marks(threading.Thread):
    """Writes marks until `stop()`; survives outages of the brokers of any length."""

    def __init__(self, settings: Settings, health: Health) -> None:
        super().__init__(name="marks", daemon=True)
        self._settings, self._health = settings, health
        self._producer: Any = Producer({**PRODUCING, **settings.kafka})
        self._ending = threading.Event()
        self._acked_at = time.monotonic()

    def stop(self) -> None:
        """End within a second and wait for it."""
        self._ending.set()
        self.join(timeout=3)

    def run(self) -> None:
        """Follow the catalogue between the ticks."""
        while not self._ending.is_set():
            follower = Follower(self._settings, self._produce)
            try:
                self._work(follower)
            except KafkaException as problem:
                log.warning("marks_interrupted", reason=str(problem))
            finally:
                follower.close()
            self._ending.wait(RETRY_S if not self._ending.is_set() else 0)

    def _work(self, follower: Follower) -> None:
        last = 0
        while not self._ending.is_set() and not follower.failed:
            second = int(time.time())
            if second > last:
                self._tick(second)
                last = second
            follower.follow(max(0.001, second + 1 - time.time()))
            self._producer.poll(0)
            away_s = time.monotonic() - self._acked_at
            self._health.set("marks", away_s < AWAY_S, f"no tick was delivered for {away_s:.0f} s" if away_s >= AWAY_S else "")

    def _tick(self, second: int) -> None:
        value = tick(second)
        for topic in TICKED:
            for partition in range(self._settings.partitions):
                self._produce(topic, value, partition, self._acknowledge)
        self._producer.poll(0)

    def _acknowledge(self, error: object, _message: object) -> None:
        if error is None:
            self._acked_at = time.monotonic()

    def _produce(self, topic: str, value: bytes, partition: int, acknowledge: Callable[..., None]) -> None:
        try:
            self._producer.produce(self._settings.topic(topic), value, partition=partition, on_delivery=acknowledge)
        except (BufferError, KafkaException) as problem:  # full while the brokers are away, or the topic is not there yet
            acknowledge(problem, None)
