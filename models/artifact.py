"""What is registered and served: arrays and ONNX graphs under one digest. A pickled payload is refused, whatever its name."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

HEADER, ARRAYS, GRAPH = "model.json", "arrays.npz", ".onnx"
BYTES_MAX = 512 * 1024**2

Array = npt.NDArray[Any]


class ArtifactError(ValueError):
    """The files of a model are not what they claim to be: truncated, altered, pickled or of an unknown kind. They are not loaded."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A trained model as data.

    Args:
        kind: which of models/kinds reads it.
        inputs: name of each input column, in order; the exact signature.
        outputs: name of each output column, in order.
        arrays: plain numbers, bools and texts; no objects.
        graphs: ONNX graphs by name.
        options: small settings of the kind, as JSON.

    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    arrays: Mapping[str, Array] = field(default_factory=dict)
    graphs: Mapping[str, bytes] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Name and bytes of each file; equal models give equal bytes."""
        header = {"kind": self.kind, "inputs": self.inputs, "outputs": self.outputs, "options": dict(self.options)}
        files = {HEADER: json.dumps(header, sort_keys=True, indent=1).encode()}
        if self.arrays:
            files[ARRAYS] = _packed(self.arrays)
        return files | {name + GRAPH: graph for name, graph in self.graphs.items()}

    def digest(self) -> str:
        """sha256 over names and bytes of all files, hexadecimal."""
        return digest(self.files())

    def write(self, folder: Path) -> str:
        """All files into a folder; returns their digest."""
        folder.mkdir(parents=True, exist_ok=True)
        files = self.files()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return digest(files)


def digest(files: Mapping[str, bytes]) -> str:
    """sha256 over names and bytes, in the order of the names."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()


def read(folder: Path, expected: str = "") -> Artifact:
    """The model of a folder.

    Raises:
        ArtifactError: another digest than expected, a file that does not belong, a pickled array, a header that cannot be read.

    """
    files = _files(folder)
    if expected and digest(files) != expected:
        raise ArtifactError(
            f"{folder.name}: digest {digest(files)[:12]}, its version says {expected[:12]}; the files were altered or cut short"
        )
    try:
        header = json.loads(files[HEADER])
        return Artifact(
            header["kind"],
            tuple(header["inputs"]),
            tuple(header["outputs"]),
            _unpacked(files[ARRAYS]) if ARRAYS in files else {},
            {name.removesuffix(GRAPH): content for name, content in files.items() if name.endswith(GRAPH)},
            header["options"],
        )
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{folder.name}: {HEADER} cannot be read: {error}") from error


def _files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.iterdir() if path.is_file())
    strange = [path.name for path in found if path.name not in {HEADER, ARRAYS} and path.suffix != GRAPH]
    if strange:
        raise ArtifactError(f"{folder.name}: {', '.join(strange)}: only {HEADER}, {ARRAYS} and *{GRAPH} are loaded; pickles never are")
    if sum(path.stat().st_size for path in found) > BYTES_MAX:
        raise ArtifactError(f"{folder.name}: over {BYTES_MAX} bytes")
    return {path.name: path.read_bytes() for path in found}


def _packed(arrays: Mapping[str, Array]) -> bytes:
    """An .npz whose bytes depend on the content only."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), member.getvalue(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _unpacked(content: bytes) -> dict[str, Array]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise ArtifactError(f"{ARRAYS}: {error}; pickled or damaged arrays are never loaded") from error
