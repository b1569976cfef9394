"""Catalogue entries as the sheet sees them: complete records by the subject they describe."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from catalogue.columns import ASSET, BY_NAME, DEFAULTS, HEADER

Entry: TypeAlias = dict[str, Any]  # a CatalogueEntry, all fields present
Subject: TypeAlias = tuple[str, str]  # kind and id
Catalogue: TypeAlias = Mapping[Subject, Entry]


def blank(kind: str) -> Entry:
    """An entry that states nothing.

    >>> blank("sensor")["scale"], blank("sensor")["unit"], blank("asset")["modes"]
    (1.0, None, [])
    """
    made: Entry = {name: DEFAULTS.get(name) for name in HEADER}
    return {**made, "kind": kind, "version": -1, **{name: [] for name, value in made.items() if value == []}}


def subject(entry: Mapping[str, Any]) -> Subject:
    """Whom an entry describes."""
    return entry["kind"], entry["asset_id"] if entry["kind"] == ASSET else entry["sensor_id"]


def catalogue(entries: Iterable[Entry]) -> dict[Subject, Entry]:
    """Entries by subject: the highest version of each."""
    found: dict[Subject, Entry] = {}
    for entry in entries:
        known = found.get(subject(entry))
        if known is None or entry["version"] >= known["version"]:
            found[subject(entry)] = entry
    return found


def fields(kind: str) -> list[str]:
    """Fields that a row of this kind may state, but what says whom it describes."""
    own = "asset_id" if kind == ASSET else "sensor_id"
    return [name for name, column in BY_NAME.items() if kind in column.kinds and name not in {"kind", own}]


def key(found: Subject) -> str:
    """Kafka key of its entry.

    >>> key(("sensor", "P1.temp"))
    'sensor/P1.temp'
    """
    return f"{found[0]}/{found[1]}"
