"""The subscriber against asyncua's own server on a free port."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from asyncua import Server, ua

from bridge.nodes import Chosen
from bridge.opcua import Endpoint, Subscriber
from bridge.service import Store, run
from bridge.tally import Tally
from stack.ports import pick
from telemetry.health import Health
from tests.bridge.building import Memory, reading, until

pytestmark = pytest.mark.integration

UNCERTAIN = 0x40900000


class Plant:
    """An OPC UA server with one pump, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"opc.tcp://127.0.0.1:{port}"
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self.start()

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def start(self) -> None:
        self.call(self._start())

    def stop(self) -> None:
        self.call(self.server.stop())

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def set(self, node: Any, value: Any, second: int, status: int = 0) -> None:
        given = ua.DataValue(
            ua.Variant(value) if value is not None else None,
            ua.StatusCode(status),
            SourceTimestamp=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
        )
        self.call(node.write_value(given))

    async def _start(self) -> None:
        self.server = Server()
        await self.server.init()
        self.server.set_endpoint(self.url)
        space = await self.server.register_namespace("urn:plant")
        pump = await self.server.nodes.objects.add_object(ua.NodeId("P1", space), ua.QualifiedName("P1", space))
        self.speed = await pump.add_variable(ua.NodeId("P1.speed", space), ua.QualifiedName("speed", space), 1.0)
        self.name = await pump.add_variable(ua.NodeId("P1.name", space), ua.QualifiedName("name", space), "pump")
        await self.server.start()


@pytest.fixture
def plant() -> Iterator[Plant]:
    running = Plant(pick(set()))
    yield running
    running.close()


class Bridge:
    def __init__(self, source: Callable[[Tally, Health], Subscriber], folder: Path, outlet: Memory) -> None:
        self.health, self.stop = Health(), Event()
        self.tally = Tally("opcua", self.health)
        store = Store(folder, 10_000_000, sync=False)
        self._thread = Thread(target=run, args=(source(self.tally, self.health), store, outlet, self.health, self.stop))
        self._thread.start()

    def ok(self) -> bool:
        return bool(self.health.snapshot().get("opcua", {}).get("ok"))

    def close(self) -> None:
        self.stop.set()
        self._thread.join()


def test_values_times_and_status_codes_are_kept_and_nothing_is_repeated(plant: Plant, tmp_path: Path) -> None:
    outlet = Memory()
    plant.set(plant.speed, 1.5, 0)
    chosen = [Chosen("ns=2;s=P1.speed", "P1", "P1.speed"), Chosen("ns=2;s=P1.name", "P1", "P1.name")]
    running = Bridge(lambda tally, health: Subscriber(Endpoint(plant.url, 20), chosen, "", tally, health), tmp_path, outlet)
    try:
        until(lambda: len(outlet.stored) == 1)
        plant.set(plant.speed, 2.5, 1, UNCERTAIN)
        until(lambda: len(outlet.stored) == 2)
        plant.stop()
        until(lambda: not running.ok())
        plant.start()
        plant.set(plant.speed, 2.5, 1, UNCERTAIN)
        until(running.ok)
        plant.set(plant.speed, 3.5, 3)
        until(lambda: [entry["value"] for entry in map(reading, outlet.stored)][-1] == 3.5)
    finally:
        running.close()
    begin = 1_767_225_600_000_000
    seen = [(entry["value"], entry["ts"] - begin, entry["status"]) for entry in map(reading, outlet.stored) if entry["ts"] < begin + 10**8]
    assert seen == [(1.5, 0, 0), (2.5, 1_000_000, UNCERTAIN), (3.5, 3_000_000, 0)]
    assert set(running.tally.refused) == {"not_a_number"}


def test_everything_below_a_node_is_named_by_its_path(plant: Plant, tmp_path: Path) -> None:
    outlet = Memory()
    plant.set(plant.speed, 1.5, 0)
    running = Bridge(lambda tally, health: Subscriber(Endpoint(plant.url, 20), (), "ns=2;s=P1", tally, health), tmp_path, outlet)
    try:
        until(lambda: len(outlet.stored) == 1)
    finally:
        running.close()
    assert reading(outlet.stored[0])["sensor_id"] == "speed"
