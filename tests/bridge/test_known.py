"""MQTT over TLS against a real broker that lets in only who shows a certificate of the plant's authority."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from structlog.testing import capture_logs
from typer.testing import CliRunner

from cli.main import app
from tests.bridge.broker import Broker, broker
from tests.bridge.building import Memory, reading, until
from tests.bridge.certificates import Authority, Signed, trusted
from tests.bridge.test_mqtt import Bridge

pytestmark = pytest.mark.integration
REMEDY = "give --certificate and --key that it knows"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Broker]:
    with broker(trusted(authority.sign("broker", "127.0.0.1"), authority), checked=True) as running:
        yield running


def shown(authority: Authority, ours: Signed | None) -> dict[str, Any]:
    files = {"certificate": str(ours.certificate), "key": str(ours.key)} if ours else {}
    return {"tls": True, "ca": str(authority.file), **files}


def options(authority: Authority, ours: Signed | None) -> list[str]:
    files = ["--certificate", str(ours.certificate), "--key", str(ours.key)] if ours else []
    return ["--tls", "--ca", str(authority.file), *files]


def publish(port: int, authority: Authority, ours: Signed) -> None:
    client = Client(CallbackAPIVersion.VERSION2, "plc")
    client.tls_set(str(authority.file), str(ours.certificate), str(ours.key))
    client.connect("127.0.0.1", port)
    client.loop_start()
    until(client.is_connected)  # a message that overtakes the greeting may be lost
    client.publish("plant/m1/temp", json.dumps({"v": 21.5, "t": 1_700_000_000_000}), qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def test_who_shows_a_known_certificate_gets_readings(server: Broker, authority: Authority, tmp_path: Path) -> None:
    outlet = Memory()
    running = Bridge(server.port, tmp_path, outlet, **shown(authority, authority.sign("bridge")))
    try:
        until(lambda: running.ok("mqtt"))
        publish(server.port, authority, authority.sign("plc"))
        until(lambda: len(outlet.stored) == 1)
    finally:
        running.close()
    assert (reading(outlet.stored[0])["sensor_id"], reading(outlet.stored[0])["value"]) == ("m1.temp", 21.5)


@pytest.mark.parametrize("stranger", [True, False], ids=["of another authority", "none"])
def test_who_does_not_reads_why_and_what_to_do(server: Broker, authority: Authority, tmp_path: Path, stranger: bool) -> None:  # noqa: FBT001
    ours = Authority(tmp_path, "other").sign("bridge") if stranger else None
    with capture_logs() as told:
        running = Bridge(server.port, tmp_path / "bridge", Memory(), **shown(authority, ours))
        try:
            until(lambda: sum(running.tally._unsaid.values()) > 0)  # tried once more
            health = str(running.health.snapshot()["mqtt"])
        finally:
            running.close()
    (line,) = [line for line in told if line["event"] in {"mqtt_away", "mqtt_refused"}]
    reasons = "the broker refuses our certificate (", "connection lost: "  # a write may fail before the reason is read
    assert line["reason"].startswith(reasons)
    assert line["remedy"].endswith(REMEDY)
    assert REMEDY in health


def test_onboarding_shows_a_certificate_too(server: Broker, authority: Authority, tmp_path: Path) -> None:
    place = ["--host", "127.0.0.1", "--port", str(server.port)]
    words = ["onboard", "mqtt", str(tmp_path / "plant.csv"), *place]
    for ours in (Authority(tmp_path, "other").sign("bridge"), None):
        refused = CliRunner().invoke(app, [*words, "--seconds", "30", *options(authority, ours)])
        assert refused.exit_code == 1
        assert REMEDY in " ".join(refused.stderr.split())
    let_in = CliRunner().invoke(app, [*words, "--seconds", "0.2", *options(authority, authority.sign("bridge"))])
    assert "nothing found: no sheet written" in let_in.stderr, "it was let in, and nobody spoke"
