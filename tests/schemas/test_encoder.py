"""The quick way out against fastavro: the same bytes, or it leaves the record to fastavro."""

import io
import random
from typing import Any

import fastavro
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.outcome import Reason
from schemas.codec import ENCODERS, Decoded, decode, encode, frame
from schemas.encoder import encoder, number
from schemas.manifest import NEWEST, Node, parse
from tests.schemas.evolution import BOMBS, Evolution, body_of, parsed_with_names

NAMES = sorted(name for name, quick in ENCODERS.items() if quick)
ROUNDS = 300
LONG = parse({"type": "long"})
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 64, 2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 0.5, float("nan"), "", "a", "\ud800", b"", b"a",
    [], {}, (), [1], {"a": 1}, {"a": "b"}, {1: 1.0}, {"origin": 1}, "machine", "on",
    Reason.FAULT, np.int64(3), np.int64(2**40), np.float64(1.5),
)  # fmt: skip


def slowly(name: str, record: Any) -> bytes | type[Exception]:
    out = io.BytesIO()
    out.write(frame(NEWEST[name].id))
    try:
        fastavro.schemaless_writer(out, NEWEST[name].parsed, record, strict_allow_default=True)
    except Exception as error:  # noqa: BLE001  its errors have no common class
        return type(error)
    return out.getvalue()


def publicly(name: str, record: Any) -> bytes | type[Exception]:
    try:
        return encode(name, record)
    except Exception as error:  # noqa: BLE001  the same
        return type(error)


def drawn(name: str, rng: random.Random) -> dict[str, Any]:
    parsed, names = parsed_with_names(NEWEST[name].schema)
    record: dict[str, Any] = Evolution(rng).value(parsed, names)
    return record


@pytest.mark.parametrize("name", NAMES)
def test_plain_records_give_the_same_bytes(name: str) -> None:
    quick, rng = ENCODERS[name], random.Random(name)
    assert quick
    for _ in range(ROUNDS):
        record = drawn(name, rng)
        value = quick(record)
        assert value is not None
        assert value == slowly(name, record)


@pytest.mark.parametrize("name", sorted(NEWEST))
def test_odd_values_end_as_with_fastavro(name: str) -> None:
    rng = random.Random(name)
    for _ in range(ROUNDS):
        record = drawn(name, rng)
        place = record
        nested = [each for each in record.values() if isinstance(each, dict) and each]
        if nested and rng.random() < 0.5:
            place = rng.choice(nested)
        field = rng.choice(sorted(place))
        change = rng.random()
        if change < 0.1:
            del place[field]
        elif change < 0.2:
            place["unknown"] = 1
        elif change < 0.3:
            place["unknown"] = place.pop(field)
        else:
            place[field] = rng.choice(ODD)
        assert publicly(name, record) == slowly(name, record)


@given(st.one_of(st.sampled_from((0, 63, 64, -65, 2**48 - 1, 2**48, 2**55 - 1, -(2**55), 2**55, *BOMBS)), st.integers(-(2**63), 2**63 - 1)))
def test_numbers(value: int) -> None:
    assert number(value) == body_of(LONG, value)


def test_numbers_of_more_than_64_bits() -> None:
    for value in (2**63, -(2**63) - 1, 2**200):
        with pytest.raises(ValueError, match="64 bits"):
            number(value)


def test_absent_fields_take_their_defaults() -> None:
    value = encode("Reading", {"sensor_id": "P1", "ts": 1, "value": 1.0})
    found = decode(value)
    assert isinstance(found, Decoded)
    assert encode("Reading", found.record) == value


LIST = {"type": "record", "name": "Link", "fields": [{"name": "next", "type": ["null", "Link"]}]}


@pytest.mark.parametrize("kind", ["null", "float", ["int", "string"], ["null", "int", "string"], LIST], ids=str)
def test_kinds_that_our_records_do_not_have(kind: Node) -> None:
    assert encoder(parse({"type": "record", "name": "Reading", "fields": [{"name": "extra", "type": kind}]}), b"") is None
