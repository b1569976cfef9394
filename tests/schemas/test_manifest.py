import json
from pathlib import Path

import pytest

from schemas.manifest import BY_ID, ENTRIES, FIRST_ID, NAMESPACE, NEWEST, ROOM, Entry, fingerprint, plain, released


def nodes(node: object) -> list[dict[str, object]]:
    inner = node if isinstance(node, list) else list(node.values()) if isinstance(node, dict) else []
    return [*([node] if isinstance(node, dict) else []), *(found for item in inner for found in nodes(item))]


def test_ids_count_up_from_the_first() -> None:
    assert [entry.id for entry in ENTRIES] == [FIRST_ID + n for n in range(len(ENTRIES))]
    assert set(BY_ID) == {entry.id for entry in ENTRIES}


@pytest.mark.parametrize("name", NEWEST)
def test_versions_count_up_from_one(name: str) -> None:
    versions = released(name)
    assert [entry.version for entry in versions] == list(range(1, len(versions) + 1))
    assert NEWEST[name] is versions[-1]


def test_every_file_is_in_the_manifest() -> None:
    assert {entry.file for entry in ENTRIES} == {path.name for path in Path(ROOM / "avsc").iterdir()}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.file)
def test_a_released_file_is_never_edited(entry: Entry) -> None:
    remedy = f"schemas/avsc/{entry.file} was edited: restore it and add a new version beside it (file, and entry in schemas/manifest.json)"
    assert entry.sha256 == fingerprint(entry.schema), f"{remedy}; fingerprint found: {fingerprint(entry.schema)}"


def test_the_fingerprint_sees_defaults_and_order_but_not_documentation() -> None:
    schema = {"type": "record", "name": "A", "doc": "one", "fields": [{"name": "a", "type": "int", "default": 0, "doc": "x"}]}
    assert fingerprint(schema) == fingerprint({**schema, "doc": "two"})
    assert fingerprint(schema) != fingerprint({**schema, "fields": [{"name": "a", "type": "int", "default": 1}]})


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.file)
def test_everything_is_documented(entry: Entry) -> None:
    for node in nodes(entry.schema):
        if "name" in node:
            assert node.get("doc"), f"{node['name']} has no doc"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.file)
def test_names_and_times(entry: Entry) -> None:
    assert entry.schema["name"] == entry.name
    assert entry.schema["namespace"] == NAMESPACE
    assert "logicalType" not in json.dumps(plain(entry.schema))
