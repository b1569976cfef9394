"""Trends against scipy's."""

import numpy as np
import pytest
from scipy.stats import kendalltau, theilslopes

from processors.trend import reach, trend


@pytest.mark.parametrize("seed", range(4))
def test_slope_and_statistic_are_those_of_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = 0.05 * np.arange(50.0) + random.normal(size=50)
    found = trend(values)
    assert found is not None
    assert found.slope == pytest.approx(theilslopes(values)[0], rel=1e-12)
    assert np.sign(found.score) == np.sign(kendalltau(np.arange(50), values).statistic)
    assert found.low <= found.slope <= found.high


def test_slow_noise_is_no_trend() -> None:
    random = np.random.default_rng(0)
    sure = 0
    for _ in range(200):
        values = np.zeros(60)
        for i in range(1, 60):
            values[i] = 0.7 * values[i - 1] + random.normal()
        found = trend(values)
        sure += found is not None and found.sure
    assert sure <= 10


def test_too_few_or_equal_values_have_no_trend() -> None:
    assert trend(np.arange(7.0)) is None
    assert trend(np.full(30, 2.0)) is None
    assert np.isnan(reach(np.full(30, np.nan), 0.3)).all()


def test_missing_values_leave_the_time_axis_as_it_is() -> None:
    values = 1.0 - 0.01 * np.arange(40.0)
    values[5:15] = np.nan
    assert reach(values, 0.3)[0] == pytest.approx(31.0, abs=1e-6)


def test_beyond_the_limit_is_now_and_away_from_it_is_never() -> None:
    assert reach(1.0 - 0.02 * np.arange(60.0), 0.3) == (0.0, 0.0, 0.0)
    assert np.isnan(reach(0.5 + 0.01 * np.arange(40.0), 0.3)).all()
