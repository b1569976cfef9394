"""Rules that random bytes rarely meet, asked of both twins: the checker of the codec and the kernel of the column decoder."""

import time
from typing import Any

import pytest

from schemas import codec
from schemas.blobs import Blobs
from schemas.columns import INVALID, OK, ColumnDecoder
from schemas.manifest import Node, Schema, parse
from schemas.shape import DEPTH_MAX
from tests.schemas.evolution import body_of

FOREIGN = 7
READING = {"sensor_id": "P1.vib", "ts": 5, "value": 1.5}
LONG = parse({"type": "long"})
BOMBS = [2**60, 2**63 - 1, -(2**63), -(2**60)]
EMPTY = {
    "type": "record",
    "name": "Empty",
    "fields": [{"name": "none", "type": "null"}, {"name": "fixed", "type": {"type": "fixed", "name": "F", "size": 0}}],
}
LIST = {"type": "record", "name": "Link", "fields": [{"name": "next", "type": ["null", "Link"]}]}


def number(value: int) -> bytes:
    return body_of(LONG, value)


def verdict(extra: Node, content: bytes) -> int:
    """Error of a Reading whose writer has one field more, with this content; both twins must say the same."""
    fields = [
        {"name": name, "type": kind} for name, kind in (("sensor_id", "string"), ("ts", "long"), ("value", "double"), ("extra", extra))
    ]
    schema: Schema = {"type": "record", "name": "Reading", "fields": fields}
    value = codec.frame(FOREIGN) + body_of(parse({**schema, "fields": fields[:3]}), READING) + content
    resolve = {FOREIGN: schema}.get
    error = int(ColumnDecoder("Reading", resolve).decode(Blobs.of([value])).error[0])
    assert isinstance(codec.decode(value, resolve), codec.Decoded) == (error == OK)
    return error


@pytest.mark.parametrize("items", ["null", EMPTY, "int", {"type": "array", "items": "null"}, LIST], ids=str)
@pytest.mark.parametrize("count", BOMBS)
def test_length_bombs(items: Node, count: int) -> None:
    begin = time.monotonic()
    assert verdict({"type": "array", "items": items}, number(count) + bytes(40)) == INVALID
    assert verdict({"type": "map", "values": items}, number(count) + bytes(40)) == INVALID
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize("kind", ["bytes", "string"])
@pytest.mark.parametrize("length", [*BOMBS, -1, 2])
def test_lengths_stay_within_the_record(kind: str, length: int) -> None:
    assert verdict(kind, number(length) + b"a") == INVALID


@pytest.mark.parametrize(
    ("kind", "content", "error"),
    [
        ("long", b"\xff" * 9 + b"\x01", OK),
        ("long", b"\xff" * 9 + b"\x02", INVALID),
        ("long", b"\x80" * 9 + b"\x00", OK),
        ("long", b"\x80" * 10 + b"\x00", INVALID),
        ("int", number(2**31 - 1), OK),
        ("int", number(2**31), INVALID),
        ("int", number(-(2**31)), OK),
        ("int", number(-(2**31) - 1), INVALID),
        ("boolean", b"\x01", OK),
        ("boolean", b"\x02", INVALID),
        ("string", b"\x04\xc3\xbc", OK),
        ("string", b"\x04\xc3\x28", INVALID),
        ("string", b"\x06\xed\xa0\x80", INVALID),
        ("string", b"\x04\xc0\x80", INVALID),
        ("string", b"\x08\xf4\x90\x80\x80", INVALID),
        (["null", "int"], b"\x00", OK),
        (["null", "int"], b"\x04\x00", INVALID),
        (["null", "int"], b"\x01", INVALID),
        ({"type": "enum", "name": "E", "symbols": ["a"]}, b"\x00", OK),
        ({"type": "enum", "name": "E", "symbols": ["a"]}, b"\x02", INVALID),
        ({"type": "fixed", "name": "F", "size": 3}, b"abc", OK),
        ({"type": "fixed", "name": "F", "size": 3}, b"ab", INVALID),
        ({"type": "array", "items": "int"}, number(-2) + number(2) + b"\x02\x02\x00", OK),
        ({"type": "array", "items": "int"}, number(-2) + number(1) + b"\x02\x02\x00", INVALID),
        ({"type": "array", "items": "int"}, number(-2) + number(3) + b"\x02\x02\x00", INVALID),
        ({"type": "array", "items": "null"}, number(3) + b"\x00", OK),
        ({"type": "array", "items": "null"}, number(-3) + b"\x00\x00", OK),
        ({"type": "array", "items": "null"}, number(-3) + b"\x02\x00", INVALID),
        ({"type": "map", "values": "int"}, b"\x02\x02a\x04\x00", OK),
        ({"type": "map", "values": "int"}, b"\x02\x02\xff\x04\x00", INVALID),
        ("null", b"", OK),
        ("null", b"\x00", INVALID),
        (EMPTY, b"", OK),
    ],
)
def test_the_rules(kind: Any, content: bytes, error: int) -> None:
    assert verdict(kind, content) == error


@pytest.mark.parametrize(("links", "error"), [(0, OK), (DEPTH_MAX - 1, OK), (DEPTH_MAX, INVALID), (500, INVALID)])
def test_depth_is_bounded(links: int, error: int) -> None:
    assert verdict(LIST, b"\x02" * links + b"\x00") == error


def test_a_record_that_must_contain_itself_has_no_value() -> None:
    endless = {"type": "record", "name": "Endless", "fields": [{"name": "a", "type": "Endless"}, {"name": "b", "type": "Endless"}]}
    assert verdict(endless, bytes(100)) == INVALID


def test_a_large_body_of_nothing_takes_no_time() -> None:
    blocks = (number(1000) + b"\x00") * 40_000
    begin = time.monotonic()
    assert verdict({"type": "array", "items": {"type": "array", "items": "null"}}, number(40_000) + blocks + b"\x00") == INVALID
    assert time.monotonic() - begin < 20
