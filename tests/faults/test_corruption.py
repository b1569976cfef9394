"""Bad data is a value, never an exception: each corrupted record has the outcome that fastavro and plain rules give it."""

from pathlib import Path

import pytest

from settings import Settings
from streams.topics import RAW
from tests.conftest import Servers
from tests.faults.corruption import run
from tests.faults.harness import Chain
from tests.faults.load import Plan
from tests.faults.odd import MAKERS
from tests.faults.verdict import judge


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 20_260_101])
def test_every_corrupted_record_has_the_outcome_of_the_judge(seed: int) -> None:
    report = run(records=12_000, corrupted=6_000, seed=seed)
    assert report.wrong == []
    assert report.makers.keys() >= {maker.__name__ for maker in MAKERS}
    assert report.outcomes.total() >= 12_000  # repeated readings come on top


@pytest.mark.integration
@pytest.mark.faults
def test_corrupted_records_pass_through_the_whole_chain(servers: Servers, instance_ready: Settings, tmp_path: Path) -> None:
    plan = Plan(servers.bootstrap, instance_ready.topic(RAW), instance_ready.partitions, 3000, seconds=4, odd=0.5, seed=7)
    with Chain(instance_ready, servers.stack, tmp_path) as chain:
        chain.begin_load(plan)
        chain.start("data")
        chain.start("deliver")
        assert chain.load
        chain.load.wait(60)
        chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW)
    assert verdict.wrong == []
    assert verdict.outcomes["rejected"] > 3000
