import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from telemetry import traces

CORRELATION = "6f1f7c1e-8a2b-5c3d-9e4f-0a1b2c3d4e5f"


def test_header_survives_the_way_there_and_back() -> None:
    parent = traces.point(CORRELATION, "step")
    assert traces.parse(str(parent)) == parent
    assert traces.parse(str(parent).encode()) == parent


def test_trace_id_follows_from_the_correlation_id_alone() -> None:
    first, second = traces.point(CORRELATION, "a"), traces.point(CORRELATION, "b")
    assert first.trace_id == second.trace_id == int(CORRELATION.replace("-", ""), 16)
    assert first.span_id != second.span_id
    assert traces.point("no uuid", "a") == traces.point("no uuid", "a")
    assert traces.point("00000000-0000-0000-0000-000000000000", "a").trace_id == 1


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


def test_other_spellings_of_a_uuid_give_the_same_trace() -> None:
    expected = traces.point(CORRELATION, "a")
    for spelling in (CORRELATION.upper(), CORRELATION.replace("-", ""), f"urn:uuid:{CORRELATION}", f"{{{CORRELATION}}}"):
        assert traces.point(spelling, "a") == expected


def test_off_records_nothing_and_costs_little() -> None:
    traces.configure("", service="test")
    assert not traces.on()
    own = traces.point(CORRELATION, "a")
    begin = time.perf_counter()
    for _ in range(1000):
        traces.step("detection", own, 0, asset_id="P1")
    assert time.perf_counter() - begin < 1.0


SCRIPT = """
import sys, time
from telemetry import traces
traces.configure(sys.argv[1], service="test")
assert traces.on()
for step in ("open", "close"):
    traces.step(step, traces.point(sys.argv[2], step), time.time_ns() // 1000 - 5000, asset_id="P1")
traces.step("a clock ahead", traces.point(sys.argv[2], "x"), time.time_ns() // 1000 + 10_000_000)
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
    for step in ("open", "close"):
        assert step.encode() in bodies[0][1]
        assert traces.point(CORRELATION, step).span_id.to_bytes(8, "big") in bodies[0][1]
