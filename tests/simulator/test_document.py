"""docs/simulation.md: its plan works as it stands there, and its table names what there is."""

import re
from pathlib import Path

import pytest

from simulator.fault import SENSOR_KINDS, Fault, read_plan
from simulator.plant import Layout, Plant

TEXT = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text(encoding="utf-8")
LAYOUT = Layout(assets=20, sensors=6)  # the defaults of the command
LIVE_US = 1_700_000_000_000_000


@pytest.fixture
def plan(tmp_path: Path) -> list[Fault]:
    [block] = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "faults.json"
    path.write_text(block, encoding="utf-8")
    return read_plan(path)


def test_the_plan_of_the_page_fits_the_default_plant_and_changes_it(plan: list[Fault]) -> None:
    LAYOUT.check(plan)
    period_us = 10_000_000
    faulty, sound = (Plant(LAYOUT, seed=1, live_us=LIVE_US, plan=faults).advance(LIVE_US, 60, period_us) for faults in (plan, []))
    names = [sensor.sensor_id for sensor in LAYOUT.sensors]
    changed = {names[sensor].split(".")[0] for sensor in set(sound.sensor[faulty.value != sound.value].tolist())}
    assert changed == {fault.asset for fault in plan}


def test_the_fields_and_kinds_of_the_page_are_those_there_are() -> None:
    fields = re.findall(r"^\| `(\w+)` \| (?:yes|no) \|", TEXT, re.MULTILINE)
    assert set(fields) == set(Fault.__dataclass_fields__)
    kinds = {name: tuple(listed.split(", ")) for name, listed in re.findall(r"^\| ([a-z ]+) \| ([a-z_, ]+) \|$", TEXT, re.MULTILINE)}
    machines = {asset.rsplit("-", 1)[0]: modes for asset, (_, modes) in LAYOUT.failing.items()}
    assert {name: kinds[name] for name in machines} == machines
    assert kinds["any sensor"] == SENSOR_KINDS


def test_machines_are_named_as_the_page_says() -> None:
    named = re.findall(r"`([a-z]+-\d{3})`", TEXT)
    assert named == LAYOUT.assets[: len(named)]
