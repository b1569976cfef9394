"""Distances against plain numpy, and what a contribution must be."""

import numpy as np
import pytest
from sklearn.covariance import MinCovDet

from processors.pattern import distance, scale
from processors.pattern.distance import Distance
from processors.pattern.scale import Scale

Rows = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def healthy(rows: int = 600, channels: int = 5, seed: int = 0) -> Rows:
    random = np.random.default_rng(seed)
    shared = random.normal(size=(rows, 2)) @ random.normal(size=(2, channels))
    return np.asarray(shared + 0.2 * random.normal(size=(rows, channels)) + 10.0)


def oracle(rows: Rows, fitted: Distance) -> tuple[Rows, Rows]:
    z = np.clip(np.nan_to_num((rows - fitted.scale.centre) / fitted.scale.spread), -12.0, 12.0)
    return np.einsum("nj,jk,nk->n", z, fitted.root @ fitted.root, z), (z @ fitted.root.T) ** 2


@pytest.mark.parametrize("fit", [distance.t2spe, distance.mahalanobis])
def test_the_kernel_agrees_with_plain_numpy(fit: object) -> None:
    assert callable(fit)
    fitted, rows = fit(healthy()), healthy(seed=1)
    rows[3, 2] = np.nan
    scores, contributions = distance.score(rows, fitted)
    expected, parts = oracle(rows, fitted)
    assert np.allclose(scores, expected, rtol=1e-10)
    assert np.allclose(contributions, parts, rtol=1e-9, atol=1e-14)
    assert np.allclose(contributions.sum(axis=1), scores, rtol=1e-12)
    assert (contributions >= 0.0).all()


def test_t2_and_spe_are_what_the_books_say() -> None:
    rows = healthy()
    fitted = distance.t2spe(rows, drift=0.0)
    z = scale.apply(rows, fitted.scale, 6.0)
    axes = distance.axes(z)
    within = z @ axes.directions
    t2 = (within**2 / axes.variances).sum(axis=1)
    spe = ((z - within @ axes.directions.T) ** 2).sum(axis=1)
    expected = t2 / np.quantile(t2, 0.99) + spe / np.quantile(spe, 0.99)
    assert np.allclose(distance.score(rows, fitted, clip=6.0)[0], expected, rtol=1e-8)


def test_rows_one_by_one_and_together_are_equal_bit_by_bit() -> None:
    fitted, rows = distance.t2spe(healthy()), healthy(seed=2)
    together = distance.score(rows, fitted)[0]
    assert [distance.score(row[None], fitted)[0][0] for row in rows] == together.tolist()


def test_the_changed_channel_contributes_most() -> None:
    rows = healthy()
    fitted = distance.t2spe(rows, drift=0.0)
    for channel in range(rows.shape[1]):
        changed = np.median(rows, axis=0)[None].copy()
        changed[0, channel] += 6.0 * fitted.scale.spread[channel]
        assert distance.score(changed, fitted)[1][0].argmax() == channel


def test_outlying_rows_do_not_move_the_robust_distance() -> None:
    rows = healthy(800, 3)
    spoilt = rows.copy()
    spoilt[::25] += 40.0
    clean, robust = distance.mahalanobis(rows, drift=0.0), distance.mahalanobis(spoilt, drift=0.0)
    assert np.abs(robust.scale.centre - clean.scale.centre).max() < 0.2 * clean.scale.spread.max()
    reference = MinCovDet(random_state=0).fit(rows).mahalanobis(rows)
    assert np.corrcoef(distance.score(rows, clean)[0], reference)[0, 1] > 0.85  # ours adds a ridge


def test_slow_movement_widens_the_spread_of_its_channel_only() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(400, 2))
    rows[:, 1] += np.linspace(0.0, 3.0, 400)
    still, moved = scale.fit(rows, 0.0).spread, scale.fit(rows, 4.0).spread
    assert moved[1] > 5.0 * still[1]
    assert moved[0] < 3.0 * still[0]


def test_a_channel_without_values_says_nothing() -> None:
    rows = healthy(200, 3)
    rows[:, 1] = np.nan
    fitted = distance.t2spe(rows)
    assert isinstance(fitted.scale, Scale)
    assert np.isfinite(fitted.root).all()
    assert (distance.score(rows, fitted)[1][:, 1] < 1e-12).all()
