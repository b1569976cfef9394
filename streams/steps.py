"""Step agents of the control plane: a pure step over the records of one partition, state a JSON-able dict.

The wrapper may deliver an input again and upstream may repeat an output after a crash. The first copy stands: per origin
partition only a greater (offset, n-th output) than the last one is stepped.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from processors.outcome import Reason
from schemas.codec import Undecodable, decode, encode
from streams.headers import cloud_event, traced
from streams.rejection import rejection
from streams.topics import REJECTIONS
from streams.work import Output, Place, Record, Taken
from telemetry import logs, traces

Fields = dict[str, Any]
STATE_VERSION = "1"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """A step agent: which records it takes, its pure step, what it writes and under which key."""

    name: str
    takes: tuple[str, ...]
    empty: Callable[[], Fields]
    step: Callable[..., list[Fields]]
    topic: str
    schema: str
    key: Callable[[Mapping[str, Any]], str]
    wants: Callable[[Fields, bytes], bool] | None = None  # state and value: False spares decoding what the step would leave alone


class StepWork:
    """A step agent on one partition."""

    kernel = STATE_VERSION

    def __init__(self, rules: Rules, place: Place, state: bytes | None) -> None:
        self._rules, self._place = rules, place
        self._source = f"/{rules.name}"
        kept = json.loads(state) if state else {}
        self._state: Fields = kept.get("state") or rules.empty()
        self._seen: dict[str, list[int]] = kept.get("seen", {})

    def apply(self, taken: Taken) -> list[Output]:
        """Step over the records in order."""
        return [output for record in taken.records for output in self._one(record)]

    def refuse(self, record: Record, detail: str) -> list[Output]:
        """A rejection `fault`; the state does not see the record."""
        return [self._refused(record, Reason.FAULT, detail)]

    def settle(self) -> list[Output]:
        """Nothing is held back."""
        return []

    def pack(self) -> bytes:
        """State and the greatest origins seen; not with orjson, which turns NaN into null."""
        return json.dumps({"state": self._state, "seen": self._seen}, separators=(",", ":")).encode()

    def _one(self, record: Record) -> list[Output]:
        wants = self._rules.wants
        if wants and record.value and not wants(self._state, record.value):
            return []
        found = decode(record.value)
        if isinstance(found, Undecodable):
            return [self._refused(record, Reason(found.reason), found.detail)]
        if found.name not in self._rules.takes:
            return [self._refused(record, Reason.UNKNOWN_SCHEMA, f"{found.name} does not belong into {self._place.topic}")]
        if not self._first(found.record.get("origin")):
            return []
        origin = {"topic_id": self._place.topic_id, "partition": self._place.partition, "offset": record.offset}
        outputs = self._rules.step(self._state, found.record, schema=found.name, known_at_us=record.timestamp * 1000, origin=origin)
        return [self._event(output) for output in outputs]

    def _first(self, origin: Mapping[str, Any] | None) -> bool:
        if origin is None:
            return True
        source, now = f"{origin['topic_id']}/{origin['partition']}", [origin["offset"], origin["nth"]]
        if now <= self._seen.get(source, [-1, -1]):
            return False
        self._seen[source] = now
        return True

    def _event(self, record: Fields) -> Output:
        rules = self._rules
        headers = cloud_event(rules.schema, self._source, record)
        if "correlation_id" in record:  # evidence has none: its case begins in detection
            ids = traced(record)
            if traces.on():
                traces.step(rules.name, ids, record["known_at"], asset_id=record["asset_id"])
            if logs.debugging():
                with logs.correlated(record["correlation_id"], asset_id=record["asset_id"]):
                    log.debug("step", agent=rules.name, output=rules.schema)
            headers.append((traces.HEADER, str(ids).encode()))
        return Output(rules.topic, encode(rules.schema, record), key=rules.key(record).encode(), headers=headers)

    def _refused(self, record: Record, reason: Reason, detail: str) -> Output:
        made = rejection(self._place, record, reason, detail)
        headers = cloud_event("Rejection", self._source, made)
        return Output(REJECTIONS, encode("Rejection", made), partition=self._place.partition, headers=headers)
