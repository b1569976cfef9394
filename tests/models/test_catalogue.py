"""What the table of named models promises before anything is trained."""

from importlib import import_module
from pathlib import Path

import pytest

from models import recipe
from models.catalogue import RECIPES
from models.datasets import DATASETS
from models.recipe import Recipe
from tests.models import sample

WANTED = {
    *("temperature", "vibration", "pressure", "flow", "current", "audio", "sound"),
    *("manufacturing", "bearing", "pump", "battery", "turbofan", "general"),
}


def test_every_domain_has_a_model() -> None:
    assert {domain for known in RECIPES for domain in known.domains} >= WANTED
    assert all(known.domains for known in RECIPES)


def test_enough_models_and_enough_without_any_folder() -> None:
    assert len(RECIPES) == len({known.name for known in RECIPES}) >= 17
    assert sum(known.simulated for known in RECIPES) >= 8
    assert {known.data_set for known in RECIPES} <= DATASETS.keys()


@pytest.mark.parametrize("module", sorted({known.module for known in RECIPES}))
def test_what_the_table_names_exists(module: str) -> None:
    name, function = module.split(":")
    assert callable(getattr(import_module(name), function))


def test_the_card_carries_the_domains_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "import_module", lambda _: sample)
    monkeypatch.setattr(sample, "made", lambda _, seed: sample.trained("wear", seed=seed), raising=False)
    trained = Recipe("wear", "generated", "sample:made", simulated=True, domains=("pump", "bearing")).train(Path())
    assert trained.card.domains == ("pump", "bearing")
