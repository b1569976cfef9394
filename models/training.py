"""Which named models can be trained with the data at hand, and the training of one."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.datasets import DATASETS
from models.recipe import Recipe
from models.registry import Registry
from models.runs import register


@dataclass(frozen=True, slots=True)
class Ready:
    """A model that can be trained, and the folder its recipe is given; of a simulated one it need not exist."""

    recipe: Recipe
    folder: Path


@dataclass(frozen=True, slots=True)
class Missing:
    """A model whose data is not here, the folder it is looked for in, and how to get it."""

    name: str
    data_set: str
    folder: str
    get: str


def plan(recipes: Iterable[Recipe], data: Path) -> tuple[list[Ready], list[Missing]]:
    """Models that can be trained with a folder of data sets, and those that cannot."""
    ready: list[Ready] = []
    missing: list[Missing] = []
    for recipe in recipes:
        known = DATASETS.get(recipe.data_set)
        folder = data / (known.folder if known else recipe.data_set)
        if recipe.simulated or folder.is_dir():
            ready.append(Ready(recipe, folder))
        else:
            missing.append(Missing(recipe.name, recipe.data_set, str(folder), known.get if known else ""))
    return ready, missing


def train(registry: Registry, given: Ready, seed: int) -> dict[str, Any]:
    """Train and register one model; its line of the table.

    Raises:
        DataError: a file of its data is missing or is not what was published.
        RegistryError: MLflow is away; nothing was registered.

    """
    began = time.monotonic()
    known = register(registry, given.recipe.train(given.folder, seed), seed=seed)
    row = known.row()
    told = {name: row[name] for name in ("name", "version", "metric", "value", "baseline")}
    return {**told, "seconds": round(time.monotonic() - began, 1), "aliases": row["aliases"], "gate": row["gate"]}
