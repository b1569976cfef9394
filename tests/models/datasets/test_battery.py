from pathlib import Path

import numpy as np
import pytest

from models.datasets import DATASETS, DataError
from models.datasets.battery import CELLS, FIRST, folds, load, read, rows, table
from tests.models.recorded import recorded


def written(folder: Path, discharges: int = 80) -> Path:
    lines = [f"{cell},{k},{2.0 - 0.004 * k - 0.01 * number}" for number, cell in enumerate(CELLS) for k in range(discharges, 0, -1)]
    path = folder / "capacity_per_discharge_cycle.csv"
    path.write_text("\n".join(["battery,cycle,capacity_ah", *lines, "B0036,1,"]))
    return path


def test_the_published_file_is_known() -> None:
    found = DATASETS["nasa_battery"].load(recorded("nasa_battery"))
    assert [int((found.unit == number).sum()) for number in range(4)] == [168 - FIRST, 168 - FIRST, 168 - FIRST, 132 - FIRST]


def test_other_content_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(DataError, match="80 rows read"):
        load(tmp_path)


def test_a_short_cell_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="50 discharges of B0005"):
        read(written(tmp_path, 50))


def test_discharges_stand_in_the_order_of_time(tmp_path: Path) -> None:
    found = table(read(written(tmp_path)))
    assert found.features["last_ah"][0] == pytest.approx(2.0 - 0.004 * 16)
    assert found.features["slope_ah"][0] == pytest.approx(-0.004)
    assert found.targets["capacity_in_10_ah"][0] == pytest.approx(2.0 - 0.004 * 26)
    assert np.isnan(found.targets["capacity_in_10_ah"][found.unit == 0][-10:]).all()


def test_features_look_back_only() -> None:
    random = np.random.default_rng(0)
    capacity = 2.0 - np.cumsum(random.uniform(0, 0.01, 90))
    changed = capacity.copy()
    changed[60:] += 1.0
    before, after = rows(capacity, 0), rows(changed, 0)
    past = before.time < 60
    for name in before.features:
        np.testing.assert_array_equal(before.features[name][past], after.features[name][past])


def test_no_cell_stands_on_both_sides(tmp_path: Path) -> None:
    found = table(read(written(tmp_path)))
    parts = folds(found)
    assert len(parts) == 4
    assert all(not set(found.unit[train]) & set(found.unit[test]) for train, test in parts)
    assert not set(found.features) & set(found.targets)
