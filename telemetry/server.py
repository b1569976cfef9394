"""/metrics and /health of a process over HTTP, in a thread of its own, on loopback."""

from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from telemetry.health import Health, Verdict

log = structlog.get_logger(__name__)

JSON = "application/json"
NOWHERE = b'{"ok": false, "reason": "try /metrics, /health, /health/live, /health/ready"}'
CLIENT_S_MAX = 5  # a client that is slower than this is dropped
POLL_S = 0.1  # how often the thread looks whether it shall stop


def port_file(home: Path, service: str) -> Path:
    """Where the process `service` of the instance in `home` writes its port."""
    return home / "run" / f"{service}.port"


class Server:
    """A running server: `port` is the one it listens on; close() ends it and removes the file."""

    def __init__(self, health: Health, host: str, port: int, file: Path | None) -> None:
        self._http = _Http((host, port), health)
        self.port: int = self._http.server_address[1]
        self._file = file
        self._thread = Thread(target=self._http.serve_forever, args=(POLL_S,), name="telemetry", daemon=True)

    def start(self) -> None:
        """Answer from now on, then tell the port."""
        self._thread.start()
        if self._file:
            try:
                self._tell(self._file)
            except OSError as problem:  # a full disk must not keep a process from its work
                log.warning("port_not_written", port=self.port, reason=str(problem))

    def _tell(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(f"{self.port}\n", encoding="ascii")
        new.replace(file)  # a reader never sees half a number

    def close(self) -> None:
        """Stop answering and remove the file."""
        if self._file:
            with suppress(OSError):
                self._file.unlink()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def serve(health: Health, host: str = "127.0.0.1", port: int = 0, *, file: Path | None = None) -> Server:
    """Serve /metrics, /health, /health/live and /health/ready; port 0 takes a free one, written to `file`.

    Raises:
        OSError: the port is taken.
    """
    server = Server(health, host, port, file)
    server.start()
    return server


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], health: Health) -> None:
        super().__init__(address, _Handler)
        self.health = health


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = CLIENT_S_MAX

    def do_GET(self) -> None:
        health = self.server.health
        match self.path.partition("?")[0]:
            case "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest())
            case "/health/live":
                self._verdict(health.live())
            case "/health/ready":
                self._verdict(health.ready())
            case "/health":
                self._verdict(health.ready(), dependencies=health.snapshot())
            case _:
                self._answer(
                    HTTPStatus.NOT_FOUND, JSON, orjson.dumps({"ok": False, "reason": "try /metrics, /health, /health/live, /health/ready"})
                )

    def _verdict(self, verdict: Verdict, **more: object) -> None:
        status = HTTPStatus.OK if verdict.ok else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(status, JSON, orjson.dumps({"ok": verdict.ok, "reason": verdict.reason, **more}))

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  signature of http.server
        """Probes come every few seconds: they are no news."""
