"""Scores to episodes."""

import numpy as np

from processors.pattern import alarm


def test_an_episode_needs_rows_on_end_and_ends_after_quiet_ones() -> None:
    scores = np.array([0, 3, 0, 3, 3, 3, 0, 3, 0, 0, 0, 3, 3, 3, 3], float)
    assert alarm.episodes(scores, 2.0, 3, 3).tolist() == [[5, 7], [13, 14]]


def test_no_scores_no_episodes() -> None:
    assert alarm.episodes(np.empty(0), 1.0, 3, 3).shape == (0, 2)


def test_a_missing_score_breaks_the_row() -> None:
    assert alarm.held(np.array([2.0, np.nan, 2.0, 2.0]), 2).tolist() == [0.0, 0.0, 0.0, 2.0]
    assert len(alarm.episodes(np.array([2.0, np.nan, 2.0, 2.0]), 1.0, 2, 2)) == 1
