import pytest

from simulator.exam.interval import binomial_tail, poisson, upper


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.364, 121.627)])
def test_exact_poisson_intervals_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    assert poisson(count) == pytest.approx((low, high), abs=2e-3)


def test_one_sided_bound_of_nothing() -> None:
    assert upper(0) == pytest.approx(2.9957, abs=1e-3)


def test_large_counts_stay_finite() -> None:
    low, high = poisson(20_000)
    assert 19_700 < low < 20_000 < high < 20_300


def test_chance_of_hits() -> None:
    assert binomial_tail(0, [0.1, 0.2]) == pytest.approx(1.0)
    assert binomial_tail(2, [0.1, 0.2]) == pytest.approx(0.02)
    assert binomial_tail(1, [0.0, 0.0]) == 0.0
