"""Values of topics to records and back: 5 bytes (magic 0, schema id big-endian), then an Avro body. Knows no topic and no network.

Times are plain integers (microseconds since 1970-01-01 UTC): logical types are stripped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, NamedTuple, TypeAlias, cast

import fastavro

from schemas.decoder import Decode, decoder
from schemas.encoder import encoder
from schemas.manifest import BY_ID, FIRST_ID, NEWEST, Entry, Schema, parse
from schemas.shape import unqualified
from schemas.strict import Malformed, checker

MAGIC: Final = 0
PREFIX: Final = 5  # bytes before the body
PUT_PREFIX: Final = "put magic 0 and the 4-byte schema id in front"
FOREIGN_MAX: Final = 1000  # foreign schemas kept compiled

UNDECODABLE: Final = "undecodable"
UNKNOWN_SCHEMA: Final = "unknown_schema"
SCHEMA_PENDING: Final = "schema_pending"

PENDING: Final[Schema] = {}  # a resolver's answer while the registry has not answered yet
Resolve: TypeAlias = Callable[[int], Schema | None]  # id -> schema, PENDING, or None: nobody knows it; never blocks


class Decoded(NamedTuple):
    """A record in the newest schema of its name. `version` is the writer's, 0 for a foreign schema."""

    name: str
    version: int
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why a value is no record: undecodable, unknown_schema or schema_pending; the detail names the remedy."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Writer:
    """A schema somebody writes with, ready to read."""

    name: str
    version: int
    source: Schema
    parsed: Schema
    check: Callable[[bytes, int], None]
    quick: Decode | None = None  # reads plain values at once; only for what is written in the newest version


def encode(name: str, record: Mapping[str, Any]) -> bytes:
    """The framed value of a record in the newest version of its schema. Absent fields take their defaults.

    Raises:
        ValueError, TypeError, KeyError: the record does not fit its schema, or has a field the schema has not.
    """
    quick = ENCODERS.get(name)
    value = quick(record) if quick else None
    if value is not None:
        return value
    entry = NEWEST[name]
    out = BytesIO()
    out.write(frame(entry.id))
    fastavro.schemaless_writer(out, entry.parsed, record, strict_allow_default=True)
    return out.getvalue()


def frame(schema_id: int) -> bytes:
    """The 5 bytes before a body."""
    return bytes([MAGIC]) + schema_id.to_bytes(4, "big")


def decode(value: bytes | None, resolve: Resolve | None = None) -> Decoded | Undecodable:
    """The record in a value, or why there is none. Never raises on data.

    Args:
        value: what Kafka delivered; None is a tombstone.
        resolve: looks up ids that are not in the manifest; without it they are unknown.
    """
    if value is None:
        return Undecodable(UNDECODABLE, "null value: these topics have no tombstones; send a record")
    own = FRAMES.get(value[:PREFIX])
    if own is not None:
        return read(value, own)
    if len(value) < PREFIX or value[0] != MAGIC:
        return unframed(value)
    writer = find_writer(int.from_bytes(value[1:PREFIX], "big"), resolve)
    return writer if isinstance(writer, Undecodable) else read(value, writer)


def read(value: bytes, writer: Writer) -> Decoded | Undecodable:
    """The record behind the prefix of a value, whose writer is known."""
    record = writer.quick(value, PREFIX) if writer.quick else None
    if record is not None:
        return Decoded(writer.name, writer.version, record)
    reader = NEWEST[writer.name]
    source = BytesIO(value)
    source.seek(PREFIX)
    try:
        writer.check(value, PREFIX)
        record = fastavro.schemaless_reader(source, writer.parsed, None if writer.parsed is reader.parsed else reader.parsed)
    except Malformed as problem:
        return Undecodable(UNDECODABLE, f"not a valid {writer.name}: {problem}")
    except Exception as error:  # noqa: BLE001  fastavro has no common error class, and data must never raise
        return Undecodable(UNDECODABLE, f"{writer.name} does not fit version {reader.version} of its schema: {error}")
    return Decoded(writer.name, writer.version, cast("dict[str, Any]", record))


def find_writer(schema_id: int, resolve: Resolve | None = None) -> Writer | Undecodable:
    """The schema of an id: from the manifest, else from the resolver."""
    if schema_id in OWN:
        return OWN[schema_id]
    schema = resolve(schema_id) if resolve and schema_id < FIRST_ID else None
    if schema:
        return _foreign(schema_id, schema)
    if schema is None:
        return Undecodable(UNKNOWN_SCHEMA, f"schema id {schema_id}: {_remedy(schema_id, resolve)}")
    return Undecodable(SCHEMA_PENDING, f"schema id {schema_id}: the registry has not answered yet; the record is replayed when it has")


def unframed(value: bytes) -> Undecodable:
    """What a value without the 5 bytes probably is."""
    first = value.lstrip()[:1]
    if first in (b"{", b"["):
        return Undecodable(
            UNDECODABLE, "JSON instead of Avro: encode with the record's .avsc and put magic 0 and the 4-byte schema id in front"
        )
    if value[:2] == b"\xc3\x01":
        return Undecodable(
            UNKNOWN_SCHEMA, "Avro single-object encoding: put magic 0 and the 4-byte schema id in front instead of C3 01 and a fingerprint"
        )
    if value[:4] == b"Obj\x01":
        return Undecodable(
            UNDECODABLE, "an Avro container file: send each record by itself, with magic 0 and the 4-byte schema id in front"
        )
    bare = next((name for name in ("Reading", "Frame") if _is_body(value, name)), None)
    if bare:
        return Undecodable(
            UNKNOWN_SCHEMA,
            f"a {bare} without its schema id, which may stand in a header: only the prefix of magic 0 and a 4-byte id is read; "
            "set the serializer to the prefix format (confluent: schema.id.serializer = prefix)",
        )
    shown = value[:PREFIX].hex(" ") or "nothing"
    return Undecodable(UNDECODABLE, f"starts with {shown} instead of 00 and a 4-byte schema id: use the Confluent wire format")


def _is_body(value: bytes, name: str) -> bool:
    try:
        OWN[NEWEST[name].id].check(value, 0)
    except Malformed:
        return False
    return True


def _remedy(schema_id: int, resolve: Resolve | None) -> str:
    if schema_id >= FIRST_ID:
        return "newer than this release of the platform; upgrade it"
    if schema_id == 0:
        return "looks like an 8-byte id; set the serializer to 4-byte ids"
    if resolve is None:
        return "no schema registry is configured; set SCHEMA_REGISTRY_URL or use the platform's own schemas and ids"
    return "the registry does not know it; register the schema or send to the registry the producer uses"


def _foreign(schema_id: int, schema: Schema) -> Writer | Undecodable:
    known = _compiled.get(schema_id)
    if known is not None and (known[0] is schema or known[0] == schema):
        return known[1]
    if len(_compiled) >= FOREIGN_MAX:
        _compiled.clear()
    writer = _compile(schema_id, schema)
    _compiled[schema_id] = (schema, writer)
    return writer


def _compile(schema_id: int, schema: Schema) -> Writer | Undecodable:
    try:
        parsed = parse(schema)
        name, check = unqualified(parsed), checker(parsed)
    except Exception as error:  # noqa: BLE001  a foreign schema is data, too
        return Undecodable(UNKNOWN_SCHEMA, f"schema id {schema_id} is no usable Avro schema: {error}")
    if name not in NEWEST:
        return Undecodable(UNKNOWN_SCHEMA, f"schema id {schema_id} describes {name or 'no record'}; known records: {', '.join(NEWEST)}")
    return Writer(name, 0, schema, parsed, check)


def _own(entry: Entry) -> Writer:
    quick = decoder(entry.parsed) if entry is NEWEST[entry.name] else None
    return Writer(entry.name, entry.version, entry.schema, entry.parsed, checker(entry.parsed), quick)


OWN: Final = {entry.id: _own(entry) for entry in BY_ID.values()}
FRAMES: Final = {frame(schema_id): writer for schema_id, writer in OWN.items()}
ENCODERS: Final = {name: encoder(entry.parsed, frame(entry.id)) for name, entry in NEWEST.items()}
_compiled: dict[int, tuple[Schema, Writer | Undecodable]] = {}
