"""OPC UA servers that take encrypted connections, known certificates and a user only."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from asyncua import Client, Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.truststore import TrustStore
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.server.user_managers import User, UserManager, UserRole
from cryptography.x509.oid import ExtendedKeyUsageOID
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bridge.identity import Identity, identity
from bridge.nodes import Chosen
from bridge.onboard.opcua import discover
from bridge.opcua import Endpoint, Subscriber, secured
from bridge.remedy import SecurityError
from bridge.service import Store, run
from bridge.tally import Tally
from cli.main import app
from stack.ports import pick
from telemetry.health import Health
from tests.bridge.building import Memory, reading, until

pytestmark = pytest.mark.integration
CHECKED = CertificateValidatorOptions.TRUSTED_VALIDATION | CertificateValidatorOptions.PEER_CLIENT


class Known(UserManager):  # type: ignore[misc]
    """Lets one user in."""

    def get_user(self, _server: Any, username: str | None = None, password: str | None = None, **_: Any) -> User | None:
        return User(role=UserRole.User) if (username, password) == ("maint", "secret") else None


class Files:
    """Certificates and keys of the server, of us and of a stranger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        asyncio.run(self._make())

    async def _make(self) -> None:
        for name, purpose in (
            ("server", ExtendedKeyUsageOID.SERVER_AUTH),
            ("own", ExtendedKeyUsageOID.CLIENT_AUTH),
            ("stranger", ExtendedKeyUsageOID.CLIENT_AUTH),
        ):
            await setup_self_signed_certificate(self.key(name), self.certificate(name), f"urn:{name}", "localhost", [purpose], {})
        trusted = self.folder / "trusted"
        trusted.mkdir()
        (trusted / "own.der").write_bytes(self.certificate("own").read_bytes())

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def certificate(self, name: str) -> Path:
        return self.folder / f"{name}.der"

    def security(self, name: str = "own", believed: str = "server", policy: str = "Basic256Sha256") -> str:
        last = f",{self.certificate(believed)}" if believed else ""
        return f"{policy},SignAndEncrypt,{self.certificate(name)},{self.key(name)}{last}"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("opcua"))


@asynccontextmanager
async def plant(files: Files) -> AsyncIterator[str]:
    plc = Server(user_manager=Known())
    await plc.init()
    url = f"opc.tcp://127.0.0.1:{pick(set())}"
    plc.set_endpoint(url)
    plc.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    plc.set_security_IDs(["Username"])
    await plc.load_certificate(files.certificate("server"))
    await plc.load_private_key(files.key("server"))
    store = TrustStore([files.folder / "trusted"], [])
    await store.load()
    plc.set_certificate_validator(CertificateValidator(CHECKED, store))
    await plc.nodes.objects.add_variable(ua.NodeId(7, 2), ua.QualifiedName("temp", 2), 20.0)
    async with plc:
        yield url


@contextmanager
def running(files: Files) -> Iterator[str]:
    """The server in a thread of its own."""
    urls: list[str] = []
    stop = Event()

    async def work() -> None:
        async with plant(files) as url:
            urls.append(url)
            await asyncio.to_thread(stop.wait)

    thread = Thread(target=asyncio.run, args=(work(),))
    thread.start()
    try:
        until(lambda: bool(urls))
        yield urls[0]
    finally:
        stop.set()
        thread.join()


async def look(files: Files, known: Identity | None) -> list[str]:
    async with plant(files) as url:
        signals, _ = await discover(Endpoint(url, 20, known, "maint", "secret"), "i=85", 0.3)
    return [signal.sensor_id for signal in signals]


@pytest.mark.parametrize("believed", ["server", ""])
def test_an_encrypted_connection_reads(files: Files, believed: str) -> None:
    known = identity(files.security(believed=believed))
    assert known.uri == "urn:own", "a server compares it with what we say of ourselves"
    assert "temp" in asyncio.run(look(files, known))


def test_the_server_refuses_one_that_is_not(files: Files) -> None:
    with pytest.raises((ua.UaError, OSError)):
        asyncio.run(look(files, None))


@contextmanager
def subscribed(endpoint: Endpoint, folder: Path, outlet: Memory) -> Iterator[Health]:
    health, stop = Health(), Event()
    source = Subscriber(endpoint, [Chosen("ns=2;i=7", "P", "P.temp")], "", Tally("opcua", health), health)
    thread = Thread(target=run, args=(source, Store(folder, 10_000_000, sync=False), outlet, health, stop))
    thread.start()
    try:
        yield health
    finally:
        stop.set()
        thread.join()


def test_changes_come_over_an_encrypted_connection(files: Files, tmp_path: Path) -> None:
    outlet = Memory()
    with running(files) as url, capture_logs() as told:
        endpoint = Endpoint(url, 20, identity(files.security(believed="")), "maint", "secret")
        with subscribed(endpoint, tmp_path, outlet):
            until(lambda: bool(outlet.stored))
    assert reading(outlet.stored[0])["value"] == 20.0
    assert [line["remedy"] for line in told if line["event"] == "opcua_server_not_checked"] == [
        "add the server's certificate to --security"
    ]


@pytest.mark.parametrize(
    ("name", "believed", "password", "reason", "remedy"),
    [
        ("own", "server", "guessed", "BadUserAccessDenied", "check --user and the password in OPCUA_PASSWORD"),
        ("stranger", "server", "secret", "Bad", "let the server trust our certificate"),
        ("own", "stranger", "secret", "no answer in time", "is the server certificate at the end of --security its present one?"),
        ("", "", "secret", "the server does not offer what we ask for", "add --security"),
    ],
)
def test_what_is_not_let_in_says_why_and_tries_again(  # noqa: PLR0913, PLR0917  the table's columns and the fixtures
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, believed: str, password: str, reason: str, remedy: str
) -> None:
    monkeypatch.setattr("bridge.opcua.TIMEOUT_S", 1.0)
    monkeypatch.setattr("bridge.opcua.BACKOFF_S", (0.1,))
    tries: list[Endpoint] = []

    def counted(endpoint: Endpoint) -> Coroutine[Any, Any, Client]:
        tries.append(endpoint)
        return secured(endpoint)

    monkeypatch.setattr("bridge.opcua.secured", counted)
    with running(files) as url, capture_logs() as told:
        known = identity(files.security(name, believed)) if name else None
        with subscribed(Endpoint(url, 20, known, "maint", password), tmp_path, Memory()) as health:
            until(lambda: len(tries) >= 3)
            state = str(health.snapshot()["opcua"])
    (line,) = [line for line in told if line["event"] == "opcua_away"]
    assert line["reason"].startswith(reason)
    assert line["remedy"].startswith(remedy)
    assert remedy in state


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Basic256Sha256,SignAndEncrypt,{own}", "has 3 parts: write Policy,Mode,certificate,key"),
        ("Basic256,SignAndEncrypt,{own},{key}", "'Basic256' is none of Basic256Sha256"),
        ("Basic256Sha256,Encrypt,{own},{key}", "'Encrypt' is none of Sign, SignAndEncrypt"),
        (
            "Basic256Sha256,Sign,{folder}/none.der,{key}",
            "certificate {folder}/none.der: No such file or directory: give a .der",
        ),
        ("Basic256Sha256,Sign,{key},{key}", "certificate {key}: "),
        ("Basic256Sha256,Sign,{own},{own}", "key {own}: "),
        ("Basic256Sha256,Sign,{own},{folder}/stranger.pem", "does not belong to certificate {own}"),
        ("Basic256Sha256,Sign,{own},{key},{folder}/none.der", "server certificate {folder}/none.der: No such file"),
    ],
)
def test_a_wrong_identity_is_told_before_anything_starts(files: Files, text: str, told: str) -> None:
    places = {"own": files.certificate("own"), "key": files.key("own"), "folder": files.folder}
    with pytest.raises(SecurityError) as error:
        identity(text.format(**places))
    assert told.format(**places) in str(error.value)
    result = CliRunner().invoke(app, ["bridge", "opcua", "opc.tcp://plc", "--browse", "i=85", "--security", text.format(**places)])
    assert result.exit_code == 2
    assert "--security" in result.stderr
