"""The disk of MAINT_HOME is full: nothing is lost, because what must be kept stands in Kafka and the database."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import Settings
from streams.topics import RAW
from tests.conftest import Servers
from tests.faults.harness import Chain
from tests.faults.load import Plan
from tests.faults.storm import Storm
from tests.faults.verdict import judge


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk, and only where mounting is allowed")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> None:
    """Leave no byte."""
    with (place / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return


@pytest.mark.integration
@pytest.mark.faults
def test_a_full_disk_loses_nothing(servers: Servers, instance_ready: Settings, small_disk: Path, tmp_path: Path) -> None:
    plan = Plan(servers.bootstrap, instance_ready.topic(RAW), instance_ready.partitions, 1500)
    with Chain(instance_ready, servers.stack, tmp_path, homes=small_disk) as chain:
        slots = [chain.start(role) for role in ("data", "deliver", "control")]
        chain.begin_load(plan)
        storm = Storm(chain)
        storm.begin()
        fill(small_disk)
        storm.flow("disk full")
        for slot in slots:
            slot.kill()  # also a start must not need the disk
        storm.flow("disk full, all killed")
        (small_disk / "ballast").unlink()
        storm.flow("disk free")
        chain.end_load()
        chain.settle()
        verdict = judge(instance_ready, RAW, rescore=False)
    assert verdict.wrong == []
