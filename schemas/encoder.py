"""Writes bodies of our own records in one pass: no call per field, a function per schema.

An encoder takes complete records of plain values. Whatever is not so plain, fitting or not, gets None, and fastavro decides.
"""

from collections.abc import Callable, Mapping
from struct import Struct
from struct import error as struct_error
from typing import Any, TypeAlias

from schemas.decoder import ENDS_AT_8, UnsupportedError
from schemas.manifest import Node, Schema
from schemas.shape import Shape
from schemas.source import Source

Encode: TypeAlias = Callable[[Mapping[str, Any]], bytes | None]  # record -> value, or None: ask fastavro

SMALL = tuple(bytes([each]) for each in range(128))  # numbers of one byte
EIGHT = Struct("<Q").pack
PLAIN = {"long": "int", "int": "int", "string": "str", "double": "float", "bytes": "bytes"}  # types told apart in a union


def encoder(parsed: Schema, head: bytes) -> Encode | None:
    """A function that writes records of this schema behind `head`; None if it has kinds that only foreign schemas have."""
    source = Source("encode(record)", NAMESPACE)
    try:
        with source.block("try"):
            lines = _Lines(Shape(parsed), source)
            source.line(f"out = [{source.constant(head)}]")
            lines.value(parsed, "record")
            lines.flush()
            source.line("return b''.join(out)")
        with source.block("except FAILED"):
            source.line("return None")
    except UnsupportedError:
        return None
    return source.function()


def number(value: int) -> bytes:
    """A zigzag number.

    Raises:
        ValueError: it does not fit 64 bits.
    """
    if value >> 63 not in (0, -1):
        raise ValueError(f"{value} does not fit 64 bits")
    bits = (value << 1) ^ (value >> 63)
    if 49 < bits.bit_length() <= 56:  # 8 bytes, as today's microseconds: open gaps of 28 bits, of 14, of 7
        bits = (bits & 0x0000_0000_0FFF_FFFF) | (bits & 0x00FF_FFFF_F000_0000) << 4
        bits = (bits & 0x0000_3FFF_0000_3FFF) | (bits & 0x0FFF_C000_0FFF_C000) << 2
        bits = (bits & 0x007F_007F_007F_007F) | (bits & 0x3F80_3F80_3F80_3F80) << 1
        return EIGHT(bits | ENDS_AT_8)
    out = bytearray()
    while bits > 127:
        out.append(bits & 127 | 128)
        bits >>= 7
    out.append(bits)
    return bytes(out)


def text(word: str) -> bytes:
    """A string with its length."""
    raw = word.encode()
    return number(len(raw)) + raw


NAMESPACE = {
    "number": number,
    "SMALL": SMALL,
    "FAILED": (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, struct_error),
}


class _Lines:
    """Writes the lines that append the bytes of a node to `out`."""

    def __init__(self, shape: Shape, source: Source) -> None:
        self.shape, self.source = shape, source
        self.within: list[str] = []
        self.waiting: list[str] = []

    def flush(self) -> None:
        """Append what waits: pieces side by side cost one call."""
        if self.waiting:
            self.source.line(f"out += ({', '.join(self.waiting)},)")
            self.waiting = []

    def value(self, node: Node, text: str) -> None:
        """Append the value that the expression `text` gives."""
        kind, definition = self.shape.resolve(node)
        method = getattr(self, f"_{kind}", None)
        if method is None or self.shape.empty(node):
            raise UnsupportedError(kind)
        method(definition, text)

    def _local(self, text: str) -> str:
        name = self.source.name()
        self.source.line(f"{name} = {text}")
        return name

    def _refuse(self, condition: str) -> None:
        with self.source.block(f"if {condition}"):
            self.source.line("return None")

    def _record(self, definition: Schema, text: str) -> None:
        if definition["name"] in self.within:
            raise UnsupportedError("a record within itself")
        self.within.append(definition["name"])
        fields = definition["fields"]
        name = self._local(text)
        self._refuse(f"len({name}) != {len(fields)}")  # absent fields have defaults, unknown ones are refused
        doubles: list[str] = []
        for field in fields:
            each = f"{name}[{field['name']!r}]"
            if self.shape.resolve(field["type"])[0] == "double":
                doubles.append(each)
                continue
            self._doubles(doubles)
            doubles = []
            self.value(field["type"], each)
        self._doubles(doubles)
        self.within.pop()

    def _doubles(self, texts: list[str]) -> None:
        """Doubles side by side are packed at once."""
        if texts:
            pack = self.source.constant(Struct(f"<{len(texts)}d").pack)
            self.waiting.append(f"{pack}({', '.join(texts)})")

    def _double(self, _definition: Node, text: str) -> None:
        self._doubles([text])

    def _long(self, _definition: Node, text: str) -> None:
        name = self._local(text)
        self.waiting.append(f"SMALL[{name} << 1] if 0 <= {name} < 64 else number({name})")

    def _int(self, definition: Node, text: str) -> None:
        name = self._local(text)
        self._refuse(f"not -0x80000000 <= {name} <= 0x7FFFFFFF")
        self._long(definition, name)

    def _bytes(self, _definition: Node, text: str) -> None:
        name = self._local(text)
        self._refuse(f"type({name}) is not bytes")
        self._sized(name)

    def _string(self, _definition: Node, text: str) -> None:
        self._sized(self._local(f"{text}.encode()"))

    def _sized(self, name: str) -> None:
        size = self._local(f"len({name})")
        self.waiting += [f"SMALL[{size} << 1] if {size} < 64 else number({size})", name]

    def _boolean(self, _definition: Node, text: str) -> None:
        table = self.source.constant({True: SMALL[1], False: SMALL[0]})
        self.waiting.append(f"{table}[{text}]")

    def _enum(self, definition: Schema, text: str) -> None:
        table = self.source.constant({symbol: number(index) for index, symbol in enumerate(definition["symbols"])})
        self.waiting.append(f"{table}[{text}]")

    def _union(self, branches: list[Node], text: str) -> None:
        """None or a value of exactly the other branch's type: what fastavro's search among branches finds, too."""
        kinds = [self.shape.resolve(branch)[0] for branch in branches]
        other = next((kind for kind in kinds if kind != "null"), "")
        if len(kinds) != 2 or "null" not in kinds or other not in PLAIN:
            raise UnsupportedError("a union that is not of null and one plain kind")
        name = self._local(text)
        self.flush()
        with self.source.block(f"if {name} is None"):
            self.source.line(f"out.append(SMALL[{2 * kinds.index('null')}])")
        with self.source.block("else"):
            self._refuse(f"type({name}) is not {PLAIN[other]}")
            self.waiting.append(f"SMALL[{2 * kinds.index(other)}]")
            self.value(branches[kinds.index(other)], name)
            self.flush()

    def _array(self, definition: Schema, text: str) -> None:
        items = self._items(text, "list")
        with self.source.block(f"for item in {items}"):
            self.value(definition["items"], "item")
            self.flush()
        self.waiting.append("SMALL[0]")

    def _map(self, definition: Schema, text: str) -> None:
        items = self._items(text, "dict")
        with self.source.block(f"for key, item in {items}.items()"):
            self.value("string", "key")
            self.value(definition["values"], "item")
            self.flush()
        self.waiting.append("SMALL[0]")

    def _items(self, text: str, kind: str) -> str:
        name = self._local(text)
        self._refuse(f"type({name}) is not {kind}")
        self.flush()
        with self.source.block(f"if {name}"):
            self._long("long", f"len({name})")
            self.flush()
        return name
