"""A stored prediction, computed once more from its own row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.predictor import predictor
from models.registry import Registry
from models.table import FloatArray
from models.tracking import RegistryError


@dataclass(frozen=True, slots=True)
class Again:
    """Stored and recomputed outputs, and whether they are equal bit by bit."""

    outputs: tuple[str, ...]
    stored: FloatArray
    computed: FloatArray

    @property
    def equal(self) -> bool:
        """True when every bit is the same."""
        return self.stored.tobytes() == self.computed.tobytes()


def reproduce(registry: Registry, row: Mapping[str, Any]) -> Again:
    """Ask the version that a row names with the inputs it holds.

    The row holds model, version, digest, inputs (value by name) and outputs (value by name).

    Raises:
        RegistryError: the row lacks something, or its version is not there or has other files than it had.

    """
    try:
        known = registry.version(row["model"], int(row["version"]))
        if known.digest != row["digest"]:
            raise RegistryError(f"{known.name} version {known.number} has digest {known.digest[:12]}, the prediction {row['digest'][:12]}")
        given = np.array([[row["inputs"][name] for name in known.inputs]], np.float64)
        stored = np.array([row["outputs"][name] for name in known.outputs], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"not a stored prediction: {type(error).__name__} {error}") from error
    return Again(known.outputs, stored, predictor(registry.load(known)).predict(given)[0])
