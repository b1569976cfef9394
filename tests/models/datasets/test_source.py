import gzip
from pathlib import Path

import numpy as np
import pytest

from models.datasets import DataError
from models.datasets.source import columns, find, fingerprint, matrix, numbers, published, text


def test_plain_and_packed_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"x\n1\n"))
    assert find(tmp_path, "b.csv").name == "b.csv.gz"
    (tmp_path / "b.csv").write_text("x\n2\n")
    assert find(tmp_path, "b.csv").name == "b.csv"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"b\.csv: missing"):
        find(tmp_path, "b.csv")


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"x\n1\n" * 100)[:-6])
    with pytest.raises(DataError, match=r"b\.csv\.gz: cannot be read"):
        text(tmp_path / "b.csv.gz")


def test_columns_come_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x,y\n1,2\n3,4\n")
    assert columns(tmp_path / "b.csv", ["y", "x"]) == [["2", "4"], ["1", "3"]]


@pytest.mark.parametrize(("content", "words"), [("x\n1\n", "no column y"), ("x,y\n1,2\n3\n", "line 3 has 1 of 2 fields")])
def test_a_wrong_layout_is_named(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "b.csv").write_text(content)
    with pytest.raises(DataError, match=words):
        columns(tmp_path / "b.csv", ["y"])


def test_a_text_that_is_no_number_is_named() -> None:
    with pytest.raises(DataError, match=r"speed.*fast"):
        numbers(["1", "fast"], "speed")


def test_other_content_is_no_published_content() -> None:
    content = {"x": np.array([1.0, 2.0])}
    published(content, fingerprint(content), "b.csv")
    with pytest.raises(DataError, match=r"b\.csv: content has checksum .* \(2 rows read\)"):
        published({"x": np.array([1.0, 3.0])}, fingerprint(content), "b.csv")


def test_a_matrix_has_one_header_line(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x_0,x_1\n1,2\n3,4\n")
    np.testing.assert_array_equal(matrix(tmp_path / "b.csv"), [[1.0, 2.0], [3.0, 4.0]])


def test_a_ragged_matrix_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x_0,x_1\n1,2\n3\n")
    with pytest.raises(DataError, match=r"b\.csv: "):
        matrix(tmp_path / "b.csv")
