"""MQTT over TLS with a user, against a real broker that takes nothing else."""

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
from tests.bridge.certificates import Authority
from tests.bridge.test_mqtt import Bridge

pytestmark = pytest.mark.integration
USER, PASSWORD = "maint", "secret of the plant"
CHECK = "check --user and the password in MQTT_PASSWORD"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[Broker]:
    with broker(authority.sign("broker", "127.0.0.1").store, {USER: PASSWORD, "plc": "other"}) as running:
        yield running


@pytest.fixture
def secured(authority: Authority) -> dict[str, Any]:
    return {"user": USER, "password": PASSWORD, "tls": True, "ca": str(authority.file)}


def publish(port: int, ca: Path, value: float) -> None:
    client = Client(CallbackAPIVersion.VERSION2, "plc")
    client.username_pw_set("plc", "other")
    client.tls_set(str(ca))
    client.connect("127.0.0.1", port)
    client.loop_start()
    until(client.is_connected)  # a message that overtakes the greeting may be lost
    client.publish("plant/m1/temp", json.dumps({"v": value, "t": 1_700_000_000_000}), qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def test_readings_come_over_an_encrypted_connection(server: Broker, authority: Authority, secured: dict[str, Any], tmp_path: Path) -> None:
    outlet = Memory()
    running = Bridge(server.port, tmp_path, outlet, **secured)
    try:
        until(lambda: running.ok("mqtt"))
        publish(server.port, authority.file, 21.5)
        until(lambda: len(outlet.stored) == 1)
    finally:
        running.close()
    assert (reading(outlet.stored[0])["sensor_id"], reading(outlet.stored[0])["value"]) == ("m1.temp", 21.5)


@pytest.mark.parametrize(
    ("changed", "reason", "remedy"),
    [
        ({"password": "guessed"}, "the broker refuses us: Bad user name or password", "check --user and the password in MQTT_PASSWORD"),
        (
            {"user": "", "password": ""},
            "the broker refuses us: Bad user name or password",
            "check --user and the password in MQTT_PASSWORD",
        ),
        ({"ca": "other"}, "the broker's certificate is refused (", "name the authority that signed it with --ca FILE"),
        ({"ca": None}, "the broker's certificate is refused (self-signed certificate in certificate chain)", "--ca FILE"),
        ({"tls": False, "ca": None}, "connection lost: Unspecified error", "if this port wants encryption, add --tls"),
    ],
)
def test_what_is_not_let_in_says_why_and_tries_again(  # noqa: PLR0913, PLR0917  the table's columns and the fixtures
    server: Broker, secured: dict[str, Any], tmp_path: Path, changed: dict[str, Any], reason: str, remedy: str
) -> None:
    if changed.get("ca"):
        changed = {**changed, "ca": str(Authority(tmp_path, "other").file)}
    with capture_logs() as told:
        running = Bridge(server.port, tmp_path / "bridge", Memory(), **secured | changed)
        try:
            until(lambda: sum(running.tally._unsaid.values()) > 0)  # tried once more
            health = str(running.health.snapshot()["mqtt"])
        finally:
            running.close()
    lines = [line for line in told if line["event"] in {"mqtt_away", "mqtt_refused"}]
    assert len(lines) == 1, "one line, however often it is tried"
    assert lines[0]["reason"].startswith(reason)
    assert remedy in lines[0]["remedy"]
    assert reason in health
    assert remedy in health


def test_a_certificate_of_another_host_is_refused(authority: Authority, secured: dict[str, Any], tmp_path: Path) -> None:
    with broker(authority.sign("elsewhere", "broker.plant").store) as other, capture_logs() as told:
        running = Bridge(other.port, tmp_path, Memory(), **secured)
        try:
            until(lambda: any(line["event"] == "mqtt_away" for line in told))
        finally:
            running.close()
    (line,) = [line for line in told if line["event"] == "mqtt_away"]
    assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in line["reason"]
    assert line["remedy"] == "name the broker with --host as its certificate does"


def test_onboarding_over_an_encrypted_connection(server: Broker, authority: Authority, tmp_path: Path) -> None:
    place = ["--host", "127.0.0.1", "--port", str(server.port), "--user", USER]
    words = ["onboard", "mqtt", str(tmp_path / "plant.csv"), *place, "--seconds", "30"]
    wrong = CliRunner().invoke(app, [*words, "--tls", "--ca", str(authority.file), "--password", "guessed"])
    assert wrong.exit_code == 1
    assert "the broker refuses us: Bad user name or password: check --user and the password in MQTT_PASSWORD" in wrong.stderr
    unknown = CliRunner().invoke(app, [*words, "--tls", "--password", PASSWORD])
    assert "name the authority that signed it with --ca FILE" in unknown.stderr
    right = CliRunner().invoke(app, [*words[:-1], "0.2", "--tls", "--ca", str(authority.file), "--password", PASSWORD])
    assert "nothing found: no sheet written" in right.stderr, "it was let in, and nobody spoke"
