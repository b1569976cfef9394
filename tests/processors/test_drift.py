"""Drift detectors against plain Python."""

import numpy as np

from processors import drift
from processors.layout import Floats


def oracle(residuals: Floats) -> list[int]:
    up = down = square = 0.0
    found = []
    for value in residuals.tolist():
        clipped = max(-4.0, min(4.0, value))
        up, down, square = max(0.0, up + clipped - 0.25), max(0.0, down - clipped - 0.25), max(0.0, square + min(value**2, 9.0) - 1.5)
        moved = drift.MEAN if max(up, down) > 40.0 else drift.VARIANCE if square > 60.0 else drift.NOTHING
        found.append(moved)
        if max(up, down) > 40.0:
            up = down = 0.0
        if square > 60.0:
            square = 0.0
    return found


def test_the_kernel_agrees_with_plain_python() -> None:
    random = np.random.default_rng(0)
    residuals = np.concatenate([random.normal(size=500), random.normal(1.0, 1.0, 200), random.normal(0.0, 3.0, 200)])
    found = drift.cusum(residuals, np.zeros(3))
    assert found.tolist() == oracle(residuals)
    assert set(found.tolist()) == {drift.NOTHING, drift.MEAN, drift.VARIANCE}
    assert not found[:500].any()


def test_the_sums_carry_on_from_batch_to_batch() -> None:
    residuals = np.random.default_rng(1).normal(0.5, 1.0, 400)
    sums = np.zeros(3)
    parts = np.concatenate([drift.cusum(part, sums) for part in np.split(residuals, 8)])
    assert parts.tolist() == drift.cusum(residuals, np.zeros(3)).tolist()


def test_whitening_takes_the_day_and_the_memory_off() -> None:
    random = np.random.default_rng(2)
    time = np.arange(5760, dtype=np.float64) * 60.0
    values = np.zeros(5760)
    for i in range(1, 5760):
        values[i] = 0.9 * values[i - 1] + random.normal()
    values += 5.0 * np.sin(2.0 * np.pi * time / 86400.0)
    residuals = drift.whiten(drift.learn(time[:2880], values[:2880]), time, values)
    assert abs(np.corrcoef(residuals[1:], residuals[:-1])[0, 1]) < 0.05
    assert abs(residuals.std() - 1.0) < 0.1


def test_a_missing_residual_changes_nothing() -> None:
    sums = np.array([3.0, 0.0, 2.0])
    assert drift.cusum(np.array([np.nan]), sums).tolist() == [drift.NOTHING]
    assert sums.tolist() == [3.0, 0.0, 2.0]
