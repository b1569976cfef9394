from pathlib import Path

import numpy as np
import pytest

from models.artifact import ARRAYS, Artifact, ArtifactError, read


def artifact() -> Artifact:
    return Artifact(
        "t2spe",
        ("flow_l_min", "power_kw"),
        ("surprise",),
        {"mean": np.arange(2.0), "names": np.array(["a", "b"])},
        {"model": b"\x08"},
        {"n": 3},
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    digest = artifact().write(tmp_path)
    again = read(tmp_path, digest)
    assert again.kind == "t2spe"
    assert again.inputs == ("flow_l_min", "power_kw")
    assert again.graphs == {"model": b"\x08"}
    assert again.options == {"n": 3}
    np.testing.assert_array_equal(again.arrays["mean"], [0.0, 1.0])
    assert again.digest() == digest == artifact().digest()


def test_altered_bytes_are_refused(tmp_path: Path) -> None:
    digest = artifact().write(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"\x09")
    with pytest.raises(ArtifactError, match="altered or cut short"):
        read(tmp_path, digest)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    artifact().write(tmp_path)
    content = (tmp_path / ARRAYS).read_bytes()
    (tmp_path / ARRAYS).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactError, match="damaged"):
        read(tmp_path)


def test_a_pickled_file_is_refused(tmp_path: Path) -> None:
    artifact().write(tmp_path)
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(ArtifactError, match="pickles never are"):
        read(tmp_path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    artifact().write(tmp_path)
    with (tmp_path / ARRAYS).open("wb") as file:
        np.savez(file, mean=np.array([object()], dtype=object), allow_pickle=True)
    with pytest.raises(ArtifactError, match="never loaded"):
        read(tmp_path)


def test_a_header_without_a_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(ArtifactError, match="cannot be read"):
        read(tmp_path)
