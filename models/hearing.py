"""Which lasting shifts of a single input a machine's detector hears: a threshold can be so high that nothing usual reaches it."""

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from models.artifact import Artifact
from models.card import Card
from models.predictor import predictor
from processors.pattern.scale import robust

if TYPE_CHECKING:
    from models.fit import Baseline

MOVE: Final = 3.0  # robust standard deviations of one input
ROWS: Final = 300  # of a mode that are shifted
UNHEARD: Final = "unheard"  # tag of the card: inputs by mode


def unheard(teaching: "Baseline", artifact: Artifact) -> dict[str, list[str]]:
    """Inputs of each learnt mode whose shift by MOVE, either way, leaves most rows below the threshold; modes without one are left out.

    Args:
        teaching: healthy rows with the columns of the artifact.
        artifact: a detector of one machine (models/kinds/machine.py).

    """
    model, modes = predictor(artifact), tuple(artifact.options["modes"])
    coded = teaching.coded(modes)
    found: dict[str, list[str]] = {}
    for place, mode in enumerate(modes):
        own = np.flatnonzero(coded[:, -1] == place)
        rows, spread = coded[own[:: 1 + len(own) // ROWS]], robust(teaching.rows[own]).spread
        for column in range(len(spread)):
            moved = [rows + np.eye(1, rows.shape[1], column) * way * MOVE * spread[column] for way in (-1.0, 1.0)]
            if max(float(np.nanmedian(model.predict(each)[:, 0])) for each in moved) < 1.0:
                found.setdefault(mode, []).append(teaching.columns[column])
    return found


def tag(found: dict[str, list[str]]) -> dict[str, str]:
    """What of it stays with the card; nothing when everything is heard."""
    return {UNHEARD: json.dumps(found)} if found else {}


def warnings(card: Card, columns: int) -> list[str]:
    """One sentence for each mode in which the detector is nearly deaf: no shift of any of its `columns` by MOVE is heard."""
    found: dict[str, list[str]] = json.loads(card.tags.get(UNHEARD, "{}"))
    return [
        f"nearly deaf in mode {mode}: no lasting shift of one input by {MOVE:g} robust sigmas reaches the threshold; "
        "accept a longer or steadier reference, or take another --detector"
        for mode, names in found.items()
        if len(names) == columns
    ]


def doubt(card: Card, columns: int, modes: int) -> dict[str, str]:
    """The verdict on a detector that hears nothing in any of its `modes`: what never rings makes no false episode, and beats nobody."""
    told = warnings(card, columns)
    return {"gate": told[0]} if len(told) == modes else {}
