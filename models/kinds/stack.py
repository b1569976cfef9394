"""Several models as one: the weighted sum of members, each with its own kind and its own choice of the inputs.

Options: `members` (kind, inputs and options by name; their arrays and graphs stand under the name), `weights` by name,
`clip`: lowest and highest answer. Sums go in the order of the names.
Members that were trained on different folds stay apart, so that each can be judged on the rows it never saw.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from models.artifact import Artifact, ArtifactError
from models.predictor import Predictor, predictor
from models.table import FloatArray, IntArray

Content = TypeVar("Content")


def stack(parts: Mapping[str, tuple[Artifact, float]], inputs: Sequence[str], clip: tuple[float, float] | None = None) -> Artifact:
    """An artifact that holds its members whole.

    Args:
        parts: member and weight by name.
        inputs: of all members together.
        clip: lowest and highest answer.

    """
    first, _ = next(iter(parts.values()))
    headers = {name: {"kind": part.kind, "inputs": part.inputs, "options": dict(part.options)} for name, (part, _) in parts.items()}
    arrays = {f"{name}.{key}": array for name, (part, _) in parts.items() for key, array in part.arrays.items()}
    graphs = {f"{name}.{key}": graph for name, (part, _) in parts.items() for key, graph in part.graphs.items()}
    options = {"members": headers, "weights": {name: weight for name, (_, weight) in parts.items()}, "clip": clip}
    return Artifact("stack", tuple(inputs), first.outputs, arrays, graphs, options)


def members(artifact: Artifact) -> dict[str, Artifact]:
    """Each member as an artifact of its own, in the order of the names."""
    return {
        name: Artifact(
            header["kind"],
            tuple(header["inputs"]),
            artifact.outputs,
            _below(name, artifact.arrays),
            _below(name, artifact.graphs),
            header["options"],
        )
        for name, header in sorted(artifact.options["members"].items())
    }


def _below(name: str, content: Mapping[str, Content]) -> dict[str, Content]:
    return {key.removeprefix(f"{name}."): value for key, value in content.items() if key.startswith(f"{name}.")}


class Stack:
    """Members that answer the same rows."""

    def __init__(self, artifact: Artifact) -> None:
        parts, weights = members(artifact), artifact.options["weights"]
        self._members: list[tuple[float, Predictor, IntArray]] = [
            (float(weights[name]), predictor(parts[name]), _places(artifact.inputs, parts[name].inputs)) for name in parts
        ]
        self._clip = artifact.options["clip"]
        self._outputs = len(artifact.outputs)

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to answers (n, outputs)."""
        total = np.zeros((len(rows), self._outputs))
        for weight, model, places in self._members:
            total += weight * model.predict(rows[:, places])
        return total if self._clip is None else np.clip(total, *self._clip)

    def explain(self, rows: FloatArray) -> FloatArray | None:
        """Weighted sum of the members' shares, each before its own link; None where a member has none."""
        total = np.zeros(rows.shape)
        for weight, model, places in self._members:
            share = model.explain(rows[:, places])
            if share is None:
                return None
            total[:, places] += weight * share
        return total


def _places(names: Sequence[str], chosen: Sequence[str]) -> IntArray:
    place = {name: number for number, name in enumerate(names)}
    try:
        return np.asarray([place[name] for name in chosen], np.int64)
    except KeyError as error:
        raise ArtifactError(f"a member needs the input {error}, which the stack does not have") from error


def make(artifact: Artifact) -> Stack:
    """The predictor of this kind."""
    weights, named = artifact.options.get("weights"), artifact.options.get("members")
    if not weights or not named or weights.keys() != named.keys():
        raise ArtifactError("kind stack needs one weight for each of its members")
    return Stack(artifact)
