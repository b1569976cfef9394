"""Signals of an OPC UA server: browses, reads units and spans, then listens for a while."""

import asyncio
from typing import Any, Final

from asyncua import Node, ua

from bridge.change import outcome
from bridge.nodes import Chosen, browse, named
from bridge.onboard.signal import Signal
from bridge.opcua import Endpoint, secured
from bridge.reading import Point

UNITS: Final = "EngineeringUnits"  # properties of an analogue item, OPC 10000-8
SPAN: Final = "EURange"


class Listener:
    """Collects the readings of the signals it knows; asyncua calls it."""

    def __init__(self, signals: dict[ua.NodeId, tuple[Chosen, Signal]]) -> None:
        self._signals = signals

    def datachange_notification(self, node: Node, _value: object, data: Any) -> None:  # noqa: ANN401  asyncua's name and types
        """Take one change."""
        chosen, signal = self._signals[node.nodeid]
        found = outcome(chosen, data.monitored_item.Value)
        if isinstance(found, Point):
            signal.see(found)


async def discover(endpoint: Endpoint, root: str, seconds: float) -> tuple[list[Signal], list[Chosen]]:
    """Every numeric variable below a node, with what the server states of it and its readings of some seconds.

    Raises:
        OSError, asyncio.TimeoutError, asyncua.ua.UaError: the server does not answer or refuses.
    """
    async with await secured(endpoint) as client:
        known: dict[ua.NodeId, tuple[Chosen, Signal]] = {}
        for chosen in named([found for found in await browse(client, root) if await _numeric(found.node)]):
            node = client.get_node(chosen.node)
            known[node.nodeid] = chosen, await _stated(node, chosen)
        if known:
            subscription = await client.create_subscription(endpoint.period_ms, Listener(known))
            await subscription.subscribe_data_change([client.get_node(name) for name in known], sampling_interval=endpoint.period_ms)
            await asyncio.sleep(seconds)
    return [signal for _, signal in known.values()], [chosen for chosen, _ in known.values()]


async def _numeric(node: Node) -> bool:
    try:
        value = await node.read_value()
    except ua.UaError:
        return False
    return isinstance(value, bool | int | float)


async def _stated(node: Node, chosen: Chosen) -> Signal:
    signal = Signal(chosen.asset_id, chosen.sensor_id)
    for stated in await node.get_properties():
        name = (await stated.read_browse_name()).Name
        if name not in {UNITS, SPAN}:
            continue
        value = await stated.read_value()
        if name == UNITS:
            signal.unit = value.DisplayName.Text or ""
        else:
            signal.low, signal.high = value.Low, value.High
    return signal
