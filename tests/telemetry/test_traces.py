import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from telemetry import traces

CORRELATION = "6f1f7c1e-8a2b-5c3d-9e4f-0a1b2c3d4e5f"


def test_header_survives_the_way_there_and_back() -> None:
    parent = traces.parent_of(CORRELATION, "cause")
    assert traces.parse(str(parent)) == parent
    assert traces.parse(str(parent).encode()) == parent


def test_trace_id_follows_from_the_correlation_id_alone() -> None:
    first, second = traces.parent_of(CORRELATION, "a"), traces.parent_of(CORRELATION, "b")
    assert first.trace_id == second.trace_id == int(CORRELATION.replace("-", ""), 16)
    assert first.span_id != second.span_id
    assert traces.parent_of("no uuid") == traces.parent_of("no uuid")
    assert traces.parent_of("00000000-0000-0000-0000-000000000000").trace_id == 1


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        b"\xff\xfe",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ],
)
def test_what_is_no_traceparent_is_no_parent(header: str | bytes | None) -> None:
    assert traces.parse(header) is None


def test_a_later_version_of_the_header_is_read() -> None:
    parent = traces.parse("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more")
    assert parent
    assert not parent.sampled


def test_off_means_the_parent_passes_unchanged() -> None:
    traces.configure("", service="test")
    parent = traces.parent_of(CORRELATION)
    with traces.span("step", parent, rows=3) as own:
        assert own == parent


SCRIPT = """
import sys
from telemetry import traces
traces.configure(sys.argv[1], service="test")
with traces.span("outer", traces.parent_of(sys.argv[2]), asset_id="P1") as outer:
    assert outer.trace_id == traces.parent_of(sys.argv[2]).trace_id
    with traces.span("inner", outer) as inner:
        assert inner.trace_id == outer.trace_id and inner.span_id != outer.span_id
traces.close()
"""


def test_spans_reach_a_collector_with_the_deterministic_trace_id() -> None:
    bodies: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as http:
        thread = Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        endpoint = f"http://127.0.0.1:{http.server_address[1]}"
        try:  # a process of its own: the tracer provider is set once per process
            subprocess.run([sys.executable, "-c", SCRIPT, endpoint, CORRELATION], check=True, timeout=60)
        finally:
            http.shutdown()
            thread.join()
    assert [path for path, _ in bodies] == ["/v1/traces"]
    assert bytes.fromhex(CORRELATION.replace("-", "")) in bodies[0][1]
    assert b"inner" in bodies[0][1]
