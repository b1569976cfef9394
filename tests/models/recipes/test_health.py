"""Time to limit of health indices."""

from pathlib import Path

import numpy as np
import pytest

from models.artifact import Artifact, ArtifactError
from models.generated.ramp import LIMIT, indices
from models.kinds.trend import OUTPUTS
from models.predictor import predictor
from models.recipes import health


def test_falls_are_dated_and_wandering_is_refused() -> None:
    model = predictor(health.calibrated(indices(0, 60, 0)))
    falling, staying = indices(1, 40, 0), indices(2, 0, 60)
    answers = model.predict(np.array([[LIMIT, *each.values] for each in falling]))
    stated = np.isfinite(answers[:, 0])
    assert stated.mean() > 0.6
    assert (answers[stated, 1] <= answers[stated, 0] * 1.5).all()
    assert (answers[stated, 1] <= answers[stated, 2]).all()
    refused = model.predict(np.array([[LIMIT, *each.values] for each in staying]))
    assert np.isnan(refused[:, 0]).mean() > 0.9


def test_rows_are_judged_by_themselves() -> None:
    model = predictor(health.calibrated(indices(0, 30, 0)))
    rows = np.array([[LIMIT, *each.values] for each in indices(3, 5, 5)])
    assert np.array_equal(np.vstack([model.predict(row[None]) for row in rows]), model.predict(rows), equal_nan=True)


def test_figures_are_means_of_corpora_with_each_of_them_in_the_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FALLING", 30)
    monkeypatch.setattr(health, "STAYING", 30)
    error, *shares = health.trend(Path("unused"), 0).card.figures
    each, simple = (
        [float(value) for value in part.split(": ")[1].split(", ")] for part in error.note.removesuffix("; ").split("; simple baseline")
    )
    assert len(each) == len(simple) == 5
    assert error.value == pytest.approx(np.mean(each), rel=1e-3)
    assert error.simple == pytest.approx(np.mean(simple), rel=1e-3)
    assert min(each) < error.value < max(each)
    assert all(share.low < share.high for share in shares)


def test_other_inputs_are_refused() -> None:
    with pytest.raises(ArtifactError, match="needs limit"):
        predictor(Artifact("trend", ("a", "b"), OUTPUTS, options={"ratio_low": 1.0, "ratio_high": 1.0}))
    with pytest.raises(ArtifactError, match="ratio_low"):
        predictor(Artifact("trend", health.INPUTS, OUTPUTS))
