"""The real data sets, where they are at hand: every reading is there, in order, the same every time."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from simulator.batch import Batch
from simulator.replay.recording import EPOCH_US, HOUR_US, Part, Recording

FOLDERS = {"nab": "nab", "cmapss": "cmapss", "ai4i": "ai4i2020", "hydraulic": "hydraulic_uci447_subset", "battery": "nasa_battery"}
Reader = Callable[[str], Recording]


@pytest.fixture
def recorded(data: Path) -> Reader:
    def read(name: str) -> Recording:
        folder = data / FOLDERS[name]
        if not folder.is_dir():
            pytest.skip(f"no data set in {folder}; set MAINT_DATA to the folder that holds {FOLDERS[name]}")
        recording = import_module(f"simulator.replay.{name}").read(folder)
        assert isinstance(recording, Recording)
        return recording

    return read


def joined(part: Part) -> Batch:
    batches = list(part.batches())
    return Batch(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in ("sensor", "ts", "value")))


def whole(recording: Recording) -> list[Batch]:
    """One batch per part."""
    return [joined(part) for part in recording.parts]


def test_nab_holds_every_row_in_the_order_of_its_file(recorded: Reader) -> None:
    recording = recorded("nab")
    parts = dict(zip((part.name for part in recording.parts), whole(recording), strict=True))
    if len(parts) != 7:
        pytest.skip("another selection of NAB files than the seven of realKnownCause")
    assert sum(map(len, parts.values())) == 69_561
    repeated = sum(len(batch) - len(np.unique(batch.ts)) for batch in parts.values())
    assert repeated == 23
    machine = parts["machine_temperature_system_failure"]
    assert len(machine) == 22_695
    assert (np.diff(machine.ts) < 0).sum() == 1  # the clock jumps back 55 minutes, and the order of the file stays


def test_cmapss_holds_24_sensors_of_every_engine_cycle_by_cycle(recorded: Reader) -> None:
    recording = recorded("cmapss")
    rows = {"train_FD001": 20_631, "test_FD001": 13_096, "train_FD002": 53_759, "test_FD002": 33_991}
    engines = {"train_FD001": 100, "test_FD001": 100, "train_FD002": 260, "test_FD002": 259}
    for part, batch in zip(recording.parts, whole(recording), strict=True):
        assert len(batch) == 24 * rows[part.name]
        assert len(part.tags) == 24 * engines[part.name]
        assert (np.diff(batch.ts) >= 0).all()
        assert ((batch.ts - EPOCH_US) % HOUR_US == 0).all()
        if part.name == "train_FD001":
            assert batch.value[:6].tolist() == [-0.0007, -0.0004, 100.0, 518.67, 641.82, 1589.7]


def test_ai4i_holds_five_sensors_and_no_label(recorded: Reader) -> None:
    recording = recorded("ai4i")
    [batch] = whole(recording)
    assert len(batch) == 50_000
    assert batch.value[:5].tolist() == [298.1, 308.6, 1551.0, 42.8, 0.0]
    assert len(np.unique(batch.ts)) == 10_000


def test_hydraulic_merges_its_sensors_in_order_of_time(recorded: Reader) -> None:
    recording = recorded("hydraulic")
    [batch] = whole(recording)
    assert len(batch) == 290 * (8 * 60 + 2 * 600)
    assert (np.diff(batch.ts) >= 0).all()
    names = [tag.sensor_id for tag in recording.parts[0].tags]
    efficiency = batch.value[batch.sensor == names.index("hydraulic-rig.CE")]
    assert efficiency[:3].tolist() == [20.079, 20.089, 20.215]
    assert len(efficiency) == 290 * 60


def test_battery_leaves_out_empty_cells_only(recorded: Reader) -> None:
    recording = recorded("battery")
    parts = dict(zip((part.name for part in recording.parts), whole(recording), strict=True))
    assert len(parts) == 34
    assert len(parts["B0005 per discharge"]) == 168 * 8
    assert sum(map(len, parts.values())) == 2794 * 8 - 25


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_second_reading_gives_the_same_bytes(name: str, recorded: Reader) -> None:
    first, again = (joined(recorded(name).parts[0]) for _ in range(2))
    assert (first.sensor.tobytes(), first.ts.tobytes(), first.value.tobytes()) == (
        again.sensor.tobytes(),
        again.ts.tobytes(),
        again.value.tobytes(),
    )
