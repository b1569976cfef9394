from pathlib import Path

import numpy as np
import pytest

from models.datasets import DATASETS, DataError
from models.datasets.hydraulic import SENSORS, TARGETS, folds, load, read, statistics, table
from tests.models.recorded import recorded

CYCLES = 40


def written(folder: Path, short: str = "") -> Path:
    random = np.random.default_rng(0)
    conditions = [f"{3 if k % 2 else 100},{(73, 80, 90, 100)[k % 4]},{k % 3},{(90, 100, 115, 130)[k // 10]},0" for k in range(CYCLES)]
    (folder / "profile.csv").write_text("\n".join([",".join([*TARGETS.values(), "stable flag"]), *conditions]))
    for name in SENSORS:
        samples = random.normal(size=(CYCLES - (name == short), 60))
        np.savetxt(folder / f"{name}.csv", samples, delimiter=",", header=",".join(f"{name}_{k}" for k in range(60)), comments="")
    return folder


def test_the_known_subset_is_read() -> None:
    found = DATASETS["hydraulic"].load(recorded("hydraulic"))
    assert len(found) == 290
    assert len(found.features) == 10 * 33
    assert np.unique(found.targets["valve_pct"]).tolist() == [73, 80, 90, 100]


def test_other_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="hydraulic rig: content has checksum"):
        load(written(tmp_path))


def test_files_of_unequal_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"TS2\.csv: 39 cycles, profile\.csv has 40"):
        read(written(tmp_path, "TS2"))


def test_statistics_of_a_ramp() -> None:
    found = statistics(np.arange(60.0)[None])
    assert (found["mean"][0], found["slope"][0], found["step_up"][0], found["step_down"][0]) == pytest.approx((29.5, 1.0, 1.0, 1.0))
    assert found["mean_0"][0] == 2.0
    assert found["mean_11"][0] == 57.0


@pytest.mark.parametrize("target", TARGETS)
def test_no_cycle_stands_on_both_sides_and_no_condition_is_a_feature(tmp_path: Path, target: str) -> None:
    found = table(read(written(tmp_path)))
    assert not {name.split(".")[0] for name in found.features} & {*TARGETS, *TARGETS.values()}
    parts = folds(found, target, 0)
    assert all(not set(found.unit[train]) & set(found.unit[test]) for train, test in parts)
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in parts])), np.arange(CYCLES))
