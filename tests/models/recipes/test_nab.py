"""The benchmark's files and recipes."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from models.artifact import Artifact
from models.datasets import DataError, nab
from models.generated import series
from models.kinds.stream import INPUTS, OUTPUTS
from models.predictor import predictor
from models.recipes import nab as recipes
from models.sweep import best, corpus
from processors import deep

DATA = Path(os.environ.get("MAINT_DATA") or Path(__file__).parents[3] / "../shared/data").resolve() / "nab"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the files of NAB are not here; set MAINT_DATA to the folder of the data sets")


def write(folder: Path, *, packed: bool = False) -> None:
    lines = ["timestamp,value", *(f"2020-01-01 00:{i:02}:00,{i * 0.5}" for i in range(50))]
    (folder / "data" / "own").mkdir(parents=True)
    content = "\n".join(lines).encode()
    (folder / "data" / "own" / ("a.csv.gz" if packed else "a.csv")).write_bytes(gzip.compress(content) if packed else content)
    labels = folder if packed else folder / "labels"
    labels.mkdir(exist_ok=True)
    spans = {"own/a.csv": [["2020-01-01 00:20:00.000000", "2020-01-01 00:29:00.000000"]]}
    (labels / "combined_windows.json").write_text(json.dumps(spans))


@pytest.mark.parametrize("packed", [False, True])
def test_published_and_packed_layouts_are_read(tmp_path: Path, *, packed: bool) -> None:
    write(tmp_path, packed=packed)
    table = nab.load(tmp_path)
    assert (table.units, len(table)) == (("own/a.csv",), 50)
    assert np.flatnonzero(table.targets["window"]).tolist() == list(range(20, 30))
    assert table.time[1] - table.time[0] == 60.0
    assert tuple(table.features) == ("value",)


def test_missing_and_altered_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="clone numenta/NAB"):
        nab.load(tmp_path)
    write(tmp_path)
    (tmp_path / "data" / "own" / "b.csv").write_text("timestamp,value\n2020-01-01 00:00:00,1")
    with pytest.raises(DataError, match="no entry"):
        nab.load(tmp_path)
    (tmp_path / "data" / "own" / "b.csv").unlink()
    known = tmp_path / "data" / "realKnownCause"
    known.mkdir()
    (known / "nyc_taxi.csv").write_text("timestamp,value\n2020-01-01 00:00:00,1")
    with pytest.raises(DataError, match="checksum"):
        nab.load(tmp_path)


def test_generated_series_repeat_and_windows_do_not_touch() -> None:
    table = series.corpus(1)
    assert np.array_equal(table.features["value"], series.corpus(1).features["value"])
    assert len(table.units) > 30
    assert np.isfinite(table.features["value"]).all()
    marks = series.windows(1000, (300, 310, 700))
    assert np.unique(marks).tolist() == [0.0, 1.0, 2.0]


def test_seeds_to_tune_on_are_never_judged() -> None:
    tuned = {seed * recipes.TUNED_SEEDS + number + 1 for seed in range(50) for number in range(recipes.TUNED_SEEDS)}
    judged = {recipes.JUDGED_FROM + seed * recipes.JUDGED_SEEDS + number for seed in range(50) for number in range(recipes.JUDGED_SEEDS)}
    assert not tuned & judged


def test_the_windowed_gaussian_is_the_plain_one() -> None:
    from math import erfc

    values = np.random.default_rng(0).normal(size=6800)
    window: list[float] = []
    waiting: list[float] = []
    mean, deviation, expected = 0.0, 1.0, []
    for value in values.tolist():
        above = 2 * mean - value if value < mean else value
        expected.append(1 - 0.5 * erfc((above - mean) / deviation / 1.4142) if window else 0.0)
        (window if len(window) < 6400 else waiting).append(value)
        if len(waiting) == 100:
            window, waiting = window[100:] + waiting, []
        if not waiting and (len(window) < 300 or len(window) == 6400):
            mean, deviation = float(np.mean(window)), float(np.std(window)) or 1e-6
        elif not waiting:
            mean, deviation = float("nan"), 1.0
    known = np.isfinite(expected)
    assert known.sum() > 600
    assert np.allclose(recipes.gaussian(values)[known], np.array(expected)[known], atol=1e-10)


@real
def test_the_seven_files_beat_their_baselines() -> None:
    table = nab.load(DATA)
    model = predictor(Artifact("stream", INPUTS, OUTPUTS, ARRAYS, options=OPTIONS))
    marked = corpus(table)
    simple = np.concatenate([recipes.gaussian(part.features["value"]) for _, part in table.each()])
    assert marked.total == 19
    assert best(marked, recipes.scores(model, table))[0] == pytest.approx(73.18, abs=0.01)
    assert best(marked, simple)[0] < 20.0


ARRAYS = {"weights": deep.WEIGHTS, "tuning": deep.TUNING}
OPTIONS = {"detector": "deep", "threshold": 1.6}
