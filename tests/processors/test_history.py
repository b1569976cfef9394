"""Oracles: the definitions in plain numpy."""

import numpy as np
import pytest

from processors.history import ALIKE, BLOCKS, CAP, LIFE, SMOOTHING, WIDTH, lives, past, smoothed

RANDOM = np.random.default_rng(8)
Z = RANDOM.normal(size=(90, 2)).cumsum(axis=0)
FIRST = np.repeat([0, 60], [60, 30])
SENSORS = 2


def block(name: str) -> slice:
    at = BLOCKS.index(name) * SENSORS
    return slice(at, at + SENSORS)


@pytest.mark.parametrize("row", [0, 3, 4, 25, 59, 60, 89])
def test_windows_and_slopes_are_means_and_least_squares(row: int) -> None:
    found = past(Z, FIRST)[row]
    for window in (5, 10, 20, 40):
        seen = Z[max(FIRST[row], row - window + 1) : row + 1]
        np.testing.assert_allclose(found[block(f"mean_{window}")], seen.mean(axis=0))
        slope = np.polyfit(np.arange(len(seen)), seen, 1)[0] if len(seen) >= 5 else np.zeros(2)
        np.testing.assert_allclose(found[block(f"slope_{window}")], slope, atol=1e-12)


def test_the_rest_of_the_past_follows_its_definition() -> None:
    found = past(Z, FIRST)[59]
    own = Z[:60]
    new = np.array([own[: min(k + 1, 20)].mean(axis=0) for k in range(60)])
    drift, variance, slow = np.zeros(2), np.zeros(2), own[0].copy()
    for k in range(60):
        drift = 0.995 * drift + own[k] - new[k]
        variance += 0.05 * ((own[k] - new[k]) ** 2 - variance)
        slow += SMOOTHING[0] * (own[k] - slow)
    expected = {"mean_all": own.mean(axis=0), "new": new[-1], "drift": drift, "spread": np.sqrt(variance), "smooth_slow": slow}
    for name, values in expected.items():
        np.testing.assert_allclose(found[block(name)], values, err_msg=name)
    np.testing.assert_allclose(found[block("change")], own[-40:].mean(axis=0) - new[-1])


def test_rows_only_look_back_and_never_at_another_machine() -> None:
    changed = Z.copy()
    changed[40:60] += 100.0
    before, after = past(Z, FIRST), past(changed, FIRST)
    np.testing.assert_array_equal(before[:40], after[:40])
    np.testing.assert_array_equal(before[60:], after[60:])


def test_smoothing_begins_anew_with_each_machine() -> None:
    found = smoothed(Z, FIRST, 0.1)
    np.testing.assert_array_equal(found[60], Z[60])
    np.testing.assert_allclose(found[1], 0.9 * Z[0] + 0.1 * Z[1])


def reference() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    machine = np.repeat(np.arange(40), 5)
    return RANDOM.normal(size=(200, 3)).astype(np.float32), machine, RANDOM.integers(0, 200, 200).astype(np.float64), np.arange(40) % 2


def test_lives_are_those_of_the_most_similar_machines_that_may_be_asked() -> None:
    shapes, machine, life, group = reference()
    group = np.where(np.arange(40) < 35, 0, 1)
    query = shapes[:1] + np.float32(0.1)
    found = lives(query, np.array([3]), shapes, machine, life, group, 2)[0, 1]
    squares = ((query - shapes) ** 2).sum(axis=1)
    best = [min((squares[k], life[k]) for k in range(200) if machine[k] == m) for m in range(35) if m != 3]
    near = sorted(best)[:ALIKE]
    distance, left = np.array(near).T
    weight = np.exp((distance[0] - distance) / (WIDTH * distance[ALIKE // 2] + 1e-9))
    expected = {
        "life": (weight * left).sum() / weight.sum(),
        "life_capped": (weight * np.minimum(left, CAP)).sum() / weight.sum(),
        "life_distance": np.sqrt(distance[0]),
        "life_median": np.median(left),
    }
    for name, value in expected.items():
        assert found[LIFE.index(name)] == pytest.approx(value, rel=1e-5), name


def test_a_row_asks_the_same_alone_and_together() -> None:
    shapes, machine, life, group = reference()
    query = RANDOM.normal(size=(20, 3)).astype(np.float32)
    own = np.full(20, -1)
    together = lives(query, own, shapes, machine, life, group, 2)
    alone = [lives(query[k : k + 1], own[:1], shapes, machine, life, group, 2)[0] for k in range(20)]
    np.testing.assert_array_equal(together, alone)
