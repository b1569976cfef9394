"""Detectors of one machine from its reference."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.artifact import Artifact
from models.fit import Baseline, FitError, fit
from models.generated.fleet import baseline
from models.kinds.machine import correct
from models.predictor import predictor


def test_a_machine_gets_a_detector_of_each_mode_and_an_honest_figure() -> None:
    reference = baseline(0, days=14.0)
    trained = fit(reference)
    false, found = trained.card.figures
    assert trained.artifact.options["modes"] == ["running", "standby"]
    assert trained.artifact.inputs == (*reference.columns, "load", "ambient_c", "mode")
    assert (trained.card.serves, trained.card.tags["asset"]) == ("asset", "P-101")
    assert json.loads(trained.card.tags["rule"])["modes"] == trained.artifact.options["modes"]
    assert false.value <= 10.0
    assert false.low <= false.value <= false.high
    assert found.value > 0.9


def test_the_judged_stretch_teaches_nothing() -> None:
    reference = baseline(1, days=10.0)
    spoilt = reference.rows.copy()
    spoilt[int(0.7 * len(spoilt)) :] += 100.0
    assert fit(replace(reference, rows=spoilt)).artifact.digest() == fit(reference).artifact.digest()


def test_later_rows_of_another_machine_state_are_found_and_explained() -> None:
    reference = baseline(2, days=10.0)
    trained = fit(reference)
    rows = reference.coded(("running", "standby"))[-40:]
    rows[:, 3] += 20.0
    model = predictor(trained.artifact)
    explained = model.explain(rows)
    assert model.predict(rows).min() > 1.0
    assert explained is not None
    assert (explained.argmax(axis=1) == 3).all()


def test_a_mode_that_was_not_learnt_gets_no_answer() -> None:
    reference = baseline(0, days=10.0)
    trained = fit(reference)
    rows = reference.coded(("other",))[:3]
    assert np.isnan(predictor(trained.artifact).predict(rows)).all()


def test_what_the_drivers_explain_is_taken_off() -> None:
    random = np.random.default_rng(0)
    drivers = random.normal(size=(400, 1))
    rows = np.column_stack([3.0 * drivers[:, 0] + drivers[:, 0] ** 2, random.normal(size=400)]) + 10.0
    corrected = correct(rows, drivers).apply(rows, drivers)
    assert corrected[:, 0].std() < 0.05 * rows[:, 0].std()
    assert corrected[:, 1].std() > 0.95 * rows[:, 1].std()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"mode": np.array([str(n) for n in range(1440)])}, "200 are needed"),
        ({"rows": np.full((1440, 8), np.nan)}, "columns have values"),
    ],
)
def test_a_reference_that_cannot_teach_is_refused(change: dict[str, object], text: str) -> None:
    with pytest.raises(FitError, match=text):
        fit(replace(baseline(0, days=10.0), **change))  # type: ignore[arg-type]


def test_an_unknown_detector_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(FitError, match="known: t2spe"):
        fit(baseline(0, days=3.0), "x")
    with pytest.raises(FitError, match="in the order of time"):
        replace(baseline(0, days=3.0), time_s=np.zeros(3))


def damaged(how: str) -> Baseline:
    reference = baseline(0, days=14.0)
    rows, drivers = reference.rows.copy(), reference.driver_rows.copy()
    if how == "a column silent in one mode":
        rows[reference.mode == "standby", 2] = np.nan
    elif how == "a constant column":
        rows[:, 1] = 5.0
    elif how == "a fifth missing":
        rows[np.random.default_rng(0).random(rows.shape) < 0.2] = np.nan
    else:
        drivers[:, 0] = np.nan
    return replace(reference, rows=rows, driver_rows=drivers)


@pytest.mark.parametrize("how", ["a column silent in one mode", "a constant column", "a fifth missing", "a driver never known"])
def test_a_damaged_reference_still_teaches(how: str) -> None:
    trained = fit(damaged(how))
    false, found = trained.card.figures
    assert false.value <= 10.0
    assert found.value > 0.7
    assert np.isfinite(predictor(trained.artifact).predict(trained.example)).all()


def test_nothing_to_judge_gives_no_figure() -> None:
    reference = baseline(0, days=10.0)
    mode = reference.mode.copy()
    mode[1000:] = "new"
    false = fit(replace(reference, mode=mode)).card.figures[0]
    assert np.isnan(false.value)


def test_artifacts_are_plain_arrays() -> None:
    made = fit(baseline(0, days=10.0)).artifact
    assert isinstance(made, Artifact)
    assert not made.graphs
