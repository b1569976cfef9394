"""Which bytes are a valid Avro body: the rules, as slow and readable code. The column decoder's kernel holds the same ones.

Avro leaves some of them open and libraries differ; here they are closed:

* a number has at most 10 bytes and fits 64 bits; an int fits 32 bits; longer spellings than needed are fine;
* lengths of text and bytes are not negative and within the body; text is UTF-8, also where it is skipped;
* a boolean is 0 or 1; indexes of enums and unions are within their lists;
* a block of an array or map that states its size (negative count) has exactly that size;
* all arrays and maps of a body together have at most as many items as the body has bytes: more can only be items of no bytes;
* records, arrays and maps stand at most 64 deep within the record;
* nothing follows the body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from schemas.manifest import Node, Schema
from schemas.shape import DEPTH_MAX, Shape

INT_BITS = 31


class Malformed(ValueError):  # noqa: N818  it names a state of the bytes
    """The bytes break a rule; the message says which, where and in which field. Never leaves this package."""


@dataclass(slots=True)
class Body:
    """The bytes under inspection and how many items arrays and maps may still have."""

    data: bytes
    items: int


Check: TypeAlias = Callable[[Body, int, int], int]  # (body, position, depth) -> position behind the value


def checker(parsed: Schema) -> Callable[[bytes, int], None]:
    """A function (value, start) that raises Malformed unless value[start:] is exactly one record of this schema."""
    check = _Compiler(Shape(parsed)).check(parsed)

    def whole(data: bytes, start: int) -> None:
        at = check(Body(data, len(data) - start), start, -1)
        if at != len(data):
            raise Malformed(f"{len(data) - at} bytes follow the record, which ends at byte {at}")

    return whole


class _Compiler:
    """Turns a schema into nested functions, one per node."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.records: dict[str, Check] = {}

    def check(self, node: Node) -> Check:
        kind, definition = self.shape.resolve(node)
        if self.shape.empty(node):
            return _nothing
        if kind in SIMPLE:
            return SIMPLE[kind]
        return getattr(self, kind)(definition)  # type: ignore[no-any-return]  # one method per kind of Avro

    def union(self, branches: list[Node]) -> Check:
        return _union([self.check(branch) for branch in branches])

    def enum(self, definition: Schema) -> Check:
        return _enum(len(definition["symbols"]))

    def fixed(self, definition: Schema) -> Check:
        return _fixed(definition["size"])

    def array(self, definition: Schema) -> Check:
        return self.blocks([definition["items"]])

    def map(self, definition: Schema) -> Check:
        return self.blocks(["string", definition["values"]])

    def blocks(self, nodes: list[Node]) -> Check:
        return _blocks([self.check(node) for node in nodes if not self.shape.empty(node)])

    def record(self, definition: Schema) -> Check:
        name = definition["name"]
        if name not in self.records:
            fields: list[tuple[str, Check]] = []
            self.records[name] = _record(fields)  # known before its fields: a record may contain itself
            fields += [(field["name"], self.check(field["type"])) for field in definition["fields"]]
        return self.records[name]

    error = record  # an error is a record of Avro's remote calls


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number and the position behind it."""
    value = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise Malformed(f"the number before byte {at} is longer than 10 bytes")
    except IndexError:
        raise Malformed(f"ends at byte {at} within a number") from None
    if value >> 64:
        raise Malformed(f"the number before byte {at} does not fit 64 bits")
    return (value >> 1) ^ -(value & 1), at


def _nothing(_body: Body, at: int, _depth: int) -> int:
    return at


def _long(body: Body, at: int, _depth: int) -> int:
    return read_long(body.data, at)[1]


def _int(body: Body, at: int, _depth: int) -> int:
    value, after = read_long(body.data, at)
    if value >> INT_BITS not in (0, -1):
        raise Malformed(f"{value} at byte {at} does not fit an int of 32 bits")
    return after


def _advance(body: Body, at: int, size: int) -> int:
    left = len(body.data) - at
    if not 0 <= size <= left:
        raise Malformed(f"{size} bytes are announced at byte {at}, but {left} are left")
    return at + size


def _fixed(size: int) -> Check:
    return lambda body, at, _depth: _advance(body, at, size)


def _boolean(body: Body, at: int, _depth: int) -> int:
    after = _advance(body, at, 1)
    if body.data[at] > 1:
        raise Malformed(f"boolean of value {body.data[at]} at byte {at}")
    return after


def _bytes(body: Body, at: int, _depth: int) -> int:
    size, start = read_long(body.data, at)
    return _advance(body, start, size)


def _text(body: Body, at: int, _depth: int) -> int:
    size, start = read_long(body.data, at)
    after = _advance(body, start, size)
    try:
        body.data[start:after].decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"text at byte {start} is not UTF-8 ({error.reason})") from None
    return after


def _enum(symbols: int) -> Check:
    def check(body: Body, at: int, _depth: int) -> int:
        index, after = read_long(body.data, at)
        if not 0 <= index < symbols:
            raise Malformed(f"enum index {index} of {symbols} symbols at byte {at}")
        return after

    return check


def _union(branches: list[Check]) -> Check:
    def check(body: Body, at: int, depth: int) -> int:
        index, after = read_long(body.data, at)
        if not 0 <= index < len(branches):
            raise Malformed(f"union index {index} of {len(branches)} branches at byte {at}")
        return branches[index](body, after, depth)

    return check


def _record(fields: list[tuple[str, Check]]) -> Check:
    def check(body: Body, at: int, depth: int) -> int:
        _too_deep(at, depth)
        for name, field in fields:
            try:
                at = field(body, at, depth + 1)
            except Malformed as problem:
                raise (problem if depth >= 0 else Malformed(f"field {name}: {problem}")) from None
        return at

    return check


def _blocks(sequence: list[Check]) -> Check:
    """Arrays and maps: blocks of items until a block of none. `sequence` checks one item."""

    def check(body: Body, at: int, depth: int) -> int:
        _too_deep(at, depth)
        while True:
            count, at = read_long(body.data, at)
            end = -1
            if count < 0:
                size, at = read_long(body.data, at)
                end = _advance(body, at, size)
                count = -count
            if count > body.items:
                raise Malformed(f"a block of {count} items at byte {at} cannot fit the bytes")
            if count == 0:
                return at
            body.items -= count
            at = _items(sequence, body, at, depth + 1, count if sequence else 0)
            if end not in (-1, at):
                raise Malformed(f"a block announced to end at byte {end} ends at byte {at}")

    return check


def _items(sequence: list[Check], body: Body, at: int, depth: int, count: int) -> int:
    for _ in range(count):
        for check in sequence:
            at = check(body, at, depth)
    return at


def _too_deep(at: int, depth: int) -> None:
    if depth >= DEPTH_MAX:
        raise Malformed(f"more than {DEPTH_MAX} records, arrays and maps within each other at byte {at}")


SIMPLE: dict[str, Check] = {
    "boolean": _boolean,
    "int": _int,
    "long": _long,
    "float": _fixed(4),
    "double": _fixed(8),
    "bytes": _bytes,
    "string": _text,
}
