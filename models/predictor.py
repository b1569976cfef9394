"""A model in memory, ready to answer. Each kind of artifact has one module in models/kinds."""

from importlib import import_module
from typing import Protocol

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray

KINDS = {
    "bins": "models.kinds.bins",
    "ensemble": "models.kinds.ensemble",
    "graph": "models.kinds.graph",
    "halfspace": "models.kinds.halfspace",
    "layers": "models.kinds.layers",
    "linear": "models.kinds.linear",
    "machine": "models.kinds.machine",
    "recording": "models.kinds.recording",
    "stack": "models.kinds.stack",
    "stream": "models.kinds.stream",
    "t2spe": "models.kinds.t2spe",
    "trees": "models.kinds.trees",
    "trend": "models.kinds.trend",
}


class Predictor(Protocol):
    """Answers rows. Equal rows get bit-equal answers, one by one or together."""

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to answers (n, outputs), both float64."""

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """Share of each input in the first output, (n, inputs); None where no cheap form exists."""


def predictor(artifact: Artifact) -> Predictor:
    """The model of an artifact.

    Raises:
        ArtifactError: a kind that this version does not know, or content that its kind cannot use.

    """
    if artifact.kind not in KINDS:
        raise ArtifactError(f"kind {artifact.kind!r} is unknown; known: {', '.join(sorted(KINDS))}")
    made: Predictor = import_module(KINDS[artifact.kind]).make(artifact)
    return made
