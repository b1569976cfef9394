from pathlib import Path

import numpy as np
import pytest

from models.datasets import DATASETS, DataError
from models.datasets.ai4i import folds, load, read
from tests.models.recorded import recorded

HEADER = (
    "UDI,Product ID,Type,Air temperature [K],Process temperature [K],Rotational speed [rpm],Torque [Nm],Tool wear [min],"
    "Machine failure,TWF,HDF,PWF,OSF,RNF"
)
FLAGS = {"TWF", "HDF", "PWF", "OSF", "RNF"}


def written(folder: Path, rows: int, grade: str = "L") -> Path:
    lines = [f"{k},{grade}{k},{grade},298.1,308.6,1551,42.8,{k % 200},{int(k % 10 == 0)},0,0,0,0,0" for k in range(1, rows + 1)]
    path = folder / "ai4i2020.csv"
    path.write_text("\n".join([HEADER, *lines]))
    return path


def test_the_published_file_is_known() -> None:
    table = DATASETS["ai4i2020"].load(recorded("ai4i2020"))
    assert len(table) == 10_000
    assert table.targets["failure"].sum() == 339


def test_another_content_is_refused(tmp_path: Path) -> None:
    written(tmp_path, 30)
    with pytest.raises(DataError, match="30 rows read"):
        load(tmp_path)


def test_an_unknown_grade_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Type X is unknown"):
        read(written(tmp_path, 3, "X"))


def test_flags_of_the_answer_are_no_column(tmp_path: Path) -> None:
    table = read(written(tmp_path, 30))
    assert not FLAGS & {*table.features, *table.targets}
    assert "failure" not in table.features


def test_no_row_stands_on_both_sides(tmp_path: Path) -> None:
    table = read(written(tmp_path, 100))
    parts = folds(table, 0)
    assert all(not set(table.unit[train]) & set(table.unit[test]) for train, test in parts)
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in parts])), np.arange(100))
    assert all(table.targets["failure"][test].sum() == 2 for _, test in parts)
