import numpy as np
import pytest

from models.judge import interval


def test_an_interval_holds_the_figure_and_is_the_same_again() -> None:
    values = np.random.default_rng(0).normal(size=200)
    unit = np.repeat(np.arange(50), 4)
    low, high = interval(lambda rows: float(values[rows].mean()), unit)
    assert low < values.mean() < high
    assert (low, high) == interval(lambda rows: float(values[rows].mean()), unit)


def test_units_are_drawn_whole() -> None:
    unit = np.array([1, 0, 1, 0])

    def paired(rows: np.ndarray) -> float:
        return float(np.abs(np.bincount(rows, minlength=4)[[1, 0]] - np.bincount(rows, minlength=4)[[3, 2]]).max())

    assert np.isnan(interval(paired, unit)).all()


def test_an_interval_has_width_or_is_none() -> None:
    unit = np.arange(290)
    assert np.isnan(interval(lambda _: 15.0, unit)).all()
    assert np.isnan(interval(lambda _: 0.5, unit, whole=1.0)).all()
    assert interval(lambda _: 1.0, unit, whole=1.0) == pytest.approx((0.98736, 1.0), abs=1e-5)
    assert interval(lambda _: 0.0, unit, whole=100.0) == pytest.approx((0.0, 1.26397), abs=1e-5)


def test_rows_of_one_unit_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=40), 5)
    apart = interval(lambda rows: float(values[rows].mean()), np.arange(200))
    together = interval(lambda rows: float(values[rows].mean()), np.repeat(np.arange(40), 5))
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])
