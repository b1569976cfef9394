from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from simulator.batch import Batch
from simulator.fault import Fault, PlanError, draw
from simulator.machine import MACHINES, MODES
from simulator.plant import Layout, Plant

LIVE = 1_700_000_000_000_000
SECOND = 1_000_000


def run(plan: list[Fault], *, seed: int = 7, cuts: tuple[int, ...] = (300,), assets: int = 5) -> Batch:
    plant = Plant(Layout(assets=assets, sensors=6), seed=seed, live_us=LIVE, plan=plan)
    steps = [0, *cuts]
    parts = [plant.advance(LIVE + a * SECOND, b - a, SECOND) for a, b in pairwise(steps)]
    return Batch(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("sensor", "ts", "value")))


def series(batch: Batch, name: str) -> npt.NDArray[np.float64]:
    names = [sensor.sensor_id for sensor in Layout(assets=5, sensors=6).sensors]
    return np.asarray(batch.value[batch.sensor == names.index(name)])


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    plan = draw(Layout(assets=5, sensors=6).failing, seed=3, seconds=300)
    first, again, other = run(plan), run(plan), run(plan, seed=8)
    assert first.value.tobytes() == again.value.tobytes()
    assert first.ts.tobytes() == again.ts.tobytes()
    assert first.value.tobytes() != other.value.tobytes()


def test_the_lengths_of_the_blocks_do_not_matter() -> None:
    kinds = ("stuck", "spike", "drift", "bias", "silent", "out_of_range", "noisy")
    plan = [Fault("pump-001", kind, 20.0 * n, sensor="pump-001.flow", duration_s=15) for n, kind in enumerate(kinds, 1)]
    whole, cut = (
        run([*plan, Fault("fan-003", "bearing_wear", 50)]),
        run([*plan, Fault("fan-003", "bearing_wear", 50)], cuts=(1, 21, 100, 300)),
    )
    assert whole.value.tobytes() == cut.value.tobytes()
    assert whole.sensor.tobytes() == cut.sensor.tobytes()


def test_readings_come_in_order_of_time_one_per_sensor_and_step() -> None:
    batch = run([])
    assert (np.diff(batch.ts) >= 0).all()
    assert np.bincount(batch.sensor).tolist() == [300] * 30
    assert len(np.unique(np.stack([batch.sensor, batch.ts]), axis=1).T) == len(batch)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_a_machine_fault_moves_what_its_table_says_and_nothing_else(mode: str) -> None:
    layout = Layout(assets=5, sensors=6)
    asset = next(name for name, (_, modes) in layout.failing.items() if mode in modes)
    healthy, ill = run([]), run([Fault(asset, mode, 100, growth_s=10)])
    for number, sensor in enumerate(layout.sensors):
        before, after = healthy.value[healthy.sensor == number], ill.value[ill.sensor == number]
        effect = MODES[mode].effects.get(sensor.channel.name)
        touched = layout.assets[sensor.asset] == asset and effect is not None
        assert np.array_equal(before[:100], after[:100])
        assert np.array_equal(before, after) != touched
        if touched and effect is not None and sensor.channel.lag_s == 0 and abs(effect.shift) > 0.05:
            assert np.sign((after - before)[150:].mean()) == np.sign(effect.shift)


def test_every_class_fails_only_by_modes_its_sensors_can_show() -> None:
    for machine in MACHINES.values():
        names = {channel.name for channel in machine.channels}
        assert all(set(MODES[mode].effects) & names for mode in machine.modes)


def test_sensor_faults_do_what_their_names_say() -> None:
    def faulty(kind: str) -> Any:
        return series(run([Fault("pump-001", kind, 100, sensor="pump-001.flow", duration_s=100)]), "pump-001.flow")

    healthy = series(run([]), "pump-001.flow")
    assert len(set(faulty("stuck")[100:200])) == 1
    assert len(faulty("silent")) == 200
    assert (faulty("out_of_range")[100:200] > 120).all()
    assert np.allclose(faulty("bias")[100:200] - healthy[100:200], 6.0)
    assert faulty("noisy")[100:200].std() > 4 * healthy[100:200].std()
    assert 10 < (abs(faulty("spike") - healthy) > 10).sum() < 60
    drifted = faulty("drift")[100:200] - healthy[100:200]
    assert drifted[0] == pytest.approx(0, abs=0.02)
    assert (np.diff(drifted) > -0.02).all()
    for kind in ("stuck", "out_of_range", "bias", "noisy", "spike", "drift"):
        assert np.array_equal(faulty(kind)[:100], healthy[:100])
        assert np.array_equal(faulty(kind)[200:], healthy[200:])


def test_more_sensors_than_channels_are_redundant_instruments() -> None:
    layout = Layout(assets=1, sensors=23)
    names = [sensor.sensor_id for sensor in layout.sensors]
    assert len(set(names)) == 23
    assert names[10] == "pump-001.vibration_2"
    assert names[20] == "pump-001.vibration_3"


def test_no_name_tells_a_fault() -> None:
    layout = Layout(assets=10, sensors=10)
    names = " ".join([*layout.assets, *(sensor.sensor_id for sensor in layout.sensors)])
    assert not [mode for mode in MODES if mode in names]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("pump-999", "imbalance", 0), "pump-001 to compressor-005"),
        (Fault("pump-001", "stuck", 0, sensor="pump-001.torque"), "pump-001.flow"),
        (Fault("fan-003", "cavitation", 0), "its class fails by"),
    ],
)
def test_a_plan_the_plant_cannot_follow_is_refused(fault: Fault, told: str) -> None:
    with pytest.raises(PlanError, match=told):
        Plant(Layout(assets=5, sensors=6), seed=1, live_us=LIVE, plan=[fault])
