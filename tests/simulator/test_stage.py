from schemas.codec import Decoded, decode
from simulator import stage
from simulator.truth import tell

LIVE = 1_700_000_000_000_000


def test_the_demo_breaks_machines_and_sensors_within_its_first_minute() -> None:
    plant = stage.plant(seed=1, live_us=LIVE, run=1)
    truths = tell(plant.plan, plant.layout, LIVE)
    assert {truth.subject for truth in truths} == {"machine", "sensor"}
    assert all(0 < (truth.start - LIVE) / 1e6 <= 30 for truth in truths)
    assert len(plant.layout.sensors) == 120


def test_a_further_run_has_machines_of_its_own() -> None:
    first, second = (stage.plant(seed=1, live_us=LIVE, run=run).layout for run in (1, 2))
    assert second.assets == [f"run2-{name}" for name in first.assets]
    assert not {sensor.sensor_id for sensor in first.sensors} & {sensor.sensor_id for sensor in second.sensors}


def test_spoiled_records_are_mistakes_of_many_kinds() -> None:
    records = stage.spoiled(stage.plant(seed=1, live_us=LIVE, run=1).layout, LIVE)
    decoded = [decode(value) for _, value in records]
    assert sum(isinstance(item, Decoded) for item in decoded) == 4  # wrong only in time, name or key
    assert len({value for _, value in records}) == len(records)
