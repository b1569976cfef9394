"""Servers that go and come back: nothing is lost, each process says what is not in order, and goes on without a hand."""

import signal
from pathlib import Path

import pytest

from settings import Settings
from stack import web
from streams.topics import RAW
from telemetry.server import port_file
from tests.conftest import Servers
from tests.faults.harness import Chain, until
from tests.faults.load import Plan
from tests.faults.process import Slot
from tests.faults.storm import Storm
from tests.faults.verdict import judge

pytestmark = [pytest.mark.integration, pytest.mark.faults]
RATE = 1500
AWAY = "postgresql://nobody:nothing@127.0.0.1:9/nothing"  # nothing listens there


def plan(servers: Servers, settings: Settings) -> Plan:
    return Plan(servers.bootstrap, settings.topic(RAW), settings.partitions, RATE)


def degraded(slot: Slot, service: str) -> str:
    """What a process says is not in order; empty when all is."""
    file = port_file(slot.home, service)
    if not file.exists():
        return ""
    _, body = web.fetch(f"http://127.0.0.1:{file.read_text().strip()}/health")
    known = web.document(body).get("dependencies", {})
    return "; ".join(f"{name}: {entry['reason']} since {entry['since']}" for name, entry in known.items() if not entry["ok"])


def test_the_broker_is_restarted_and_killed(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        for role in ("data", "deliver", "control"):
            chain.start(role)
        chain.begin_load(plan(servers, instance_ready))
        storm = Storm(chain)
        storm.begin()
        storm.restart_broker()
        storm.restart_broker(signal.SIGKILL)
        chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW)
    assert verdict.wrong == []
    assert verdict.scored == verdict.rows > 0


def test_the_database_goes_during_load(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    assert servers.stack, "the database is not ours"
    supervisor = servers.stack.supervisor
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        chain.start("data")
        sink = chain.start("deliver")
        chain.begin_load(plan(servers, instance_ready))
        storm = Storm(chain)
        storm.begin()
        supervisor.stop("postgres")
        try:
            until(lambda: "database" in degraded(sink, "deliver"), "the sink says that the database is away", 60)
        finally:
            supervisor.start("postgres")
        storm.flow("database back")
        until(lambda: degraded(sink, "deliver") == "", "the sink says that all is in order", 30)
        assert sink.exits == []
        chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW, rescore=False)
    assert verdict.wrong == []


def test_the_database_is_away_at_the_start(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        chain.start("data")
        chain.begin_load(plan(servers, instance_ready))
        lost = chain.start("deliver", "deliver-lost", database_url=AWAY)
        until(lambda: "database" in degraded(lost, "deliver"), "the sink says that the database is away", 60)
        assert lost.exits == [], "a sink waits for its database"
        lost.end()
        chain.start("deliver")
        Storm(chain).begin()
        chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW, rescore=False)
    assert verdict.wrong == []


def pending(chain: Chain) -> int:
    """Records that wait for the registry."""
    with chain.connect() as connection:
        found = connection.execute("select count(*) from ops.rejection where reason = 'schema_pending'").fetchone()
    return int(found[0]) if found else 0


def test_the_registry_is_away(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    """Foreign ids wait as schema_pending; everything else flows, in the same order."""
    with Chain(instance_ready, servers.stack, tmp_path, schema_registry_url="http://127.0.0.1:9") as chain:
        worker = chain.start("data")
        chain.start("deliver")
        chain.begin_load(plan(servers, instance_ready))
        Storm(chain).begin()
        until(lambda: pending(chain) > 0, "a foreign id waits", 60)
        assert worker.exits == []
        chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW, rescore=False)
    assert verdict.lost == verdict.extra == 0
    assert not [what for what in verdict.wrong if "schema_pending" not in what]
