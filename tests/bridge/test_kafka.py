"""The whole bridge with a real broker on both sides: Kafka away, the bridge killed, everything published arrives."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from paho.mqtt.client import Client

from bridge.reading import Record
from settings import Settings
from streams.topics import RAW
from telemetry.server import port_file
from tests.bridge.broker import broker
from tests.bridge.building import publisher, reading, until
from tests.conftest import Servers

pytestmark = [pytest.mark.integration, pytest.mark.faults, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
MACHINES = 5
MAPPING = """
json:
  - topic: plant/{machine}/speed
    asset_id: "{machine}"
    sensor_id: "{machine}.speed"
    value: /v
    ts: /t
    time: {unit: ms}
"""
BEGIN_MS = 1_700_000_000_000


class Process:
    """`maint bridge mqtt` as a person runs it."""

    def __init__(self, settings: Settings, port: int, folder: Path) -> None:
        self._file = port_file(settings.home, "bridge-mqtt")
        self._file.unlink(missing_ok=True)
        mapping = folder / "plant.yaml"
        mapping.write_text(MAPPING)
        command = ["-m", "cli.main", "bridge", "mqtt", "--host", "127.0.0.1", "--port", str(port), "--mapping", str(mapping)]
        given = {**os.environ, "MAINT_HOME": str(settings.home)}
        with (folder / "bridge.log").open("ab") as log:
            self._process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=given, stdout=log, stderr=log)
        until(lambda: bool(self.health().get("mqtt", {}).get("ok")), 60)

    def health(self) -> dict[str, dict[str, object]]:
        with suppress(OSError, ValueError):
            address = f"http://127.0.0.1:{int(self._file.read_text())}/health"
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    return dict(json.load(answer)["dependencies"])
            except urllib.error.HTTPError as answer:
                with answer:
                    return dict(json.load(answer)["dependencies"])
        return {}

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)


def publish(client: Client, numbers: range) -> None:
    sent = [
        client.publish(f"plant/m{number % MACHINES}/speed", json.dumps({"v": number, "t": BEGIN_MS + number}), qos=1) for number in numbers
    ]
    for message in sent:
        message.wait_for_publish(60)


def arrived(settings: Settings, expected: int, seconds: float) -> list[tuple[str, int, float]]:
    """Readings in the raw topic, until there are so many different ones and no more come."""
    consumer = Consumer({**settings.kafka, "group.id": f"{settings.namespace}test", "auto.offset.reset": "earliest"})
    consumer.subscribe([settings.topic(RAW)])
    found: list[tuple[str, int, float]] = []
    deadline = time.monotonic() + seconds
    quiet = 0
    while (len(set(found)) < expected or quiet < 3) and time.monotonic() < deadline:
        message = consumer.poll(1.0)
        if message is None:
            quiet += 1
        elif message.error() is None:
            quiet = 0
            entry = reading(Record(message.key() or b"", message.value() or b""))
            assert entry["sensor_id"] == f"{entry['asset_id']}.speed"
            found.append((entry["sensor_id"], entry["ts"], entry["value"]))
    consumer.close()
    return found


def test_everything_published_arrives_though_kafka_stops_and_the_bridge_is_killed(
    servers: Servers, instance_ready: Settings, tmp_path: Path
) -> None:
    if servers.stack is None:
        pytest.skip("containers are not ours to stop")
    kafka = servers.stack.supervisor
    with broker() as mqtt, publisher(mqtt.port) as client:
        bridge = Process(instance_ready, mqtt.port, tmp_path)
        publish(client, range(1000))
        kafka.stop("kafka")
        try:
            publish(client, range(1000, 2000))
            until(lambda: bridge.health().get("kafka", {}).get("ok") is False, 60)
            bridge.kill()
            publish(client, range(2000, 2300))
            bridge = Process(instance_ready, mqtt.port, tmp_path)
            publish(client, range(2300, 3000))
        finally:
            kafka.start("kafka")
        found = arrived(instance_ready, 3000, 120)
        assert bridge.stop() == 0
    expected = {(f"m{number % MACHINES}.speed", (BEGIN_MS + number) * 1000, float(number)) for number in range(3000)}
    assert set(found) == expected
    print(f"{len(found)} records, {len(found) - len(expected)} repeated")  # noqa: T201  the figure of this run
