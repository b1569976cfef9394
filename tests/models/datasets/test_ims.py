"""IMS in the layouts its archives unpack to, made small."""

from pathlib import Path

import numpy as np
import pytest

from models.datasets import DATASETS, DataError, ims
from models.datasets.bearing import REMAINING
from tests.models import worn


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ims, "ROWS", worn.ROWS)
    monkeypatch.setattr(ims, "FILES", {"2nd_test": 8})
    worn.shaft(tmp_path, "1st_test/1st_test", "1st_test", 3)
    worn.shaft(tmp_path, "2nd_test", "2nd_test", 8, 1)
    worn.shaft(tmp_path, "3rd_test/4th_test/txt", "3rd_test", 4, 2)
    (tmp_path / "2nd_test" / "readme.txt").write_text("no recording")
    return tmp_path


def test_each_bearing_of_each_test_is_a_unit(folder: Path) -> None:
    table = DATASETS["ims"].load(folder)
    assert table.units == tuple(f"{test}/{place}" for test in ims.DIRECTIONS for place in range(1, 5))
    assert np.bincount(table.unit).tolist() == [3] * 4 + [8] * 4 + [4] * 4
    failed = {table.units[number] for number in np.unique(table.unit[table.targets[ims.FAILED] > 0.0])}
    assert failed == {"1st_test/3", "1st_test/4", "2nd_test/1", "3rd_test/3"}
    worn_out = table.of_units([table.units.index("2nd_test/1")])
    assert worn_out.targets[REMAINING].tolist() == [70.0, 60.0, 50.0, 40.0, 30.0, 20.0, 10.0, 0.0]
    assert worn_out.features["rms_m_s2"][-1] > 1.5 * table.features["rms_m_s2"][table.units.index("2nd_test/2") == table.unit][-1]


def test_the_third_test_is_found_where_its_archive_puts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ims, "ROWS", worn.ROWS)
    monkeypatch.setattr(ims, "FILES", {})
    worn.shaft(tmp_path, "4th_test/txt", "3rd_test", 2)
    assert ims.load(tmp_path).units[0] == "3rd_test/1"


def test_no_test_stands_on_both_sides(folder: Path) -> None:
    table = ims.load(folder)
    parts = ims.folds(table)
    assert len(parts) == 4
    for train, held in parts:
        taught, asked = ({table.units[number] for number in np.unique(table.unit[rows])} for rows in (train, held))
        assert len(asked) == 1
        assert not {name.split("/")[0] for name in taught} & {name.split("/")[0] for name in asked}
        assert (table.targets[ims.FAILED][train] == 1.0).all()
    assert not set(table.features) & set(table.targets)


def test_files_that_are_missing_or_there_twice_are_named(folder: Path) -> None:
    first = min((folder / "2nd_test").glob("2004*"))
    again = folder / "2nd_test" / "2nd_test" / first.name
    again.parent.mkdir()
    first.rename(again)
    assert np.bincount(ims.load(folder).unit)[4] == 8, "half of them one folder deeper"
    first.write_bytes(again.read_bytes())
    with pytest.raises(DataError, match=r"2nd_test/2004\.02\.12\.00\.00\.39: there twice; leave one copy"):
        ims.load(folder)
    again.unlink()
    first.unlink()
    with pytest.raises(DataError, match=r"2nd_test: 7 files, published are 8; unpack the test again"):
        ims.load(folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"0.1\t0.2\n", r"2004\.02\.12\.00\.00\.39: 1 rows of 2 channels or gaps, published are 8192 rows of 4 channels"),
        (b"0.1\tx\n", r"2nd_test/2004\.02\.12\.00\.00\.39: .*unpack the test again"),
        (b"\xff\xfe", r"2004\.02\.12\.00\.00\.39: cannot be read"),
    ],
)
def test_a_damaged_file_is_named(folder: Path, content: bytes, words: str) -> None:
    min((folder / "2nd_test").glob("2004*")).write_bytes(content)
    with pytest.raises(DataError, match=words):
        ims.load(folder)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no 1st_test/2003\.10\.22\.12\.06\.24 or the like; unpack IMS"):
        ims.load(tmp_path)
