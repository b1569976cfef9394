import socket
import ssl
from pathlib import Path

import pytest
from asyncua import ua
from typer.testing import CliRunner

from bridge.mqtt import Address, encryption
from bridge.remedy import LostError, RefusedError, SecurityError, connection, server
from cli.main import app
from tests.bridge.certificates import Authority


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionRefusedError(), "nobody answers there: is the broker up? check --host and --port"),
        (socket.gaierror(-2, "Name or service not known"), "the name is not known (Name or service not known): check --host"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "the port does not speak TLS: check --port, or leave --tls away"),
        (RefusedError("Not authorized"), "the broker refuses us: Not authorized: check --user and the password in MQTT_PASSWORD"),
        (RefusedError("Server unavailable"), "the broker refuses us: Server unavailable"),
        (LostError("Unspecified error", secured=False), "connection lost: Unspecified error: if this port wants encryption, add --tls"),
        (
            LostError("Unspecified error", secured=True),
            "connection lost: Unspecified error: if the broker asks for our certificate, give --certificate and --key that it knows",
        ),
        (TimeoutError("too long"), "TimeoutError: too long"),
    ],
)
def test_an_mqtt_connection(error: OSError, told: str) -> None:
    assert str(connection(error)) == told


def test_an_opcua_session() -> None:
    assert str(server(ua.uaerrors.BadUserAccessDenied(), secured=True)).endswith(": check --user and the password in OPCUA_PASSWORD")
    assert str(server(ConnectionRefusedError(111, "Connect call failed"), secured=False)).startswith("ConnectionRefusedError: ")


def address(**secured: object) -> Address:
    return Address("broker", 8883, "maint", ("#",), **{"tls": True, **secured})  # type: ignore[arg-type]


def test_files_of_certificates_are_looked_at_before_anything_starts(tmp_path: Path) -> None:
    ours, other = Authority(tmp_path).sign("ours"), Authority(tmp_path, "second").sign("other")
    (tmp_path / "empty.pem").touch()
    assert encryption(address(certificate=str(ours.certificate), key=str(ours.key))) is not None
    for secured, told in (
        ({"ca": str(tmp_path / "none.pem")}, f"--ca {tmp_path / 'none.pem'}: No such file or directory: give the PEM file"),
        ({"ca": str(tmp_path / "empty.pem")}, f"--ca {tmp_path / 'empty.pem'}: "),
        ({"certificate": str(ours.certificate), "key": str(other.key)}, "give PEM files that belong together"),
        ({"certificate": str(ours.certificate)}, "give PEM files that belong together"),
        ({"key": str(ours.key)}, "give PEM files that belong together"),
        ({"tls": False, "ca": "x.pem", "key": "y"}, "--ca, --key without --tls: nothing would be encrypted; add --tls"),
    ):
        with pytest.raises(SecurityError) as error:
            encryption(address(**secured))
        assert told in str(error.value)


@pytest.mark.parametrize("words", [("bridge", "mqtt"), ("onboard", "mqtt", "plant.csv")])
def test_an_authority_without_encryption_is_refused(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, [*words, "--ca", "ca.pem"])
    assert found.exit_code == 2
    assert "--ca without --tls" in found.stderr
