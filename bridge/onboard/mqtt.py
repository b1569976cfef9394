"""Signals of an MQTT broker: listens for a while, with a session of its own that ends with it."""

import time
from collections.abc import Iterable, Iterator
from threading import Event, Lock
from typing import Any, Final

import orjson
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from bridge.births import Births
from bridge.field import Field
from bridge.mapping import Mapping
from bridge.mqtt import TICK_S, Address, broken, encryption, secure
from bridge.onboard.signal import Signal
from bridge.payload import NUMERIC, PayloadError, parse
from bridge.plain import number
from bridge.reading import Point, Reason, Refusal
from bridge.remedy import LostError, RefusedError
from bridge.sparkplug import BD_SEQ, BIRTHS, CONTROL, Plant, address

LEAVES_MAX: Final = 200  # of one JSON document
UNIT: Final = ("engUnit", "Engineering Units", "unit")  # properties of Sparkplug metrics as gateways write them
LOW: Final = ("engLow", "Engineering Low Limit", "low")
HIGH: Final = ("engHigh", "Engineering High Limit", "high")


class Ear:
    """Collects signals from messages. Safe to use from the client's thread.

    Args:
        mapping: how topics become names.
        births: a folder that need not last.
        health: of the process; nothing is reported there.
    """

    def __init__(self, mapping: Mapping, births: Births, health: Any) -> None:  # noqa: ANN401  only handed on
        self._mapping = mapping
        self._field = Field(mapping, Plant(mapping.naming, births), health)
        self._signals: dict[str, Signal] = {}
        self._lock = Lock()

    @property
    def signals(self) -> list[Signal]:
        """What was found so far."""
        with self._lock:
            return list(self._signals.values())

    def hear(self, topic: str, payload: bytes, arrival_us: int) -> None:
        """Take one message."""
        taken = self._field.take(topic, payload, arrival_us=arrival_us)
        with self._lock:
            for outcome in taken.outcomes:
                if isinstance(outcome, Point):
                    self._of(outcome.asset_id, outcome.sensor_id).see(outcome)
                elif isinstance(outcome, Refusal) and outcome.reason == Reason.UNMAPPED:
                    self._guess(topic, payload, arrival_us)
            self._state(topic, payload)

    def _of(self, asset_id: str, sensor_id: str) -> Signal:
        return self._signals.setdefault(sensor_id, Signal(asset_id, sensor_id))

    def _state(self, topic: str, payload: bytes) -> None:
        """Unit and span stand in the properties of a birth."""
        at = address(topic)
        if at is None or at.kind not in BIRTHS:
            return
        try:
            metrics = parse(payload).metrics
        except PayloadError:
            return
        for metric in metrics:
            if metric.name and metric.datatype in NUMERIC and metric.name != BD_SEQ and not metric.name.startswith(CONTROL):
                names = self._mapping.naming.of(group=at.group, node=at.node, device=at.device, metric=metric.name)
                signal = self._of(*names)
                signal.unit = str(_first(metric.properties, UNIT) or signal.unit)
                signal.low, signal.high = _number(_first(metric.properties, LOW)), _number(_first(metric.properties, HIGH))

    def _guess(self, topic: str, payload: bytes, arrival_us: int) -> None:
        """A message no rule fits: its numbers are shown, so that a rule can be written."""
        try:
            document = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return
        levels = topic.split("/")
        for count, (pointer, value) in enumerate(_leaves(document)):
            if count >= LEAVES_MAX:
                return
            signal = self._of(".".join(levels[:-1]) or topic, ".".join([*levels, *pointer.split("/")[1:]]))
            signal.see(Point(signal.asset_id, signal.sensor_id, arrival_us, value))
            doubt = f"the mapping needs a rule for topic {topic}, value {pointer or '(the whole payload)'}; times are those of arrival"
            if doubt not in signal.doubts:
                signal.doubts.append(doubt)


def listen(place: Address, ear: Ear, seconds: float, stop: Event) -> None:
    """Listen for a while.

    Raises:
        OSError: the broker does not answer, or refuses us.
        SecurityError: a file of certificates cannot be used.
    """
    client = Client(CallbackAPIVersion.VERSION2, clean_session=True)
    refused: list[OSError] = []  # why, the newest reason last
    sockets: list[object] = []
    let_in = Event()

    def joined(client: Client, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        if code.is_failure:
            refused.append(RefusedError(str(code)))
        else:
            let_in.set()
            client.subscribe([(name, 0) for name in place.filters])

    def arrived(_client: Client, _data: object, message: MQTTMessage) -> None:
        ear.hear(message.topic, bytes(message.payload), time.time_ns() // 1000)

    def left(_client: Client, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        if not let_in.is_set() and not refused:
            refused.append(broken(sockets[-1]) or LostError(str(code), secured=place.tls))

    client.on_connect, client.on_message, client.on_disconnect = joined, arrived, left
    client.on_socket_open = lambda _client, _data, opened: sockets.append(opened)
    secure(client, place, encryption(place))
    client.connect(place.host, place.port)
    client.loop_start()
    end = time.monotonic() + seconds
    while not refused and not stop.wait(max(0.0, min(TICK_S, end - time.monotonic()))) and time.monotonic() < end:
        pass
    client.on_disconnect = None  # from here on it is we who leave
    client.disconnect()
    client.loop_stop()
    if refused:
        raise refused[0]


def _leaves(document: object, pointer: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _leaves(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(document, list):
        for place, value in enumerate(document):
            yield from _leaves(value, f"{pointer}/{place}")
    else:
        value = number(document)
        if value is not None and not isinstance(document, str):
            yield pointer, value


def _first(properties: Any, names: Iterable[str]) -> Any:  # noqa: ANN401
    return next((properties[name] for name in names if properties.get(name) is not None), None)


def _number(value: object) -> float | None:
    return number(value) if value is not None else None
