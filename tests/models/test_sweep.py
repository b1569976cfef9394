"""The benchmark's score on files small enough to count by hand, and against brute force."""

import numpy as np
import pytest

from models.sweep import PROFILES, STANDARD, Corpus, best, corpus, normalised, results
from models.table import FloatArray, Table


def table(*files: list[int]) -> Table:
    rows = [np.array(file, float) for file in files]
    lengths = [len(file) for file in rows]
    time = np.concatenate([np.arange(length, dtype=float) for length in lengths])
    unit = np.repeat(np.arange(len(files)), lengths)
    return Table({"value": time.copy()}, {"window": np.concatenate(rows)}, unit, time, "s", tuple(map(str, range(len(files)))))


FILES = table([0] * 40 + [1] * 10 + [0] * 30 + [2] * 12 + [0] * 20, [0] * 60, [0] * 30 + [1] * 8 + [0] * 30)


def brute(marked: Corpus, scores: FloatArray) -> float:
    return max(normalised(results(marked, scores, threshold)) for threshold in [*np.unique(np.round(scores, 12)).tolist(), np.inf])


def test_silence_is_0_and_perfect_is_100() -> None:
    marked = corpus(FILES)
    first_rows = np.zeros(len(FILES))
    for number in np.unique(marked.window[marked.window >= 0]):
        first_rows[marked.rows[marked.window == number][0]] = 1.0
    assert best(marked, np.zeros(len(FILES)))[0] == 0.0
    assert best(marked, first_rows)[0] == pytest.approx(100.0)
    assert normalised(results(marked, first_rows, 2.0)) == 0.0


def test_the_probation_does_not_count() -> None:
    marked = corpus(FILES)
    assert marked.rows[0] == int(0.15 * 112)
    assert len(marked.rows) == 112 - 16 + 60 - 9 + 68 - 10


@pytest.mark.parametrize("seed", range(5))
def test_the_sweep_finds_what_brute_force_finds(seed: int) -> None:
    scores = np.round(np.random.default_rng(seed).random(len(FILES)), 1)
    marked = corpus(FILES)
    assert best(marked, scores)[0] == pytest.approx(brute(marked, scores), abs=1e-9)


def test_early_hits_are_worth_more_and_distant_false_rows_cost_more() -> None:
    worth = corpus(table([0] * 40 + [1] * 10 + [0] * 60)).worth
    window, after = worth[40 - 16 : 50 - 16], worth[50 - 16 :]
    assert window[0] == pytest.approx(1.0)
    assert (np.diff(window) < 0.0).all()
    assert (np.diff(after) <= 0.0).all()
    assert after[-1] == -1.0


def test_a_missed_window_costs_double_where_misses_matter() -> None:
    marked = corpus(FILES)
    parts = results(marked, np.zeros(len(FILES)), 1.0, PROFILES[2])
    assert sum(part.raw for part in parts) == -6.0
    assert STANDARD.missed == 1.0
