"""Recipes of the rig, on generated recordings and on files of SKAB's layout."""

from pathlib import Path

import numpy as np
import pytest

from models.datasets import DataError, skab
from models.generated import rig as generated
from models.recipes import rig


def write(folder: Path, count: int = 3) -> None:
    table = generated.recordings(5, count)
    header = ";".join(["datetime", *skab.COLUMNS, "anomaly", "changepoint"])
    (folder / "data" / "valve1").mkdir(parents=True)
    for number, part in table.each():
        rows = np.column_stack([part.matrix(), part.targets["fault"], np.zeros(len(part))]).tolist()
        lines = [f"2020-03-09 10:{i // 60:02}:{i % 60:02};" + ";".join(map(str, row)) for i, row in enumerate(rows)]
        (folder / "data" / "valve1" / f"{number}.csv").write_text("\n".join([header, *lines]))


def test_the_published_layout_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    table = skab.load(tmp_path)
    assert (tuple(table.features), table.units, len(table)) == (
        generated.CHANNELS,
        ("valve1/0", "valve1/1", "valve1/2"),
        3 * generated.ROWS,
    )
    assert np.array_equal(table.matrix(), generated.recordings(5, 3).matrix())
    assert table.time[:3].tolist() == [0.0, 1.0, 2.0]


def test_no_judged_row_teaches(tmp_path: Path) -> None:
    write(tmp_path)
    table = skab.load(tmp_path)
    judged = skab.judged(table)
    for number in range(3):
        assert judged[table.unit == number].tolist() == [False] * 400 + [True] * 750
    assert "fault" not in table.features


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="clone waico/SKAB"):
        skab.load(tmp_path)
    (tmp_path / "valve1").mkdir()
    (tmp_path / "valve1" / "0.csv").write_text("datetime;Current\n1;2")
    with pytest.raises(DataError, match="no column Accelerometer1RMS"):
        skab.load(tmp_path)


def test_t2spe_beats_always_and_the_simple_rule_on_rigs_it_never_saw(tmp_path: Path) -> None:
    trained = rig.t2spe(tmp_path, 0)
    f1, false, *_ = trained.card.figures
    assert (f1.metric, f1.data_set) == ("F1", "generated rigs")
    assert f1.value > f1.trivial + 0.05
    table = generated.recordings(rig.JUDGED_SEED, rig.JUDGED_ON)
    fault = table.targets["fault"][skab.judged(table)]
    rivals = {name: rig.counts(alarm, fault)[0] for name, (_, alarm) in rig.rules(table, 0).items()}
    assert (f1.simple, f1.simple_name) == (max(rivals.values()), rig.MEAN)
    assert false.value < 15.0


def test_a_users_folder_comes_first_on_the_card(tmp_path: Path) -> None:
    write(tmp_path)
    figures = rig.t2spe(tmp_path, 0).card.figures
    assert [figure.data_set for figure in figures] == ["SKAB"] * 4 + ["generated rigs"] * 4


def test_counts() -> None:
    assert rig.counts(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])) == (0.5, 50.0, 50.0)
