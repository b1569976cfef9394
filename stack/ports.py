"""Ports of an instance: chosen once, free on the loopback, remembered in the instance's folder."""

import json
import random
import socket
from pathlib import Path
from threading import Lock

from stack.secrets import write_private

LOW, HIGH = 15_000, 32_000  # below the range from which systems take the ports of outgoing connections
TWIN = 10_000  # SeaweedFS also opens every port of its own plus this number


def is_free(port: int) -> bool:
    """True when nothing listens on the loopback's port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_open(port: int, *, timeout_s: float = 1) -> bool:
    """True when something accepts connections on the loopback's port."""
    with socket.socket() as probe:
        probe.settimeout(timeout_s)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def pick(taken: set[int]) -> int:
    """A random port that is free together with its twin."""
    chooser = random.SystemRandom()
    while True:
        port = chooser.randrange(LOW, HIGH)
        if port not in taken and is_free(port) and is_free(port + TWIN):
            return port


class Ports:
    """The ports of one instance, by name of their use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()  # services are made in parallel
        self._ports: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def __getitem__(self, name: str) -> int:
        """The port of this use; chosen and remembered at the first call."""
        with self._lock:
            if name not in self._ports:
                self._ports[name] = pick(set(self._ports.values()))
                self._save()
            return self._ports[name]

    @property
    def known(self) -> dict[str, int]:
        """Ports chosen so far."""
        return dict(self._ports)

    def renew_taken(self) -> None:
        """Forget ports that somebody else took while the instance was down."""
        kept = {name: port for name, port in self._ports.items() if is_free(port)}
        if kept != self._ports:
            self._ports = kept
            self._save()

    def _save(self) -> None:
        write_private(self._path, json.dumps(self._ports, indent=1))
