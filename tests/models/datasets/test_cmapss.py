import gzip
from pathlib import Path

import numpy as np
import pytest

from models.datasets import DATASETS, DataError
from models.datasets.cmapss import SENSORS, SETTINGS, TARGET, ends, folds, load, subset
from tests.models.recorded import recorded


def lines(engines: int, cycles: int) -> list[str]:
    return [f"{unit} {cycle} " + " ".join(["1.5"] * 24) + "  " for unit in range(1, engines + 1) for cycle in range(1, cycles + unit)]


def written(folder: Path, name: str = "FD009", *, packed: bool = False) -> Path:
    texts = {f"train_{name}.txt": lines(10, 30), f"test_{name}.txt": lines(6, 20), f"RUL_{name}.txt": [str(5 * k) for k in range(1, 7)]}
    for file, content in texts.items():
        raw = "\n".join(content).encode()
        (folder / (file + ".gz" * packed)).write_bytes(gzip.compress(raw) if packed else raw)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_lives_count_down_to_the_failure(tmp_path: Path, *, packed: bool) -> None:
    train, test = subset(written(tmp_path, packed=packed), "FD009")
    assert train.targets[TARGET][train.unit == 0].tolist() == list(range(29, -1, -1))
    assert test.targets[TARGET][ends(test)].tolist() == [5, 10, 15, 20, 25, 30]
    assert tuple(train.features) == (*SETTINGS, *SENSORS)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("train_FD009.txt", b"1 2 ", b"1 7 ", "line 2: cycle 7, expected 2"),
        ("train_FD009.txt", b"1 2 1.5", b"1 2 nan", "gaps"),
        ("train_FD009.txt", b"1 2 1.5", b"1 2", "download it again"),
        ("RUL_FD009.txt", b"\n30", b"", "5 lives"),
    ],
)
def test_damage_is_named(tmp_path: Path, file: str, old: bytes, new: bytes, words: str) -> None:
    path = written(tmp_path) / file
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(DataError, match=words):
        subset(tmp_path, "FD009")


def test_another_content_under_a_published_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected \(100, 100\)"):
        load(written(tmp_path, "FD001"))


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no train_FD001"):
        load(tmp_path)


def test_no_engine_stands_on_both_sides(tmp_path: Path) -> None:
    train, _ = subset(written(tmp_path), "FD009")
    parts = folds(train, 0)
    assert all(not set(train.unit[seen]) & set(train.unit[held]) for seen, held in parts)
    np.testing.assert_array_equal(np.sort(np.concatenate([held for _, held in parts])), np.arange(len(train)))
    assert TARGET not in train.features


def test_the_published_files_are_known() -> None:
    table = DATASETS["cmapss"].load(recorded("cmapss"))
    assert {unit.rsplit("/", 1)[0] for unit in table.units} >= {"FD001/train", "FD001/test"}
    assert sum(unit.startswith("FD001/train") for unit in table.units) == 100
