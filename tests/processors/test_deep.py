"""The deep ensemble: its histogram and first views against plain Python, and the laws of a stream."""

import numpy as np
import pytest

from processors import deep, surprise, views


def stream(rows: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    time = np.arange(rows) * 300.0
    return time, 50.0 + 5.0 * np.sin(2 * np.pi * time / 86400.0) + random.normal(size=rows)


def oracle(deviations: list[float], weight: float, readings: float) -> list[float]:
    bins, total, top, found = np.zeros(surprise.BINS), 0.0, 0, []
    for deviation in deviations:
        place = min(max(int((np.log2(deviation + 1e-12) + 20.0) * 8), 0), surprise.BINS - 1)
        if total < 30.0:
            found.append(0.0)
        elif place <= top:
            found.append(max(-np.log10((bins[place + 1 : top + 1].sum() + 0.5 * bins[place] + 0.5) / (total + 1.0)), 0.0))
        else:
            k, beyond = top, 0.0
            while k > 0 and beyond < 0.05 * total:
                beyond, k = beyond + bins[k], k - 1
            slope = np.log10(max(0.05 * total, 2.0)) / (0.30103 * max(top - k, 4) / 8)
            found.append(np.log10(total + 1.0) + weight * min(max(slope, 1.0), 20.0) * 0.30103 * (place - top) / 8)
        bins[place], total, top = bins[place] + 1.0, total + 1.0, max(top, place)
        if total > readings:
            bins, total = bins * 0.5, total * 0.5
            while top > 0 and bins[top] < 0.02:
                top -= 1
    return found


def test_a_surprise_is_the_share_of_larger_deviations() -> None:
    deviations = np.random.default_rng(1).gamma(2.0, size=800).tolist()
    bins, totals, tops = np.zeros(surprise.BINS), np.zeros(2), np.zeros(2, np.int64)
    found = [surprise.learn(bins, totals, tops, 1, each, 0.7, 500.0) for each in deviations]
    assert np.allclose(found, oracle(deviations, 0.7, 500.0), rtol=1e-12)
    assert totals[0] == 0.0


def test_level_and_step_are_distances_in_spreads() -> None:
    _, values = stream(200)
    state = deep.begin()
    deep.scores(np.arange(199.0), values[:199], state)
    scale = state["spread"][0] + 1e-9 * (abs(state["level"][0]) + 1e-9) + 1e-12
    expected = abs(values[199] - state["level"][0]) / scale, abs(values[199] - values[198]) / scale
    deep.scores(np.array([199.0]), values[199:], state)
    assert state["raw"][0, views.LEVEL] == pytest.approx(expected[0], rel=1e-12)
    assert state["raw"][0, views.STEP] == pytest.approx(expected[1], rel=1e-12)


def test_a_pair_is_new_once_on_each_grid() -> None:
    state = deep.begin()
    assert views._novelty(state[0], 0, 10, 50) == 6.0
    assert views._novelty(state[0], 0, 10, 50) == 0.0
    assert 0.0 < views._novelty(state[0], 0, 10, 48) < 6.0


def test_reading_by_reading_equals_the_whole_series() -> None:
    time, values = stream()
    state = deep.begin()
    parts = np.concatenate([deep.scores(time[i : i + 7], values[i : i + 7], state) for i in range(0, len(time), 7)])
    assert parts.tolist() == deep.scores(time, values, deep.begin()).tolist()


def test_what_was_put_in_scores_highest_and_scores_are_finite() -> None:
    time, values = stream()
    for place, size in ((900, 40.0), (1300, -60.0)):
        values[place] += size
    found = deep.scores(time, values, deep.begin())
    assert set(np.argsort(-found)[:2].tolist()) == {900, 1300}
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()


def test_a_missing_value_gets_no_score_and_teaches_nothing() -> None:
    time, values = stream(300)
    state = deep.begin()
    deep.scores(time, values, state)
    before = state.copy()
    assert np.isnan(deep.scores(np.array([9e4]), np.array([np.nan]), state)[0])
    assert state.tobytes() == before.tobytes()


def test_a_constant_series_is_silent() -> None:
    assert deep.scores(np.arange(600, dtype=np.float64) * 60.0, np.full(600, 4.0), deep.begin()).max() < 1.0
