"""A named model: what it needs and how it is made."""

from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from models.artifact import Artifact
from models.card import Card
from models.simple import frank
from models.table import FloatArray

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Trained:
    """The result of one training run.

    Args:
        artifact: what is served; the card's figures were computed with it or its members, read back from its own files.
        card: with figures.
        example: (few, inputs) rows that show the signature.
        parameters: what the run was made with, for the registry.
        plots: PNG images by file name.

    """

    artifact: Artifact
    card: Card
    example: FloatArray
    parameters: dict[str, str | float | int]
    plots: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One line of the catalogue.

    Args:
        name: of the registered model, lower case with underscores.
        data_set: name in models/datasets, whose folder it needs.
        module: `package.module:function`; the function takes (folder, seed) and returns Trained.
            Named, not imported: heavy libraries stay out.
        simulated: the data set is generated on the spot where no folder is given.
        domains: what it is for, for example bearing, pump, turbofan, general; they go onto its card.

    """

    name: str
    data_set: str
    module: str
    simulated: bool = False
    domains: tuple[str, ...] = ()

    def train(self, folder: Path, seed: int = 0) -> Trained:
        """Run it. Equal folder, seed and libraries give equal figures to 1e-9 on one machine."""
        module, function = self.module.split(":")
        made: Callable[[Path, int], Trained] = getattr(import_module(module), function)
        found = made(folder, seed)
        return replace(found, card=frank(replace(found.card, domains=self.domains)))
