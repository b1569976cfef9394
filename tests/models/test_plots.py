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
    ]
    assert all(picture.startswith(PNG) for picture in made)
    assert plots.calibration(truth, score) == made[3]
