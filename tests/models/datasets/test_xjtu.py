"""XJTU-SY in its published layout, made small."""

from pathlib import Path

import numpy as np
import pytest

from models.datasets import DATASETS, DataError, xjtu
from models.datasets.bearing import NAMES, REMAINING
from tests.models import worn


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(xjtu, "ROWS", worn.ROWS)
    monkeypatch.setattr(xjtu, "FILES", {"Bearing1_2": 3})
    root = tmp_path / "XJTU-SY_Bearing_Datasets"
    for seed, (condition, name, files) in enumerate(
        [("35Hz12kN", "Bearing1_1", 4), ("35Hz12kN", "Bearing1_2", 3), ("40Hz10kN", "Bearing3_1", 11), ("40Hz10kN", "Bearing3_2", 2)]
    ):
        worn.bearing(root, condition, name, files, seed)
    return tmp_path


def test_the_published_layout_is_read_in_the_order_of_the_minutes(folder: Path) -> None:
    table = DATASETS["xjtu"].load(folder)
    assert table.units == ("35Hz12kN/Bearing1_1", "35Hz12kN/Bearing1_2", "40Hz10kN/Bearing3_1", "40Hz10kN/Bearing3_2")
    assert tuple(table.features) == NAMES
    assert np.bincount(table.unit).tolist() == [4, 3, 11, 2]
    assert table.targets[REMAINING][table.unit == 2].tolist() == list(range(10, -1, -1))
    assert np.argmax(table.features["rms_m_s2"][table.unit == 2]) == 10, "11.csv comes after 9.csv"
    assert 0.5 < table.features["rms_m_s2"][0] < 2.0, "g became m/s2"


def test_no_bearing_stands_on_both_sides_and_no_target_among_the_features(folder: Path) -> None:
    table = xjtu.load(folder)
    parts = xjtu.folds(table)
    assert len(parts) == 4
    for train, held in parts:
        taught, asked = ({table.units[number] for number in np.unique(table.unit[rows])} for rows in (train, held))
        assert len(asked) == 1
        assert not taught & asked
        assert {name.split("/")[0] for name in taught} == {name.split("/")[0] for name in asked}
    assert not set(table.features) & set(table.targets)


def test_features_of_a_file_know_nothing_of_the_others(folder: Path) -> None:
    before = xjtu.load(folder)
    path = next(folder.glob("**/Bearing3_1/11.csv"))
    path.write_text(next(folder.glob("**/Bearing3_1/1.csv")).read_text())
    after = xjtu.load(folder)
    changed = np.flatnonzero((before.matrix() != after.matrix()).any(axis=1))
    assert before.units[before.unit[changed[0]]] == "40Hz10kN/Bearing3_1"
    assert before.time[changed].tolist() == [10.0]


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("2.csv", None, r"Bearing1_2/2\.csv: missing, 2 of 3 files are there; unpack"),
        ("3.csv", None, r"Bearing1_2/3\.csv: missing, 2 of 3 files are there; unpack"),
        ("1.csv", "a,b\n1,2", r"Bearing1_2/1\.csv: no column Horizontal_vibration_signals .*found a, b; use the published file"),
        ("1.csv", "", r"Bearing1_2/1\.csv: no column"),
        ("1.csv", f"{','.join(xjtu.COLUMNS)}\n1,2\n1", r"Bearing1_2/1\.csv: .*unpack the bearing again"),
        ("1.csv", f"{','.join(xjtu.COLUMNS)}\n1,2\n1,nan", r"Bearing1_2/1\.csv: 2 rows or gaps, published are 8192"),
    ],
)
def test_damage_is_named(folder: Path, file: str, content: str | None, words: str) -> None:
    path = next(folder.glob(f"**/Bearing1_2/{file}"))
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(DataError, match=words):
        xjtu.load(folder)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no 35Hz12kN/Bearing1_1/1\.csv or the like; unpack XJTU-SY"):
        xjtu.load(tmp_path)


def test_all_published_files_are_counted() -> None:
    assert (len(xjtu.FILES), sum(xjtu.FILES.values())) == (15, 9216)
