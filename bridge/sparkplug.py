"""Sparkplug B: what a message of an edge node means, given the births seen before.

Births name the metrics and their aliases, deaths make them stale, data messages count from 0 to 255. Knows no network:
what a message would make us ask of the node is only said (`Taken.rebirth`).
Rules: Eclipse Sparkplug 3.0, chapters 5 and 6.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from bridge.births import Births
from bridge.mapping import Naming
from bridge.payload import NUMERIC, Metric, Payload, PayloadError, number, parse
from bridge.quality import status
from bridge.reading import BAD_NO_COMMUNICATION, BAD_NO_DATA, GOOD, Outcome, Point, Reason, Refusal

ROOT: Final = "spBv1.0"
STATE: Final = "STATE"
BIRTHS: Final = {"NBIRTH", "DBIRTH"}
DATA: Final = {"NDATA", "DDATA"}
DEATHS: Final = {"NDEATH", "DDEATH"}
COMMANDS: Final = {"NCMD", "DCMD"}  # somebody else's writes: not ours to read
SEQUENCE: Final = 256
BEHIND: Final = 128  # a number this far ahead is one that came before
BD_SEQ: Final = "bdSeq"
CONTROL: Final = ("Node Control/", "Device Control/")  # switches of the node, no process values

NodeId = tuple[str, str]  # group and edge node


class Address(NamedTuple):
    """Where a message comes from; `device` is empty for the node itself."""

    group: str
    kind: str
    node: str
    device: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message became: points and refusals, messages found missing, and whether only a rebirth would help."""

    outcomes: tuple[Outcome, ...] = ()
    missing: int = 0
    rebirth: NodeId | None = None


@dataclass(slots=True)
class Node:
    """What is known of one edge node."""

    seq: int | None = None  # of the newest message
    bd_seq: float | None = None  # number of the newest birth: a death with another one is old
    alive: bool = True
    births: dict[str, bytes] = field(default_factory=dict)  # payloads, by device
    metrics: dict[str, dict[str, Metric]] = field(default_factory=dict)  # device -> name -> as born
    aliases: dict[int, tuple[str, Metric]] = field(default_factory=dict)  # alias -> device, as born


def address(topic: str) -> Address | None:
    """The parts of a Sparkplug topic, None for any other.

    >>> address("spBv1.0/plant/DDATA/edge/pump-7")
    Address(group='plant', kind='DDATA', node='edge', device='pump-7')
    >>> address("plant/pump-7") is None
    True
    """
    root, *parts = topic.split("/")
    if root != ROOT or len(parts) not in (3, 4) or parts[1] not in BIRTHS | DATA | DEATHS | COMMANDS:
        return None
    return Address(parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else "")


class Plant:
    """All edge nodes of a broker.

    Args:
        naming: how assets and sensors are called.
        births: keeps what aliases mean over a restart.
    """

    def __init__(self, naming: Naming, births: Births) -> None:
        self._naming, self._births = naming, births
        self._nodes: dict[NodeId, Node] = {}
        for name, kept in births.kept():
            node = self._nodes[name] = Node()
            for device, payload in kept.items():
                _bear(node, device, parse(payload), payload)

    def take(self, at: Address, data: bytes, *, arrival_us: int, repeated: bool = False) -> Taken:
        """What a message means.

        Args:
            at: its topic.
            data: its payload.
            arrival_us: when it came, microseconds since 1970: the time of what a death ends.
            repeated: the broker says it may have sent it before.
        """
        if at.kind in COMMANDS:
            return Taken()
        try:
            payload = parse(data)
        except PayloadError as error:
            return Taken((Refusal(Reason.UNPARSABLE, str(error)),))
        name = (at.group, at.node)
        node = self._nodes.setdefault(name, Node(alive=False))
        missing = _follow(node, at.kind, payload.seq, repeated=repeated)
        if at.kind in DEATHS:
            return Taken(tuple(self._die(node, at, payload, arrival_us)), missing)
        if at.kind in BIRTHS:
            _bear(node, at.device, payload, data)
            self._births.keep(name, node.births)
        outcomes = tuple(self._points(node, at, payload))
        lost = missing or any(isinstance(found, Refusal) and found.reason == Reason.NO_BIRTH for found in outcomes)
        return Taken(outcomes, missing, name if lost else None)

    def _points(self, node: Node, at: Address, payload: Payload) -> Iterator[Outcome]:
        for metric in payload.metrics:
            known = _known(node, at.device, metric)
            if isinstance(known, Refusal):
                yield known
            elif known.name != BD_SEQ and not (known.name or "").startswith(CONTROL):
                yield self._point(at, known, payload)

    def _point(self, at: Address, metric: Metric, payload: Payload) -> Outcome:
        ts_ms = metric.ts_ms if metric.ts_ms is not None else payload.ts_ms
        if ts_ms is None:
            return Refusal(Reason.NO_TIME, f"{metric.name}: neither the metric nor its message has a timestamp")
        if metric.datatype not in NUMERIC:
            return Refusal(Reason.NOT_A_NUMBER, f"{metric.name} is of Sparkplug type {metric.datatype}")
        quality = metric.properties.get("Quality")
        code = status(int(quality)) if isinstance(quality, int | float) and math.isfinite(quality) else GOOD
        asset, sensor = self._names(at, metric.name or "")
        if metric.null:
            return Point(asset, sensor, ts_ms * 1000, math.nan, code or BAD_NO_DATA, payload.seq)
        if not isinstance(metric.value, int | float):
            return Refusal(Reason.NOT_A_NUMBER, f"{metric.name}: {metric.value!r:.100}")
        return Point(asset, sensor, ts_ms * 1000, number(metric.value, metric.datatype), code, payload.seq)

    def _die(self, node: Node, at: Address, payload: Payload, arrival_us: int) -> Iterator[Point]:
        """No value from now on for everything that was alive: its last value may not be held any longer."""
        if at.kind == "NDEATH":
            died = _bd_seq(payload)
            if not node.alive or (died is not None and node.bd_seq is not None and died != node.bd_seq):
                return  # the will of a connection that has been replaced
            node.alive, node.seq = False, None
        gone = [at.device] if at.kind == "DDEATH" else sorted(node.metrics)
        for device in gone:
            where = at._replace(device=device)
            for name in sorted(node.metrics.pop(device, {})):
                asset, sensor = self._names(where, name)
                yield Point(asset, sensor, arrival_us, math.nan, BAD_NO_COMMUNICATION)
            node.aliases = {alias: entry for alias, entry in node.aliases.items() if entry[0] != device}

    def _names(self, at: Address, metric: str) -> tuple[str, str]:
        return self._naming.of(group=at.group, node=at.node, device=at.device, metric=metric)


def _bear(node: Node, device: str, payload: Payload, data: bytes) -> None:
    """Learn the metrics of a birth; a node's birth ends those of its devices."""
    if not device:
        node.births, node.metrics, node.aliases = {}, {}, {}
        node.bd_seq = _bd_seq(payload)
    node.alive = True
    node.births[device] = data
    node.aliases = {alias: entry for alias, entry in node.aliases.items() if entry[0] != device}
    born = [replace(metric, value=None, ts_ms=None, null=False, properties={}) for metric in payload.metrics if metric.name]
    named = {metric.name or "": metric for metric in born}
    node.metrics[device] = {
        name: metric for name, metric in named.items() if metric.datatype in NUMERIC and name != BD_SEQ and not name.startswith(CONTROL)
    }
    node.aliases |= {metric.alias: (device, metric) for metric in born if metric.alias is not None}


def _follow(node: Node, kind: str, seq: int | None, *, repeated: bool) -> int:
    """Move the sequence on; returns how many messages of the node are missing."""
    if seq is None or kind == "NDEATH":
        return 0
    before, node.seq = node.seq, seq
    if kind == "NBIRTH" or before is None:
        return 0
    missing = (seq - before - 1) % SEQUENCE
    if missing >= BEHIND and repeated:
        node.seq = before
        return 0
    return missing


def _known(node: Node, device: str, metric: Metric) -> Metric | Refusal:
    """The metric with the name and type of its birth."""
    born: Metric | None = None
    if metric.name:
        born = node.metrics.get(device, {}).get(metric.name)
    elif metric.alias is not None:
        owner, born = node.aliases.get(metric.alias, (device, None))
        if owner != device:
            born = None
    if born is None:
        if metric.name and metric.datatype is not None:
            return metric
        return Refusal(Reason.NO_BIRTH, f"{metric.name or f'alias {metric.alias}'}: no birth has said what it is; see --allow-rebirth")
    return replace(metric, name=born.name, datatype=metric.datatype if metric.datatype is not None else born.datatype)


def _bd_seq(payload: Payload) -> float | None:
    found = next((metric.value for metric in payload.metrics if metric.name == BD_SEQ), None)
    return found if isinstance(found, int | float) else None
