from dataclasses import replace

import pytest

from models.card import Figure
from models.simple import BEHIND, frank, others, strongest
from tests.models import sample


@pytest.mark.parametrize(("better", "best"), [("higher", "b"), ("lower", "a")])
def test_the_best_figure_names_the_baseline(better: str, best: str) -> None:
    figures = {"a": 1.0, "b": 2.0, "c": float("nan")}
    assert strongest(figures, better) == best  # type: ignore[arg-type]
    assert f"{best} {figures[best]:g}" not in others(figures, better)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "simple", "better", "behind"),
    [(0.8, 0.7, "higher", False), (0.8, 0.8, "higher", True), (3.0, 2.0, "lower", True), (3.0, float("nan"), "lower", False)],
)
def test_a_card_says_plainly_that_no_model_is_needed(value: float, simple: float, better: str, *, behind: bool) -> None:
    figure = Figure("set", "split", "F1", value, better, simple=simple, note="as before")  # type: ignore[arg-type]
    told = frank(sample.card(figures=(figure, replace(figure, metric="PR-AUC")))).figures
    assert told[0].note == (f"{BEHIND}; as before" if behind else "as before")
    assert told[1].note == "as before"  # the first figure decides
