"""A real MQTT broker over TCP: Moquette, from Maven, with the house's Java and the checks of the house's locks.

It keeps sessions on disk and sends again what was not acknowledged (after 5 s in a new connection), which brokers that
live in a Python process did not do when this was written.
"""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from stack import jars, java
from stack.ports import pick
from tests.bridge.certificates import STORE_PASSWORD

LOCK = Path(__file__).with_name("moquette.lock")
READY_S = 60
CONFIG = """{ports}
host 127.0.0.1
allow_anonymous {anonymous}
persistence_enabled true
data_path {data}
telemetry_enabled false
"""
PLAIN = "port {port}"
ENCRYPTED = """port disabled
ssl_port {port}
jks_path {store}
key_store_type pkcs12
key_store_password {password}
key_manager_password {password}
need_client_auth {checked}"""
USERS = "password_file config/password_file.conf\n"


def files() -> Path:
    lock = LOCK.read_text()
    target = jars.cache_default() / f"moquette-{sha256(lock.encode()).hexdigest()[:12]}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with jars._locked(target.with_suffix(".lock")):
            if not target.exists():
                jars._fill(target, jars.parse(lock), "check the network")
    return target


class Broker:
    """One broker; `port` stays the same over restarts, and so do its sessions.

    Args:
        folder: for its files.
        store: its certificate and key (PKCS 12); None: not encrypted.
        users: password by user; empty: anybody.
        checked: clients must show a certificate that an authority in the store signed.
    """

    def __init__(
        self, folder: Path, store: Path | None = None, users: Mapping[str, str] = MappingProxyType({}), *, checked: bool = False
    ) -> None:
        self.port = pick(set())
        self._folder = folder
        (folder / "data").mkdir()
        (folder / "config").mkdir()
        secured = {"store": store, "password": STORE_PASSWORD, "checked": str(checked).lower()}
        ports = (ENCRYPTED if store else PLAIN).format(port=self.port, **secured)
        config = CONFIG.format(ports=ports, anonymous=str(not users).lower(), data=folder / "data") + (USERS if users else "")
        (folder / "config/moquette.conf").write_text(config)
        lines = [f"{user}:{sha256(password.encode()).hexdigest()}\n" for user, password in users.items()]
        (folder / "config/password_file.conf").write_text("".join(lines))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            str(java.executable()),
            "-Xmx128m",
            f"-Dmoquette.path={self._folder}",
            "-cp",
            f"{files()}/*",
            "io.moquette.broker.Server",
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise TimeoutError((self._folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None


@contextmanager
def broker(store: Path | None = None, users: Mapping[str, str] = MappingProxyType({}), *, checked: bool = False) -> Iterator[Broker]:
    with tempfile.TemporaryDirectory() as folder:
        running = Broker(Path(folder), store, users, checked=checked)
        running.start()
        try:
            yield running
        finally:
            running.stop()
