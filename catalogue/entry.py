"""Catalogue entries as the sheet sees them: complete records by the subject they describe."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from catalogue.columns import ASSET, BY_NAME, KINDS
from schemas.manifest import NEWEST

Entry: TypeAlias = dict[str, Any]  # a CatalogueEntry, all fields present
Subject: TypeAlias = tuple[str, str]  # kind and id
Catalogue: TypeAlias = Mapping[Subject, Entry]


FIELDS: Final = {field["name"]: field.get("default") for field in NEWEST["CatalogueEntry"].parsed["fields"]}


def blank(kind: str) -> Entry:
    """An entry that states nothing.

    >>> blank("sensor")["scale"], blank("sensor")["unit"], blank("asset")["modes"]
    (1.0, None, [])
    """
    empty = {name: [] if value == [] else value for name, value in FIELDS.items()}
    return {**empty, "kind": kind, "version": -1}


def subject(entry: Mapping[str, Any]) -> Subject:
    """Whom an entry describes."""
    return entry["kind"], entry["asset_id"] if entry["kind"] == ASSET else entry["sensor_id"]


def catalogue(entries: Iterable[Entry]) -> dict[Subject, Entry]:
    """Entries of assets and sensors by subject: the highest version of each."""
    found: dict[Subject, Entry] = {}
    for entry in (entry for entry in entries if entry["kind"] in KINDS):
        known = found.get(subject(entry))
        if known is None or entry["version"] >= known["version"]:
            found[subject(entry)] = entry
    return found


def fields(kind: str) -> list[str]:
    """Fields that a row of this kind may state, but what says whom it describes."""
    own = "asset_id" if kind == ASSET else "sensor_id"
    return [name for name, column in BY_NAME.items() if kind in column.kinds and name not in {"kind", own}]
