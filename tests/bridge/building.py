"""Builders and stand-ins of the bridge's tests."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from bridge.payload import MESSAGE
from bridge.reading import Record
from schemas.codec import Decoded, decode

INT32, UINT32, INT64, FLOAT, DOUBLE, BOOLEAN, STRING = 3, 7, 4, 9, 10, 11, 12


def metric(name: str | None = None, value: Any = None, datatype: int | None = DOUBLE, **more: Any) -> dict[str, Any]:
    """Fields of a Sparkplug metric; `quality` becomes the property of this name."""
    fields = {"name": name, "datatype": datatype, **more}
    if isinstance(value, bool):
        fields["boolean_value"] = value
    elif isinstance(value, int):
        fields["long_value" if datatype == INT64 else "int_value"] = value
    elif isinstance(value, float):
        fields["double_value"] = value
    elif isinstance(value, str):
        fields["string_value"] = value
    return {key: content for key, content in fields.items() if content is not None}


def payload(*metrics: dict[str, Any], seq: int | None = None, ts: int | None = 1_700_000_000_000) -> bytes:
    """A Sparkplug payload, made field by field."""
    message = MESSAGE()
    if ts is not None:
        message.timestamp = ts
    if seq is not None:
        message.seq = seq
    for entry in metrics:
        properties = {key[0].upper() + key[1:]: entry[key] for key in ("quality",) if key in entry}
        properties |= entry.get("properties", {})
        made = message.metrics.add(**{key: value for key, value in entry.items() if key not in ("quality", "properties")})
        for key, value in properties.items():
            made.properties.keys.append(key)
            made.properties.values.add(**_value(value))
    data: bytes = message.SerializeToString()
    return data


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"type": STRING, "string_value": value}
    if isinstance(value, float):
        return {"type": DOUBLE, "double_value": value}
    return {"type": INT32, "int_value": value}


def reading(record: Record) -> dict[str, Any]:
    """What stands in a record of the raw topic, with its key as asset_id."""
    decoded = decode(record.value)
    assert isinstance(decoded, Decoded)
    return {"asset_id": record.key.decode(), **decoded.record}


class Memory:
    """Stands in for Kafka where only our own logic is meant. `away` and `refuse` make it fail."""

    def __init__(self) -> None:
        self.stored: list[Record] = []
        self.away = False
        self.refuse = ""
        self.renewed = 0
        self._sent: list[Record] = []
        self._lock = Lock()

    def send(self, records: Sequence[Record]) -> None:
        self._sent += records

    def left(self, wait_s: float) -> int:
        if self.away or self.refuse:
            time.sleep(min(wait_s, 0.01))
        else:
            with self._lock:
                self.stored += self._sent
            self._sent = []
        return len(self._sent)

    def failure(self) -> str:
        return self.refuse

    def renew(self) -> None:
        self._sent = []
        self.renewed += 1


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return when the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition does not come true"
        time.sleep(0.02)


@contextmanager
def publisher(port: int) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2, "publisher")
    client.connect("127.0.0.1", port)
    client.loop_start()
    until(client.is_connected)
    yield client
    client.disconnect()
    client.loop_stop()
