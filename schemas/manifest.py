"""Every released version of every record, and the ids they carry in front of a value.

The files are never edited after a release: a change is a new version beside the old one.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import fastavro

Schema: TypeAlias = dict[str, Any]
Node: TypeAlias = Any  # any part of a schema, as in its JSON: a name, a mapping or a list

ROOM: Final = Path(__file__).parent
FIRST_ID: Final = 2_000_000_001  # manifest ids: FIRST_ID + n, far beyond what a registry hands out
NAMESPACE: Final = "maintenance.v1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One released version of one record.

    Attributes:
        name: unqualified name of the record (`Reading`).
        version: 1 for the first release of this record.
        id: schema id in front of every value, 4 bytes.
        file: file below `schemas/avsc`.
        sha256: fingerprint of the released schema; guards the file against edits.
        schema: the released JSON, with documentation and logical types.
        parsed: the same for fastavro, without logical types: times are plain integers.
    """

    name: str
    version: int
    id: int
    file: str
    sha256: str
    schema: Schema
    parsed: Schema


def plain(node: Node) -> Node:
    """The schema without logical types, so that codecs read and write bare numbers and bytes.

    >>> plain({"type": "long", "logicalType": "timestamp-micros"})
    {'type': 'long'}
    """
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items() if key != "logicalType"}
    if isinstance(node, list):
        return [plain(item) for item in node]
    return node


def parse(schema: Node) -> Schema:
    """The schema as fastavro wants it, without logical types.

    Raises:
        Exception: whatever fastavro finds wrong; it has no common error class.
    """
    parsed: Schema = fastavro.parse_schema(plain(schema))
    return parsed


def fingerprint(schema: Node) -> str:
    """SHA-256 of the schema as compact JSON with sorted keys and without documentation: doc may be corrected, nothing else."""
    return hashlib.sha256(json.dumps(_undocumented(schema), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def released(name: str) -> tuple[Entry, ...]:
    """All versions of a record, oldest first."""
    return tuple(sorted((entry for entry in ENTRIES if entry.name == name), key=lambda entry: entry.version))


def _undocumented(node: Node) -> Node:
    if isinstance(node, dict):
        return {key: _undocumented(value) for key, value in node.items() if key != "doc"}
    if isinstance(node, list):
        return [_undocumented(item) for item in node]
    return node


def _load() -> tuple[Entry, ...]:
    rows = json.loads((ROOM / "manifest.json").read_text(encoding="utf-8"))
    return tuple(_entry(row) for row in rows)


def _entry(row: dict[str, Any]) -> Entry:
    schema = json.loads((ROOM / "avsc" / row["file"]).read_text(encoding="utf-8"))
    return Entry(row["name"], row["version"], row["id"], row["file"], row["sha256"], schema, parse(schema))


ENTRIES: Final = _load()
BY_ID: Final = MappingProxyType({entry.id: entry for entry in ENTRIES})
NEWEST: Final = MappingProxyType({entry.name: entry for entry in sorted(ENTRIES, key=lambda entry: entry.version)})
