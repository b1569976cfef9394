"""Every release reads what every release before it wrote (BACKWARD_TRANSITIVE), by the rules of Apache Avro itself."""

import json
import warnings
from itertools import combinations

import pytest

from schemas.manifest import ENTRIES, NEWEST, Entry, Schema, released

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
    from avro.schema import parse

PAIRS = [(older, newer) for name in NEWEST for older, newer in combinations(released(name), 2)]
EVERY = [(entry, entry) for entry in ENTRIES]  # the rules accept each schema at all


def problems(writer: Schema, reader: Schema) -> str:
    """What a reader cannot read; empty if all is well."""
    result = ReaderWriterCompatibilityChecker().get_compatibility(parse(json.dumps(reader)), parse(json.dumps(writer)))
    return "" if result.compatibility is SchemaCompatibilityType.compatible else "; ".join(map(str, result.messages))


def with_fields(schema: Schema, *fields: Schema) -> Schema:
    return {**schema, "fields": [*schema["fields"], *fields]}


@pytest.mark.parametrize(("older", "newer"), [*PAIRS, *EVERY], ids=lambda entry: f"{entry.name}.v{entry.version}")
def test_newer_reads_older(older: Entry, newer: Entry) -> None:
    found = problems(older.schema, newer.schema)
    assert not found, f"{newer.file} cannot read {older.file}: {found}; give new fields a default, or start a new topic version"


@pytest.mark.parametrize("name", NEWEST)
def test_the_rules_bite(name: str) -> None:
    schema = NEWEST[name].schema
    assert problems(schema, with_fields(schema, {"name": "must", "type": "string"}))
    assert not problems(schema, with_fields(schema, {"name": "may", "type": ["null", "string"], "default": None}))
