from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.payload import NUMERIC, PayloadError, number, parse
from tests.bridge.building import BOOLEAN, FLOAT, INT32, INT64, STRING, metric, payload


def test_bytes_of_another_encoder_are_read() -> None:
    """Made by hand from the field numbers of the specification: timestamp, one Double named speed, seq 5."""
    body = b"\x0a\x05speed" + b"\x18\x01" + b"\x20\x0a" + b"\x69" + bytes.fromhex("000000000000f83f")
    data = b"\x08\xe8\x07" + b"\x12" + bytes([len(body)]) + body + b"\x18\x05"
    read = parse(data)
    assert (read.ts_ms, read.seq) == (1000, 5)
    (found,) = read.metrics
    assert (found.name, found.ts_ms, found.datatype, found.value) == ("speed", 1, 10, 1.5)


@pytest.mark.parametrize(
    ("value", "datatype", "meant"),
    [(0xFFFFFFFF, INT32, -1.0), (0xFF, 1, -1.0), (0xFFFFFFFF, 1, -1.0), (0x7F, 1, 127.0), (0xFFFFFFFF, 7, 4294967295.0),
     (2**64 - 1, INT64, -1.0),
     (True, BOOLEAN, 1.0), (1.5, FLOAT, 1.5)],
)  # fmt: skip
def test_integers_are_signed_by_their_type(value: float, datatype: int, meant: float) -> None:
    assert number(value, datatype) == meant


@given(st.integers(1, 8), st.data())
def test_every_integer_type_keeps_its_numbers(datatype: int, data: st.DataObject) -> None:
    bits = 8 << ((datatype - 1) % 4)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if datatype <= 4 else (0, (1 << bits) - 1)
    given_number = data.draw(st.integers(low, high))
    assert number(given_number % (1 << bits), datatype) == float(given_number)


def test_absent_parts_are_none_and_properties_are_read() -> None:
    data = payload(metric("a", None, 10, is_null=True, alias=7, quality=500, properties={"engUnit": "bar", "engHigh": 16.0}), ts=None)
    read = parse(data)
    (found,) = read.metrics
    assert (read.ts_ms, read.seq, found.ts_ms, found.value, found.null, found.alias) == (None, None, None, None, True, 7)
    assert found.properties == {"Quality": 500.0, "engUnit": "bar", "engHigh": 16.0}


def test_values_nobody_measures_are_kept_out_of_the_numbers() -> None:
    (found,) = parse(payload(metric("a", "text", STRING))).metrics
    assert found.value == "text"
    assert found.datatype not in NUMERIC


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(PayloadError):
        assert len(parse(data).metrics) <= len(data)


def test_json_is_refused() -> None:
    with pytest.raises(PayloadError):
        parse(b'{"v": 1}')
