import numpy as np

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

    assert interval(paired, unit) == (0.0, 0.0)


def test_rows_of_one_unit_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=40), 5)
    apart = interval(lambda rows: float(values[rows].mean()), np.arange(200))
    together = interval(lambda rows: float(values[rows].mean()), np.repeat(np.arange(40), 5))
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])
