"""MQTT messages to outcomes: Sparkplug by its topics, everything else by the rules of the mapping."""

from collections.abc import Iterable
from typing import Final

import orjson

from bridge.mapping import Mapping
from bridge.plain import Translator
from bridge.reading import Outcome, Reason, Refusal
from bridge.sparkplug import ROOT, STATE, Plant, Taken, address
from telemetry.health import Health

HOSTS: Final = "sparkplug_hosts"


class Field:
    """What the topics of one broker mean.

    Args:
        mapping: names and rules.
        plant: the Sparkplug nodes.
        health: told about host applications that are offline; their nodes may hold data back.
    """

    def __init__(self, mapping: Mapping, plant: Plant, health: Health) -> None:
        self._plant, self._health = plant, health
        self._plain = Translator(mapping.json_)
        self._offline: set[str] = set()

    def take(self, topic: str, payload: bytes, *, arrival_us: int, repeated: bool = False, retained: bool = False) -> Taken:
        """What one message means; an error of our own is a refusal, too, so that one message never stops the bridge."""
        try:
            at = address(topic)
            if at:
                return self._plant.take(at, payload, arrival_us=arrival_us, repeated=repeated)
            if topic.startswith((f"{ROOT}/{STATE}/", f"{STATE}/")):
                return Taken(tuple(self._state(topic, payload)))
            return Taken(tuple(self._plain.take(topic, payload, arrival_us=arrival_us, retained=retained)))
        except Exception as error:  # noqa: BLE001  data must never raise
            return Taken((Refusal(Reason.FAULT, repr(error)),))

    def _state(self, topic: str, payload: bytes) -> Iterable[Outcome]:
        """A host application says whether it is there (Sparkplug 3.0: JSON; 2.2: the words ONLINE and OFFLINE)."""
        host = topic.rpartition("/")[2]
        try:
            told = payload == b"ONLINE" or (payload != b"OFFLINE" and bool(orjson.loads(payload)["online"]))
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return [Refusal(Reason.UNPARSABLE, f"not the state of a host: {payload[:60]!r}")]
        (self._offline.discard if told else self._offline.add)(host)
        reason = f"offline: {', '.join(sorted(self._offline))}; nodes that wait for them hold their data back" if self._offline else ""
        self._health.set(HOSTS, not self._offline, reason, critical=False)
        return []
