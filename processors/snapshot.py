"""A State as bytes and back. The same state gives the same bytes: indexes and spare room are left out."""

import json
import struct
from dataclasses import asdict
from typing import Final

import numpy as np

from processors import ensemble
from processors.identity import reindex
from processors.layout import ASSETS, CELLS, KERNEL, REGIMES, RESCALES, SENSORS, TEXT
from processors.options import Options
from processors.state import State

HEAD: Final = struct.Struct("<I")
HEADED: Final = ("words", "versions", "awaited", "declared", "spectra", "begun")
PARTS: Final = (  # array, counter of its rows
    ("numbers", None),
    ("sensors", SENSORS),
    ("assets", ASSETS),
    ("cells", CELLS),
    ("text", TEXT),
    ("regimes", REGIMES),
    ("rescales", RESCALES),
)


class IncompatibleError(ValueError):
    """A snapshot that this version cannot read; the message names the remedy."""


def pack(state: State) -> bytes:
    """The snapshot of a state.

    >>> unpack(pack(State(Options()))).options == Options()
    True
    """
    deeps = sorted(state.deeps)
    head = {"kernel": KERNEL, "options": asdict(state.options), "deeps": deeps} | {name: getattr(state, name) for name in HEADED}
    text = json.dumps(head, sort_keys=True).encode()
    parts = [_part(state, name, counter) for name, counter in PARTS]
    return b"".join([HEAD.pack(len(text)), text, *parts, *(state.deeps[slot].tobytes() for slot in deeps)])


def unpack(blob: bytes) -> State:
    """The state in a snapshot.

    Raises:
        IncompatibleError: it was written by another kernel version, or is damaged.
    """
    size = HEAD.unpack_from(blob)[0]
    head = json.loads(blob[HEAD.size : HEAD.size + size])
    if head["kernel"] != KERNEL:
        raise IncompatibleError(f"snapshot of kernel {head['kernel']}, this is kernel {KERNEL}: run `maint rescore` or start that version")
    state = State(Options(**head["options"]))
    state.words, state.versions, state.spectra = head["words"], head["versions"], head["spectra"]
    state.declared, state.begun = head["declared"], head.get("begun", {})  # older snapshots know of none
    state.awaited = {name: [(asset, field, k) for asset, field, k in places] for name, places in head["awaited"].items()}
    at = HEAD.size + size
    for name, counter in PARTS:
        array = getattr(state, name)
        rows = len(array) if counter is None else int(state.numbers[counter])
        part = np.frombuffer(blob, array.dtype, rows * int(np.prod(array.shape[1:])), at).reshape(rows, *array.shape[1:])
        room = np.zeros((max(len(array), rows), *array.shape[1:]), array.dtype)
        room[:rows] = part
        setattr(state, name, room)
        at += part.nbytes
    for slot in head.get("deeps", []):  # older snapshots know of none
        state.deeps[slot] = np.zeros(1, ensemble.OWN)  # a copy would leave what lay in memory between the fields
        state.deeps[slot][:] = np.frombuffer(blob, ensemble.OWN, 1, at)
        at += ensemble.OWN.itemsize
    if at != len(blob):
        raise IncompatibleError(f"snapshot of {len(blob)} bytes, expected {at}: it is damaged, restore an older one")
    reindex(state)
    return state


def _part(state: State, name: str, counter: int | None) -> bytes:
    array = getattr(state, name)
    return bytes(array.tobytes() if counter is None else array[: int(state.numbers[counter])].tobytes())
