import pytest

from schemas import codec
from schemas.codec import PENDING, SCHEMA_PENDING, UNDECODABLE, UNKNOWN_SCHEMA, Decoded, Undecodable, decode, encode, frame
from schemas.manifest import NEWEST, Schema

READING = {"sensor_id": "P1.vib", "ts": 1_700_000_000_000_000, "value": 1.5, "status": 0, "seq": None}
FOREIGN: Schema = {
    "type": "record",
    "name": "Reading",
    "namespace": "plant",
    "fields": [
        {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "value", "type": "float"},
        {"name": "unit", "type": "string"},
        {"name": "sensor_id", "type": "string"},
    ],
}


def reason(value: bytes | None, resolve: codec.Resolve | None = None) -> str:
    decoded = decode(value, resolve)
    assert isinstance(decoded, Undecodable)
    assert decoded.detail
    return decoded.reason


def test_a_record_comes_back() -> None:
    value = encode("Reading", {"sensor_id": "P1.vib", "ts": 1_700_000_000_000_000, "value": 1.5})
    assert value[:5] == b"\x00" + NEWEST["Reading"].id.to_bytes(4, "big")
    assert decode(value) == Decoded("Reading", 1, READING)


def test_encoding_refuses_what_the_schema_does_not_know() -> None:
    with pytest.raises(ValueError, match="unit"):
        encode("Reading", {**READING, "unit": "mm/s"})


def test_a_foreign_schema_is_read_into_ours() -> None:
    value = frame(7) + bytes.fromhex("02 0000c03f 02 43 02 61".replace(" ", ""))
    assert decode(value, {7: FOREIGN}.get) == Decoded("Reading", 0, {**READING, "ts": 1, "sensor_id": "a"})


@pytest.mark.parametrize(
    ("value", "wanted", "word"),
    [
        (None, UNDECODABLE, "tombstone"),
        (b"", UNDECODABLE, "nothing"),
        (b' {"sensor_id": "P1"}', UNDECODABLE, "JSON"),
        (b"Obj\x01avro.schema", UNDECODABLE, "container"),
        (b"\xc3\x01" + bytes(8), UNKNOWN_SCHEMA, "single-object"),
        (encode("Reading", READING)[5:], UNKNOWN_SCHEMA, "header"),
        (frame(7) + b"x", UNKNOWN_SCHEMA, "SCHEMA_REGISTRY_URL"),
        (frame(0) + bytes(4) + b"x", UNKNOWN_SCHEMA, "8-byte"),
        (frame(2_000_999_999), UNKNOWN_SCHEMA, "upgrade"),
        (encode("Reading", READING)[:-1], UNDECODABLE, "field seq"),
        (encode("Reading", READING) + b"\n", UNDECODABLE, "1 bytes follow"),
        (b"\x01" + bytes(20), UNDECODABLE, "Confluent wire format"),
    ],
)
def test_the_detail_names_the_remedy(value: bytes | None, wanted: str, word: str) -> None:
    assert reason(value) == wanted
    found = decode(value)
    assert isinstance(found, Undecodable)
    assert word in found.detail


def test_what_the_resolver_says_decides() -> None:
    value = frame(7) + b"x"
    assert reason(value, lambda _: None) == UNKNOWN_SCHEMA
    assert reason(value, lambda _: PENDING) == SCHEMA_PENDING
    assert reason(value, lambda _: {"type": "record", "name": "Order", "fields": []}) == UNKNOWN_SCHEMA
    assert reason(value, lambda _: {"type": "recor"}) == UNKNOWN_SCHEMA
    assert reason(value, lambda _: FOREIGN) == UNDECODABLE


def test_an_id_never_keeps_the_schema_of_another_registry() -> None:
    value = frame(7) + bytes.fromhex("02 0000c03f 02 43 02 61".replace(" ", ""))
    assert isinstance(decode(value, lambda _: FOREIGN), Decoded)
    assert reason(value, lambda _: {**FOREIGN, "name": "Order"}) == UNKNOWN_SCHEMA
