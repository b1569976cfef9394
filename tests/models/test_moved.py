"""What moved in a machine's recent windows."""

import numpy as np

from models.fit import fit
from models.moved import Moved, watch
from models.refit import alike
from tests.models.test_refit import later, material, reference


def watched(shift: float) -> Moved:
    given = material(shift)
    return watch(given, fit(given.reference).artifact)


def test_nothing_moved() -> None:
    found = watched(0.0)
    assert (found.columns, found.score, found.since) == ({}, None, None)
    assert found.windows == len(later(0.0).rows)


def test_the_column_that_moved_is_named_with_its_time_and_the_scores_grow() -> None:
    found = watched(2.0)
    assert set(found.columns) == {"P-101.s2.mean"}
    begin = later(0.0).time_s[0]
    assert 0.0 < found.columns["P-101.s2.mean"] - begin < 2 * 86400.0
    assert found.score is not None
    assert found.since == min(found.score, *found.columns.values())
    assert max(found.psi, key=found.psi.__getitem__) == "P-101.s2.mean"


def test_a_column_that_never_rests_is_named_and_not_counted() -> None:
    given = material(0.0)
    given.reference.rows[int(0.7 * len(given.reference.rows)) :, 4] += np.linspace(0.0, 40.0, len(given.reference.rows) - 1411)
    found = watch(given, fit(reference()).artifact)
    assert found.restless == ("P-101.s4.mean",)
    assert "P-101.s4.mean" not in found.columns


def test_a_champion_without_its_columns_has_no_scores() -> None:
    given = alike(reference(), later(9.0).part(slice(None), np.arange(8) != 2), "t2spe")
    assert watch(given, fit(reference()).artifact).score is None
