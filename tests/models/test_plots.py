import numpy as np

from models import plots
from tests.models import sample

PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_are_made_and_repeat() -> None:
    dice = np.random.default_rng(0)
    score = dice.random(200)
    truth = dice.random(200) < score
    life = dice.uniform(0, 125, 200)
    made = [
        plots.figures(sample.card()),
        plots.figures(sample.card(figures=())),
        plots.precision_recall(truth, score),
        plots.calibration(truth, score),
        plots.life_errors(life, life + dice.normal(size=200), "cycles"),
        plots.coverage((0.8, 0.9), {"all": sample.card().figures * 2}),
    ]
    assert all(picture.startswith(PNG) for picture in made)
    assert plots.probabilities(truth, score) == {"precision_recall.png": made[2], "calibration.png": made[3]}


def test_shares_of_few_have_wide_ends() -> None:
    low, high = plots._wilson(np.array([0.0, 0.5, 1.0]), np.array([10, 10, 1000]))
    np.testing.assert_allclose(low, [0.0, 0.2366, 0.9962], atol=1e-4)
    np.testing.assert_allclose(high, [0.2775, 0.7634, 1.0], atol=1e-4)
