"""The promise in three minutes: nothing lost, nothing doubled, the same scores, through everything that dies under a load."""

from pathlib import Path

import pytest

from settings import Settings
from streams.topics import RAW
from tests.conftest import Servers
from tests.faults.harness import Chain
from tests.faults.load import Plan
from tests.faults.storm import Storm
from tests.faults.verdict import judge

RATE = 3000
SESSION_S = 6


@pytest.mark.integration
@pytest.mark.faults
@pytest.mark.timeout(600)  # two minutes on two cores of its own
def test_nothing_is_lost_or_doubled_while_everything_dies(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    with Chain(instance_ready, servers.stack, tmp_path, session_timeout_s=SESSION_S) as chain:
        for role in ("data", "data", "deliver", "deliver", "control"):
            chain.start(role)
        chain.begin_load(Plan(servers.bootstrap, instance_ready.topic(RAW), instance_ready.partitions, RATE))
        storm = Storm(chain)
        storm.begin()
        storm.kill(2)
        storm.freeze("data", SESSION_S + 3)
        storm.visit("data")
        storm.crash_database()
        counts = chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW)
    assert verdict.wrong == []
    assert verdict.ledger.total() == verdict.outcomes["received"]
    assert verdict.scored == verdict.rows > 0
    seen = {name for name in verdict.outcomes if verdict.outcomes[name]}
    assert seen >= {"stored", "corrected", "duplicate", "rejected", "mark", "void"}, "the load did not try everything"
    assert counts["aborted"]
    assert counts["committed"]
