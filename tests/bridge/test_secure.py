"""A server that takes encrypted connections and a user only."""

import asyncio
from pathlib import Path

import pytest
from asyncua import Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.onboard.opcua import discover
from bridge.opcua import Endpoint
from stack.ports import pick

pytestmark = pytest.mark.integration


async def certified(folder: Path, name: str, purpose: object) -> tuple[Path, Path]:
    key, certificate = folder / f"{name}.pem", folder / f"{name}.der"
    await setup_self_signed_certificate(key, certificate, f"urn:{name}", "localhost", [purpose], {"commonName": name})
    return certificate, key


async def look(folder: Path, *, encrypted: bool) -> list[str]:
    certificate, key = await certified(folder, "server", ExtendedKeyUsageOID.SERVER_AUTH)
    own, own_key = await certified(folder, "maint", ExtendedKeyUsageOID.CLIENT_AUTH)
    server = Server()
    await server.init()
    url = f"opc.tcp://127.0.0.1:{pick(set())}"
    server.set_endpoint(url)
    server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    await server.load_certificate(certificate)
    await server.load_private_key(key)
    await server.nodes.objects.add_variable(ua.NodeId("T", 2), ua.QualifiedName("temp", 2), 20.0)
    async with server:
        security = f"Basic256Sha256,SignAndEncrypt,{own},{own_key},{certificate}" if encrypted else ""
        signals, _ = await discover(Endpoint(url, 20, security), "i=85", 0.3)
    return [signal.sensor_id for signal in signals]


def test_an_encrypted_connection_reads(tmp_path: Path) -> None:
    assert "temp" in asyncio.run(look(tmp_path, encrypted=True))


def test_the_server_refuses_one_that_is_not(tmp_path: Path) -> None:
    with pytest.raises((ua.UaError, OSError)):
        asyncio.run(look(tmp_path, encrypted=False))
