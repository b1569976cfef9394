import pytest

from models.card import Figure
from models.gate import against
from models.registry import Registry
from models.runs import register
from models.version import PASSED
from tests.models import sample


def figure(**changes: object) -> Figure:
    given: dict[str, object] = {"trivial": 0.5, "trivial_name": "always wear", "simple": 0.6, "simple_name": "", **changes}
    return Figure("generated", "held-out rows", "F1", 0.85, "higher", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, PASSED),
        ({"simple": 0.7, "simple_name": "a stronger rule"}, PASSED),
        ({"simple": 0.7}, "judged on other rows"),
        ({"trivial": 0.4}, "judged on other rows"),
    ],
)
def test_a_stronger_baseline_does_not_make_the_rows_others(registry: Registry, changes: dict[str, object], verdict: str) -> None:
    champion = register(registry, sample.trained(), seed=0)
    assert against(figure(**changes), champion).startswith(verdict)
