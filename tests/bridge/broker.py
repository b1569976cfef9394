"""A real MQTT broker over TCP: Moquette, from Maven, with the house's Java and the checks of the house's locks.

It keeps sessions on disk and sends again what was not acknowledged (after 5 s in a new connection), which brokers that
live in a Python process did not do when this was written.
"""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stack import jars, java
from stack.ports import pick

LOCK = Path(__file__).with_name("moquette.lock")
READY_S = 60
CONFIG = """port {port}
host 127.0.0.1
allow_anonymous true
persistence_enabled true
data_path {data}
telemetry_enabled false
"""


def files() -> Path:
    target = jars.cache_default() / "moquette-0.17"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with jars._locked(target.with_suffix(".lock")):
            if not target.exists():
                jars._fill(target, jars.parse(LOCK.read_text()), "check the network")
    return target


class Broker:
    """One broker; `port` stays the same over restarts, and so do its sessions."""

    def __init__(self, folder: Path) -> None:
        self.port = pick(set())
        self._folder = folder
        (folder / "data").mkdir()
        (folder / "config").mkdir()
        (folder / "config/moquette.conf").write_text(CONFIG.format(port=self.port, data=folder / "data"))
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
def broker() -> Iterator[Broker]:
    with tempfile.TemporaryDirectory() as folder:
        running = Broker(Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.stop()
