"""The listener against a real broker over TCP, with paho as the publisher."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from paho.mqtt.client import Client

from bridge.births import Births
from bridge.field import Field
from bridge.mapping import Mapping
from bridge.mqtt import Address, Listener
from bridge.service import Store, run
from bridge.sparkplug import Plant
from bridge.tally import Tally
from telemetry.health import Health
from tests.bridge.broker import Broker, broker
from tests.bridge.building import Memory, metric, payload, publisher, reading, until

pytestmark = pytest.mark.integration

PLANT = Mapping.model_validate(
    {
        "sparkplug": {},
        "json": [
            {
                "topic": "plant/{machine}/{tag}",
                "asset_id": "{machine}",
                "sensor_id": "{machine}.{tag}",
                "value": "/v",
                "ts": "/t",
                "time": {"unit": "ms"},
            }
        ],
    }
)


class Bridge:
    """A running bridge inside the test, with a stand-in for Kafka."""

    def __init__(
        self, port: int, folder: Path, outlet: Memory, *, bytes_max: int = 10_000_000, allow_rebirth: bool = False, **secured: Any
    ) -> None:
        self.health, self.stop = Health(), Event()
        self.tally = Tally("mqtt", self.health)
        field = Field(PLANT, Plant(PLANT.naming, Births(folder / "births")), self.health)
        address = Address("127.0.0.1", port, f"bridge-{folder.name}", PLANT.filters, **secured)
        source = Listener(address, field, self.tally, self.health, allow_rebirth=allow_rebirth)
        store = Store(folder, bytes_max, sync=False)
        self._thread = Thread(target=run, args=(source, store, outlet, self.health, self.stop))
        self._thread.start()

    def ok(self, name: str) -> bool:
        return bool(self.health.snapshot().get(name, {}).get("ok"))

    def close(self) -> None:
        self.stop.set()
        self._thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[Broker]:
    with broker() as running:
        yield running


@contextmanager
def bridge(port: int, folder: Path, outlet: Memory, bytes_max: int = 10_000_000, *, allow_rebirth: bool = False) -> Iterator[Bridge]:
    running = Bridge(port, folder, outlet, bytes_max=bytes_max, allow_rebirth=allow_rebirth)
    try:
        until(lambda: running.ok("mqtt"))
        yield running
    finally:
        running.close()


def publish(client: Client, machine: str, numbers: range) -> None:
    for number in numbers:
        client.publish(f"plant/{machine}/x", json.dumps({"v": number, "t": 1000 + number}), qos=1).wait_for_publish(10)


def values(outlet: Memory, machine: str) -> list[float]:
    return [entry["value"] for entry in map(reading, outlet.stored) if entry["asset_id"] == machine]


def test_json_and_sparkplug_arrive_and_bad_payloads_are_counted(server: Broker, tmp_path: Path) -> None:
    outlet = Memory()
    with bridge(server.port, tmp_path, outlet) as running, publisher(server.port) as client:
        publish(client, "m1", range(3))
        client.publish("plant/m1/x", b"{oops", qos=1).wait_for_publish(10)
        client.publish("spBv1.0/g/NBIRTH/n", payload(metric("speed", 1.5, alias=1), seq=0), qos=1).wait_for_publish(10)
        client.publish("spBv1.0/g/NDATA/n", payload(metric(None, 2.5, None, alias=1), seq=1), qos=1).wait_for_publish(10)
        until(lambda: len(outlet.stored) == 5)
        assert values(outlet, "m1") == [0, 1, 2]
        assert values(outlet, "g/n") == [1.5, 2.5]
        until(lambda: not running.ok("payloads"))
        assert running.tally.refused == {"unparsable": 1}
        assert "unparsable 1; last plant/m1/x: not JSON" in running.health.snapshot()["payloads"]["reason"]


def test_while_kafka_is_away_readings_wait_on_disk_in_order(server: Broker, tmp_path: Path) -> None:
    outlet = Memory()
    outlet.away = True
    with bridge(server.port, tmp_path, outlet) as running, publisher(server.port) as client:
        publish(client, "m2", range(50))
        until(lambda: running.tally.readings >= 50)  # the publisher waits for the broker only
    assert outlet.stored == []
    outlet.away = False
    with bridge(server.port, tmp_path, outlet):
        until(lambda: len(set(values(outlet, "m2"))) == 50)
    assert list(dict.fromkeys(values(outlet, "m2"))) == list(range(50)), "a repetition is the same reading once more"


def test_a_full_spool_leaves_messages_with_the_broker(server: Broker, tmp_path: Path) -> None:
    outlet = Memory()
    outlet.away = True
    with bridge(server.port, tmp_path, outlet, bytes_max=2000) as running, publisher(server.port) as client:
        publish(client, "m3", range(100))
        until(lambda: not running.ok("spool") and not running.ok("mqtt"))
        health = running.health.snapshot()
        assert "full" in health["spool"]["reason"]
        assert health["mqtt"]["reason"] == "paused: the spool is full"
        outlet.away = False
        until(lambda: set(values(outlet, "m3")) == set(range(100)))
        until(lambda: running.ok("spool") and running.ok("mqtt"))


def test_what_is_published_while_the_bridge_is_away_comes_later(server: Broker, tmp_path: Path) -> None:
    outlet = Memory()
    with bridge(server.port, tmp_path, outlet), publisher(server.port) as client:
        publish(client, "m4", range(2))
        until(lambda: len(outlet.stored) == 2)
    with publisher(server.port) as client:
        publish(client, "m4", range(2, 30))
    with bridge(server.port, tmp_path, outlet):
        until(lambda: values(outlet, "m4") == list(range(30)))


@pytest.mark.parametrize("allowed", [False, True])
def test_a_node_is_asked_for_its_birth_only_if_that_is_allowed(server: Broker, tmp_path: Path, *, allowed: bool) -> None:
    asked = Event()
    node = f"edge-{allowed}"
    with publisher(server.port) as client:
        client.on_message = lambda *_: asked.set()
        client.subscribe(f"spBv1.0/g/NCMD/{node}", 1)
        with bridge(server.port, tmp_path, Memory(), allow_rebirth=allowed) as running:
            client.publish(f"spBv1.0/g/NDATA/{node}", payload(metric(None, 2.5, None, alias=1), seq=1), qos=1).wait_for_publish(10)
            until(lambda: running.tally.refused == {"no_birth": 1})
            assert asked.wait(5 if allowed else 0.5) == allowed
