"""The quick way in against the slow one: what it takes is valid and the same, what it does not take is looked at again."""

import random
from io import BytesIO
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import PREFIX, Decoded, Undecodable, decode, encode, frame
from schemas.decoder import decoder, number
from schemas.manifest import NEWEST, Node, parse
from schemas.strict import Malformed, checker, read_long
from tests.schemas.evolution import BOMBS, Evolution, body_of, parsed_with_names

NAMES = sorted(NEWEST)
ROUNDS = 300
LONG = parse({"type": "long"})
CHECKS = {name: checker(NEWEST[name].parsed) for name in NAMES}
DECODERS = {name: decoder(NEWEST[name].parsed) for name in NAMES}


def slowly(name: str, value: bytes) -> dict[str, Any] | None:
    try:
        CHECKS[name](value, PREFIX)
        source = BytesIO(value)
        source.seek(PREFIX)
        record: dict[str, Any] = fastavro.schemaless_reader(source, NEWEST[name].parsed, None)
    except (Malformed, UnicodeDecodeError):
        return None
    return record


def drawn(name: str, rng: random.Random) -> bytes:
    parsed, names = parsed_with_names(NEWEST[name].schema)
    return frame(NEWEST[name].id) + body_of(parsed, Evolution(rng).value(parsed, names))


@pytest.mark.parametrize("name", NAMES)
def test_plain_bodies_are_read_as_the_slow_way_reads_them(name: str) -> None:
    quick, rng = DECODERS[name], random.Random(name)
    assert quick
    for _ in range(ROUNDS):
        value = drawn(name, rng)
        found, expected = quick(value, PREFIX), slowly(name, value)
        assert found is not None
        assert repr(found) == repr(expected)  # also the order of fields, and NaN


@pytest.mark.parametrize("name", NAMES)
def test_damaged_bodies_are_never_taken_when_the_rules_refuse_them(name: str) -> None:
    quick, rng = DECODERS[name], random.Random(name)
    assert quick
    for _ in range(ROUNDS):
        value = frame(NEWEST[name].id) + Evolution(rng).damaged(drawn(name, rng)[PREFIX:])
        found = quick(value, PREFIX)
        assert found is None or repr(found) == repr(slowly(name, value))
        assert isinstance(decode(value), Decoded) == (slowly(name, value) is not None)


@given(st.one_of(st.sampled_from((0, 63, 64, -65, 2**48 - 1, 2**48, 2**55 - 1, -(2**55), 2**55, *BOMBS)), st.integers(-(2**63), 2**63 - 1)))
def test_numbers(value: int) -> None:
    data = body_of(LONG, value)
    for after in (b"", bytes(20), b"\xff" * 20):
        assert number(b"x" + data + after, 1) == read_long(b"x" + data + after, 1) == (value, 1 + len(data))


@given(st.binary(min_size=1, max_size=12))
def test_any_bytes_as_a_number(data: bytes) -> None:
    try:
        expected = read_long(data, 0)
    except Malformed:
        with pytest.raises(Malformed):
            number(data, 0)
    else:
        assert number(data, 0) == expected


def test_long_texts_and_large_lists() -> None:
    part = {"sensor_id": "s" * 200, "share": 0.5, "detector": "d", "kind": "k", "surprise": 1.0, "value": 1.0, "expected": 1.0}
    parsed, names = parsed_with_names(NEWEST["Anomaly"].schema)
    record = Evolution(random.Random(1)).value(parsed, names) | {"contributions": [part] * 100, "asset_id": "ü" * 10_000}
    quick = DECODERS["Anomaly"]
    assert quick
    assert repr(quick(encode("Anomaly", record), PREFIX)) == repr(record)


def test_blocks_that_state_their_size_are_left_to_the_rules() -> None:
    record: dict[str, Any] = {"asset_id": "P1", "sensor_id": "s", "detector": "d", "kind": "k", "subject": "machine", "phase": "on"}
    record |= dict.fromkeys(("ts", "since", "known_at", "value", "expected", "surprise", "threshold", "severity"), 1)
    record |= {"model": "m", "contributions": {"a": 1.0}, "origin": {"topic_id": "t", "partition": 0, "offset": 1, "nth": 0}}
    plain = encode("Evidence", record)
    item = b"\x02a" + bytes.fromhex("000000000000f03f")
    stated = plain.replace(b"\x02" + item + b"\x00", b"\x01" + bytes([2 * len(item)]) + item + b"\x00")
    quick = DECODERS["Evidence"]
    assert quick
    assert quick(stated, PREFIX) is None
    assert decode(stated) == decode(plain)
    assert isinstance(decode(stated.replace(b"\x01\x14", b"\x01\x16")), Undecodable)


LIST = {"type": "record", "name": "Link", "fields": [{"name": "next", "type": ["null", "Link"]}]}
MANY = [f"s{number}" for number in range(65)]


FIXED = {"type": "fixed", "name": "F", "size": 2}
NOTHING = {"type": "array", "items": "null"}
ENUM = {"type": "enum", "name": "E", "symbols": MANY}


@pytest.mark.parametrize("kind", ["null", "float", FIXED, LIST, NOTHING, ENUM], ids=str)
def test_kinds_that_our_records_do_not_have(kind: Node) -> None:
    assert decoder(parse({"type": "record", "name": "Reading", "fields": [{"name": "extra", "type": kind}]})) is None
