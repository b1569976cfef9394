"""A detector fitted again on its reference and on the weeks since: what it learns, and how it is judged beside the champion."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.fit import Baseline, FitError, fit
from models.generated.fleet import baseline
from models.refit import Material, _normal, alike, load, train, verdict
from models.version import PASSED

EVERYTHING = np.ones(8, np.bool_)
ROWS = 2016  # of the reference: 14 days


def reference() -> Baseline:
    return baseline(0, days=24.0).part(slice(ROWS), EVERYTHING)


def later(shift: float) -> Baseline:
    """The same machine some weeks later; `shift` moved one column for good, which is normal now."""
    recent = baseline(0, days=24.0).part(slice(ROWS, None), EVERYTHING)
    rows = recent.rows.copy()
    rows[:, 2] += shift
    return replace(recent, rows=rows)


def material(shift: float = 0.0) -> Material:
    return alike(reference(), later(shift), "t2spe")


def test_a_small_move_for_good_is_learnt_and_the_gate_sees_it(tmp_path: Path) -> None:
    given = material(0.7)
    given.save(tmp_path)
    champion = fit(given.reference).artifact
    challenger = train(tmp_path, 0)
    assert challenger.parameters["reference rows"] == int(0.7 * ROWS)
    assert verdict(given, champion, challenger.artifact, 0) == PASSED
    assert "recent rows: finds" in verdict(given, challenger.artifact, champion, 0)


def test_a_large_move_would_make_the_detector_deaf_and_is_refused(tmp_path: Path) -> None:
    given = material(6.0)
    given.save(tmp_path)
    assert "frozen rows: finds" in verdict(given, fit(given.reference).artifact, train(tmp_path, 0).artifact, 0)


def test_the_champion_itself_is_no_challenger() -> None:
    given = material()
    champion = fit(given.reference).artifact
    assert "not better than the champion" in verdict(given, champion, champion, 0)


def test_neither_the_recent_nor_the_frozen_rows_teach(tmp_path: Path) -> None:
    given = material()
    given.save(tmp_path)
    before = train(tmp_path, 0).artifact.digest()
    for part in (given.reference, given.recent):
        part.rows[int(0.7 * len(part.rows)) :] += 50.0
    given.save(tmp_path)
    assert train(tmp_path, 0).artifact.digest() == before


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    given = material()
    given.save(tmp_path)
    found = load(tmp_path)
    assert (found.detector, found.recent.columns, found.recent.drivers) == ("t2spe", given.recent.columns, given.recent.drivers)
    np.testing.assert_array_equal(found.recent.rows, given.recent.rows)
    np.testing.assert_array_equal(found.reference.mode, given.reference.mode)


def test_windows_near_an_episode_are_not_normal() -> None:
    recent = later(0.0)
    begin = float(recent.time_s[100])
    kept = _normal(recent, [(begin, begin + 600.0)])
    assert np.flatnonzero(~kept).tolist() == list(range(93, 108))


def test_too_little_or_other_drivers_are_refused() -> None:
    with pytest.raises(FitError, match="299 normal windows since its reference, 300 are needed"):
        alike(reference(), later(0.0).part(slice(299), EVERYTHING), "t2spe")
    with pytest.raises(FitError, match="other drivers"):
        alike(reference(), replace(later(0.0), drivers=("load", "x")), "t2spe")


def test_a_column_that_fell_silent_for_good_is_told() -> None:
    kept = np.arange(8) != 2
    given = alike(reference(), later(0.0).part(slice(None), kept), "t2spe")
    assert len(given.reference.columns) == 7
    assert "without P-101.s2.mean" in verdict(given, fit(reference()).artifact, fit(given.reference).artifact, 0)
