import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from telemetry import metrics
from telemetry.health import Health
from telemetry.server import Server, port_file, serve


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def server(health: Health, tmp_path: Path) -> Iterator[Server]:
    running = serve(health, file=port_file(tmp_path, "worker-data"))
    yield running
    running.close()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        yield client


def test_metrics_are_served_in_prometheus_text_form(client: httpx.Client) -> None:
    metrics.RECORDS.labels("test_server", "stored").inc(7)
    metrics.LATENCY.observe([0.2, 0.3], "test_server")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'maint_records_total{agent="test_server",outcome="stored"} 7.0' in answer.text
    assert 'maint_latency_seconds_bucket{le="0.3",table="test_server"} 2.0' in answer.text


def test_ready_follows_the_dependencies(client: httpx.Client, health: Health) -> None:
    assert client.get("/health/ready").status_code == 503
    health.set("kafka", True)
    assert client.get("/health/ready").json() == {"ok": True, "reason": ""}
    health.set("database", False, "refused")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["reason"]) == (503, "database: refused")
    assert client.get("/health/live").status_code == 200


def test_health_names_each_dependency_with_reason_and_since(client: httpx.Client, health: Health) -> None:
    health.set("registry", False, "away", critical=False)
    answer = client.get("/health").json()
    assert answer["ok"]
    assert answer["dependencies"]["registry"]["reason"] == "away"
    assert answer["dependencies"]["registry"]["since"].endswith("+00:00")


@pytest.mark.parametrize("path", ["/", "/metricsx", "/health/", "/../etc/passwd"])
def test_other_paths_are_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_only_reading_is_possible(client: httpx.Client) -> None:
    assert client.post("/metrics").status_code == 501


def test_port_is_told_in_a_file_while_it_listens(health: Health, tmp_path: Path) -> None:
    file = port_file(tmp_path, "sink")
    running = serve(health, file=file)
    assert int(file.read_text()) == running.port
    running.close()
    assert not file.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{running.port}/health", trust_env=False)


def test_taken_port_is_an_error_that_leaves_no_file(health: Health, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            serve(health, port=taken.getsockname()[1], file=tmp_path / "port")
    assert not (tmp_path / "port").exists()


def test_a_client_that_says_nothing_blocks_nobody(server: Server, client: httpx.Client) -> None:
    with socket.create_connection(("127.0.0.1", server.port)):
        assert client.get("/health/live").status_code == 200


def test_a_port_that_cannot_be_written_does_not_keep_the_process_from_its_work(health: Health, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    running = serve(health, file=port_file(tmp_path, "worker-data"))
    try:
        assert httpx.get(f"http://127.0.0.1:{running.port}/health/live", trust_env=False).json()["ok"]
    finally:
        running.close()
