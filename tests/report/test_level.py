import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.level import steps
from tests.report.building import noise, series


@given(st.integers(60, 1_940), st.sampled_from([-30.0, 8.0, 100.0]))
def test_a_step_is_placed_at_its_reading(at: int, size: float) -> None:
    values = noise(50, 0.5)
    values[at:] += size
    [step] = steps(series(values))
    assert step.ts_us == series(values).ts[at]
    assert step.after - step.before == pytest.approx(size, abs=0.9)  # medians of 15 readings


def test_noise_a_drift_and_a_daily_swing_are_no_steps() -> None:
    count = 20_000
    swing = 5 * np.sin(np.arange(count) / 1440 * 2 * np.pi)
    for values in (noise(50, 0.5, count), noise(50, 0.5, count) + swing, noise(50, 0.5, count) + np.linspace(0, 30, count)):
        assert steps(series(values)) == []


def test_a_constant_and_a_short_series_have_none() -> None:
    assert steps(series(np.full(500, 3.0))) == []
    assert steps(series([1.0, 2.0, 3.0])) == []
