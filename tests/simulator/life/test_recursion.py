import numpy as np

from simulator.life.recursion import follow, lagged, wander


def test_doubling_is_the_loop() -> None:
    push = np.random.default_rng(1).normal(size=(2, 1000))
    expected, last = np.empty_like(push), np.zeros(2)
    for step in range(1000):
        last = 0.97 * last + push[:, step]
        expected[:, step] = last
    assert np.allclose(follow(0.97, push), expected, atol=1e-7)


def test_a_lag_begins_in_balance_and_ends_at_the_target() -> None:
    target = np.concatenate([np.full(10, 5.0), np.full(1000, 8.0)])
    found = lagged(target, 600.0, 60.0)
    assert np.allclose(found[:10], 5.0)
    assert abs(found[-1] - 8.0) < 1e-6
    assert abs(found[9 + 10] - (8.0 - 3.0 * np.exp(-1.0))) < 1e-6


def test_wander_has_unit_variance_and_its_memory() -> None:
    found = wander(np.random.default_rng(2), (200_000,), 600.0, 60.0)
    assert abs(found.std() - 1.0) < 0.05
    assert abs(np.corrcoef(found[:-10], found[10:])[0, 1] - np.exp(-1.0)) < 0.05
