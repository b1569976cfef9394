"""Model events: somebody promoted, rolled back or registered a model, so that it is worth to look at the registry at once.

An event is only a hint. Reading begins at the end of the topic and is followed by a look, so that nothing falls between; what is
lost while the brokers are away is found by the slow look that never stops (models/refresh.py).
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import structlog
from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from schemas.codec import Decoded, decode
from settings import Settings
from streams.topics import MODELS

POLL_S: Final = 0.5
ASK_S: Final = 5.0
RETRY_S: Final = 5.0
FOLLOWING: Final = {
    "enable.auto.commit": False,
    "auto.offset.reset": "latest",
    "fetch.wait.max.ms": 100,
    "reconnect.backoff.max.ms": 500,
}

log = structlog.get_logger(__name__)


class News(threading.Thread):
    """Calls `wake` at its begin and after each model event until `stop()`; survives outages of the brokers of any length.

    Args:
        wake: must not block.

    """

    def __init__(self, settings: Settings, wake: Callable[[], None]) -> None:
        super().__init__(name="model events", daemon=True)
        self._settings, self._wake = settings, wake
        self._ending = threading.Event()

    def stop(self) -> None:
        """End within a second and wait for it."""
        self._ending.set()
        if self.is_alive():
            self.join(timeout=3)

    def run(self) -> None:
        """Follow the topic; it may be made later."""
        while not self._ending.is_set():
            consumer: Any = Consumer({**FOLLOWING, **self._settings.kafka, "group.id": self._settings.topic("models")})
            try:
                self._follow(consumer)
            except KafkaException as problem:
                log.info("model_events_interrupted", reason=str(problem))
            finally:
                consumer.close()
            self._ending.wait(RETRY_S)

    def _follow(self, consumer: Any) -> None:
        if not _seek(consumer, self._settings.topic(MODELS)):
            return
        self._wake()  # what happened before these positions is in the registry
        while not self._ending.is_set():
            message = consumer.poll(POLL_S)
            if message is not None and message.error() is None:
                self._take(message.value())

    def _take(self, value: bytes | None) -> None:
        found = decode(value)
        if not isinstance(found, Decoded) or found.name != "ModelEvent":
            log.warning("model_event_ignored", detail=getattr(found, "detail", "no ModelEvent"))
            return
        told = found.record
        log.info("model_event", model=told["name"], version=told["version"], action=told["action"], who=told["who"], reason=told["reason"])
        self._wake()


def _seek(consumer: Any, topic: str) -> bool:
    """Begin at the end of every partition; False while there is no such topic. No group is joined: every process must hear everything."""
    known = consumer.list_topics(topic, timeout=ASK_S).topics[topic]
    if known.error or not known.partitions:
        return False
    ends = [TopicPartition(topic, each, consumer.get_watermark_offsets(TopicPartition(topic, each), ASK_S)[1]) for each in known.partitions]
    consumer.assign([each for each in ends if each.offset != OFFSET_INVALID])
    return True
