"""The one thing a bridge may write to the field, if a person allows it: asking a Sparkplug node for its birth.

The request (Eclipse Sparkplug 3.0, 6.4.4) sets the node's switch `Node Control/Rebirth`; no process value is touched.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog
from paho.mqtt.client import Client

from bridge.payload import BOOLEAN, MESSAGE
from bridge.sparkplug import ROOT, NodeId

log = structlog.get_logger(__name__)

SWITCH: Final = "Node Control/Rebirth"
AGAIN_S: Final = 60.0  # a node is not asked more often


class Rebirth:
    """Asks nodes for their birth, each at most once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: dict[NodeId, float] = {}

    def ask(self, client: Client, node: NodeId) -> None:
        """Request the birth of a node and of its devices."""
        now = self._clock()
        if now - self._asked.get(node, -AGAIN_S) < AGAIN_S:
            return
        self._asked[node] = now
        log.warning("rebirth_requested", group=node[0], node=node[1])
        client.publish(f"{ROOT}/{node[0]}/NCMD/{node[1]}", request(time.time_ns() // 1_000_000), qos=0)


def request(ts_ms: int) -> bytes:
    """The payload of the request."""
    message = MESSAGE(timestamp=ts_ms)
    message.metrics.add(name=SWITCH, timestamp=ts_ms, datatype=BOOLEAN, boolean_value=True)
    data: bytes = message.SerializeToString()
    return data
