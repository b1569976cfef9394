import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from settings import Settings, load
from stack import orphans, plan, postgres, registry
from stack.native import Stack
from stack.problem import StackError
from stack.service import Service
from telemetry import broker
from tests.conftest import Servers

pytestmark = pytest.mark.integration


def eventually(check: Callable[[], bool], *, within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An instance of its own, beside that of the session, in a home with spaces and too long for a socket."""
    stack = Stack(tmp_path_factory.mktemp("room") / "a home with spaces" / ("long " * 12).strip())
    try:
        stack.up(servers_only=True)
        yield stack
    finally:
        stack.down(purge=True)


def states(stack: Stack) -> dict[str, str]:
    return {service.name: service.state for service in stack.status().services}


def pid(stack: Stack, name: str) -> int:
    return int(stack.supervisor.states()[name]["pid"])


def test_an_instance_reaches_its_servers(instance: Settings) -> None:
    assert broker.probe(instance.kafka) == ""
    with psycopg.connect(instance.database_url.get_secret_value()) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (instance.namespace.rstrip("."),)


def test_two_instances_run_side_by_side(stack: Stack, servers: Servers) -> None:
    assert states(stack) == {"postgres": "running", "kafka": "running"}
    assert load(home=stack.instance.home).kafka_bootstrap_servers != servers.bootstrap


def test_files_with_secrets_are_private(stack: Stack) -> None:
    home = stack.instance.home
    private = [home / "instance.env", home / "run/supervisord.conf", *(home / "secrets").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_no_stranger_reaches_the_database(stack: Stack) -> None:
    address = postgres.url(stack.instance).replace(stack.instance.secret("postgres"), "wrong")
    assert "password authentication failed" in postgres.probe(address)


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    before = pid(stack, "kafka")
    stack.up(servers_only=True)
    assert pid(stack, "kafka") == before


@pytest.mark.faults
def test_a_killed_server_comes_back(stack: Stack) -> None:
    before = pid(stack, "kafka")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: pid(stack, "kafka") not in {0, before} and states(stack)["kafka"] == "running")


@pytest.mark.faults
def test_data_outlives_a_killed_supervisor(stack: Stack) -> None:
    settings = load(home=stack.instance.home)
    admin = AdminClient(settings.kafka)
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(10)
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        connection.execute("CREATE TABLE kept ()")
    left = [process.pid for process in orphans.find(stack.instance)]
    os.kill(stack.supervisor.pid(), signal.SIGKILL)
    eventually(lambda: not stack.supervisor.alive())
    assert {(service.state, f"{len(left) - 1} processes run on" in service.reason) for service in stack.status().services} == {
        ("unsupervised", True)
    }
    stack.up(servers_only=True)
    assert not set(left) & {process.pid for process in orphans.find(stack.instance)}
    assert "kept" in admin.list_topics(timeout=10).topics
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        assert connection.execute("TABLE kept").fetchall() == []


def test_servers_of_others_are_used_as_they_are(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers.bootstrap)
    monkeypatch.setenv("DATABASE_URL", servers.database_url)
    stack = Stack(tmp_path / "home")
    try:
        stack.up(servers_only=True)
        assert stack.status().services == []
        monkeypatch.undo()
        assert load(home=stack.instance.home).kafka_bootstrap_servers == servers.bootstrap
        assert {entry.name: entry.reason for entry in stack.status().dependencies} == {"kafka": "", "database": ""}
    finally:
        stack.down(purge=True)


def test_a_wrong_address_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    with pytest.raises(StackError, match=r"DATABASE_URL|KAFKA_BOOTSTRAP_SERVERS"):
        Stack(tmp_path / "home").up(servers_only=True)


def test_a_missing_package_of_full_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.package.find_spec", lambda _: None)
    stack = Stack(tmp_path / "home", "full")
    with pytest.raises(StackError, match="make full"):
        stack.up(servers_only=True)
    stack.down(purge=True)


def test_the_registry_keeps_its_schemas_in_our_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makers: list[plan.Make] = [
        lambda instance: postgres.service(instance, {registry.DATABASE}),
        lambda instance: registry.service(instance, plan.database(instance, {})),
    ]
    monkeypatch.setattr(plan, "_makers", lambda *_: makers)
    stack = Stack(tmp_path / "home", "full")
    try:
        stack.up(servers_only=True)
        assert states(stack) == {"postgres": "running", "registry": "running"}
    finally:
        stack.down(purge=True)


@pytest.mark.faults
def test_down_ends_what_a_killed_supervisor_left(stack: Stack) -> None:
    os.kill(stack.supervisor.pid(), signal.SIGKILL)
    eventually(lambda: not stack.supervisor.alive())
    left = orphans.find(stack.instance)
    assert {process.name() for process in left} >= {"java", "postgres"}
    stack.down()
    assert orphans.find(stack.instance) == []
    assert not any(process.is_running() for process in left)
    assert states(stack) == {"postgres": "stopped", "kafka": "stopped"}


@pytest.mark.faults
def test_purge_leaves_nothing(stack: Stack) -> None:
    outside = (stack.instance.home / "data/outside").resolve()
    stack.down(purge=True)
    assert not stack.instance.home.exists()
    assert not outside.exists()


def test_a_service_that_dies_again_and_again_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = Service(name="dying", command=["/bin/false"], probe=lambda: "no answer")
    monkeypatch.setattr(plan, "_makers", lambda *_: [lambda _: dying])
    stack = Stack(tmp_path / "home")
    try:
        with pytest.raises(StackError, match=r"dying does not become healthy.*see .*dying\.log"):
            stack.up(servers_only=True)
    finally:
        stack.down(purge=True)
