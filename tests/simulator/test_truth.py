from pathlib import Path
from typing import Any

from simulator.fault import Fault
from simulator.plant import Layout
from simulator.truth import Truth, found, read, tell, write

LIVE = 1_700_000_000_000_000
PLAN = [
    Fault("pump-001", "imbalance", 10, duration_s=60),
    Fault("fan-003", "stuck", 20, sensor="fan-003.flow"),
]


def truths() -> list[Truth]:
    return tell(PLAN, Layout(assets=5, sensors=6), LIVE)


def episode(**changes: Any) -> dict[str, Any]:
    standard = {"asset": "pump-001", "subject": "machine", "start": LIVE + 12_000_000, "last": LIVE + 20_000_000, "grouped": 0}
    return {**standard, "sensors": ["pump-001.vibration"], **changes}


def test_the_truth_tells_who_what_and_when() -> None:
    machine, sensor = truths()
    assert (machine.subject, machine.start, machine.end) == ("machine", LIVE + 10_000_000, LIVE + 70_000_000)
    assert machine.sensors == ("pump-001.vibration", "pump-001.bearing_temperature", "pump-001.motor_current")
    assert (sensor.subject, sensor.sensor, sensor.end, sensor.sensors) == ("sensor", "fan-003.flow", None, ("fan-003.flow",))


def test_the_truth_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "truth.jsonl"
    write(path, truths())
    assert read(path) == truths()
    assert '"start": "2023-11-14T22:13:30.000000+00:00"' in path.read_text()


def test_an_episode_is_found_only_by_asset_subject_time_and_sensor() -> None:
    machine = truths()[0]
    assert found(machine, [episode()])
    assert not found(machine, [episode(asset="pump-002")])
    assert not found(machine, [episode(subject="sensor")])
    assert not found(machine, [episode(start=LIVE, last=LIVE + 20_000_000)])
    assert not found(machine, [episode(start=LIVE + 80_000_000, last=LIVE + 90_000_000)])
    assert not found(machine, [episode(sensors=["pump-001.flow"])])
    assert found(machine, [episode(asset="gateway-01", grouped=3)])
    assert not found(machine, [])
