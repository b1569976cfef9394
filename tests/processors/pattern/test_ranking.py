"""Ranks among healthy scores."""

import numpy as np

from processors.pattern.ranking import ranks


def test_ranks_rise_with_the_score_and_count_healthy_scores_beyond() -> None:
    random = np.random.default_rng(0)
    healthy = random.gamma(2.0, size=500)
    scores = np.sort(random.gamma(2.0, size=200) * 3.0)
    found = ranks(scores, healthy)
    inside = scores <= healthy.max()
    expected = np.log10(501.0 / ((healthy[None] >= scores[inside, None]).sum(axis=1) + 1.0))
    assert (np.diff(found) >= 0.0).all()
    assert np.allclose(found[inside], expected)
    assert found[-1] > np.log10(501.0)
