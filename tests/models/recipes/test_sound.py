"""Sound of machines: the published layout, and the split."""

import wave
from pathlib import Path

import numpy as np
import pytest

from models.datasets import DataError, mimii
from models.generated import sound as generated
from models.recipes import sound
from models.table import Table


def write(path: Path, values: np.ndarray, channels: int = 8) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(generated.RATE_HZ)
        file.writeframes(np.repeat((values * 32767.0).astype("<i2")[:, None], channels, axis=1).tobytes())


def folder(root: Path) -> Path:
    random = np.random.default_rng(0)
    for number in range(100):
        write(root / "6_dB_pump" / "pump" / "id_00" / "normal" / f"{number:08}.wav", generated.clip(random, 1))
    for number in range(20):
        write(root / "6_dB_pump" / "pump" / "id_00" / "abnormal" / f"{number:08}.wav", generated.clip(random, 1, "rattle"))
    return root


def test_the_published_layout_is_read_and_judged(tmp_path: Path) -> None:
    table = mimii.load(folder(tmp_path))
    assert (table.units, len(table), table.targets["abnormal"].sum()) == (("pump/id_00",), 120, 20.0)
    assert len(table.features) == 2 * mimii.BANDS
    trained = sound.bands(tmp_path, 0)
    assert trained.card.data_set == "MIMII"
    whole, *machines = trained.card.figures
    assert whole.value > 0.8
    assert "simple baseline: the strongest of 2 on these rows" in whole.note
    assert all(each.simple_name == whole.simple_name for each in machines)


def test_abnormal_clips_and_judged_ones_never_teach() -> None:
    rows = np.random.default_rng(0).normal(size=(30, 2))
    table = Table(
        {"a": rows[:, 0]}, {"abnormal": (np.arange(30) % 5 == 0).astype(float)}, np.arange(30) // 15, np.arange(30.0), "clip", ("a", "b")
    )
    teaching, judging = mimii.parts(table, 0)
    assert not set(teaching.tolist()) & set(judging.tolist())
    assert not table.targets["abnormal"][teaching].any()
    assert set(table.unit[teaching].tolist()) == {0, 1}


def test_other_folders_and_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unpack MIMII"):
        mimii.load(tmp_path)
    bad = tmp_path / "pump" / "id_00" / "normal" / "0.wav"
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"RIFF")
    with pytest.raises(DataError, match="download it again"):
        mimii.load(tmp_path)
