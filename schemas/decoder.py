"""Reads plain bodies of our own records in one pass: no call per field, a function per schema.

It knows only what our producers write: one block per array or map, lengths of text in few bytes. Whatever is not
so plain, valid or not, gets None, and the rules of strict.py and fastavro decide. So it may be strict without a message.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import Struct
from struct import error as struct_error
from typing import Any, TypeAlias

from schemas.manifest import Node, Schema
from schemas.shape import Shape
from schemas.source import Source
from schemas.strict import Malformed, read_long

Decode: TypeAlias = Callable[[bytes, int], dict[str, Any] | None]  # (value, start of the body) -> record, or None: look closer

EIGHT = Struct("<Q").unpack_from
ENDS_AT_8 = 0x0080_8080_8080_8080  # high bits of a number of exactly 8 bytes, as those of today's microseconds


class UnsupportedError(Exception):
    """The schema has a node of a kind that our own records do not have."""


def decoder(parsed: Schema) -> Decode | None:
    """A function that reads this schema's bodies; None if it has kinds that only foreign schemas have."""
    source = Source("decode(data, at)", NAMESPACE)
    try:
        with source.block("try"):
            found = _Lines(Shape(parsed), source).value(parsed)
            source.line(f"return {found} if at == len(data) else None")
        with source.block("except FAILED"):
            source.line("return None")
    except UnsupportedError:
        return None
    return source.function()


def number(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag number and the position behind it; 8 bytes are taken at once.

    Raises:
        Malformed: it breaks a rule.
    """
    if at + 8 <= len(data):
        (bits,) = EIGHT(data, at)
        if bits & 0x8080_8080_8080_8080 == ENDS_AT_8:
            bits &= 0x7F7F_7F7F_7F7F_7F7F  # then close the gaps: of 7 bits, of 14, of 28
            bits = (bits & 0x007F_007F_007F_007F) | (bits & 0x7F00_7F00_7F00_7F00) >> 1
            bits = (bits & 0x0000_3FFF_0000_3FFF) | (bits & 0x3FFF_0000_3FFF_0000) >> 2
            bits = (bits & 0x0000_0000_0FFF_FFFF) | (bits & 0x0FFF_FFFF_0000_0000) >> 4
            return (bits >> 1) ^ -(bits & 1), at + 8
    return read_long(data, at)


NAMESPACE = {"number": number, "FAILED": (Malformed, IndexError, KeyError, ValueError, OverflowError, struct_error)}
ONE_BYTE = 64  # indexes below have one byte


class _Lines:
    """Writes the lines that read a node; `data` and `at` are the function's locals.

    A slice of a cut body is too short and leaves `at` behind the end, which the last line notices.
    """

    def __init__(self, shape: Shape, source: Source) -> None:
        self.shape, self.source = shape, source
        self.within: list[str] = []

    def value(self, node: Node) -> str:
        """An expression for the value of the node."""
        kind, definition = self.shape.resolve(node)
        method = getattr(self, f"_{kind}", None)
        if method is None or self.shape.empty(node):
            raise UnsupportedError(kind)
        found: str = method(definition)
        return found

    def _record(self, definition: Schema) -> str:
        if definition["name"] in self.within:
            raise UnsupportedError("a record within itself")
        self.within.append(definition["name"])
        items: list[str] = []
        fields = list(definition["fields"])
        while fields:
            doubles = next((n for n, field in enumerate(fields) if self.shape.resolve(field["type"])[0] != "double"), len(fields))
            taken = [fields.pop(0) for _ in range(max(doubles, 1))]
            found = self._doubles(doubles) if doubles else [self.value(taken[0]["type"])]
            items += [f"{field['name']!r}: {each}" for field, each in zip(taken, found, strict=True)]
        self.within.pop()
        return "{" + ", ".join(items) + "}"

    def _doubles(self, count: int) -> list[str]:
        """Doubles side by side are taken at once."""
        names = [self.source.name() for _ in range(count)]
        unpack = self.source.constant(Struct(f"<{count}d").unpack_from)
        self.source.line(f"{', '.join(names)}, = {unpack}(data, at)")
        self.source.line(f"at += {8 * count}")
        return names

    def _double(self, _definition: Node) -> str:
        return self._doubles(1)[0]

    def _number(self, refused: str) -> str:
        """A number; the second byte of a longer one costs a call. `refused` is when it is out of range."""
        name = self.source.name()
        self.source.line(f"{name} = data[at]")
        with self.source.block(f"if {name} < 128"):
            self.source.line("at += 1")
            self.source.line(f"{name} = ({name} >> 1) ^ -({name} & 1)")
        with self.source.block("else"):
            self.source.line(f"{name}, at = number(data, at)")
        if refused:
            with self.source.block(f"if {refused.format(name)}"):
                self.source.line("return None")
        return name

    def _long(self, _definition: Node) -> str:
        return self._number("")

    def _int(self, _definition: Node) -> str:
        return self._number("not -0x80000000 <= {} <= 0x7FFFFFFF")

    def _length(self) -> str:
        """A number of bytes or items; negative ones are for others."""
        name = self.source.name()
        self.source.line(f"{name} = data[at]")
        with self.source.block(f"if {name} & 129"):
            self.source.line(f"{name}, at = number(data, at)")
            with self.source.block(f"if {name} < 0"):
                self.source.line("return None")
        with self.source.block("else"):
            self.source.line("at += 1")
            self.source.line(f"{name} >>= 1")
        return name

    def _bytes(self, _definition: Node) -> str:
        name, size = self.source.name(), self._length()
        self.source.line(f"{name} = data[at : at + {size}]")
        self.source.line(f"at += {size}")
        return name

    def _string(self, _definition: Node) -> str:
        name = self._bytes(_definition)
        self.source.line(f"{name} = {name}.decode()")
        return name

    def _boolean(self, _definition: Node) -> str:
        return self._choice((False, True))

    def _enum(self, definition: Schema) -> str:
        return self._choice(tuple(definition["symbols"]), step=2)

    def _choice(self, values: tuple[object, ...], step: int = 1) -> str:
        """One byte that names one of a few values."""
        if len(values) > ONE_BYTE:
            raise UnsupportedError("an enum with longer indexes")
        name, table = self.source.name(), self.source.constant({number * step: value for number, value in enumerate(values)})
        self.source.line(f"{name} = {table}[data[at]]")
        self.source.line("at += 1")
        return name

    def _union(self, branches: list[Node]) -> str:
        if len(branches) > ONE_BYTE:
            raise UnsupportedError("a union with longer indexes")
        name, index = self.source.name(), self.source.name()
        self.source.line(f"{index} = data[at]")
        self.source.line("at += 1")
        for place, branch in enumerate(branches):
            with self.source.block(f"{'elif' if place else 'if'} {index} == {2 * place}"):
                found = "None" if self.shape.resolve(branch)[0] == "null" else self.value(branch)
                self.source.line(f"{name} = {found}")
        with self.source.block("else"):
            self.source.line("return None")
        return name

    def _array(self, definition: Schema) -> str:
        with self._items("[]") as name:
            self.source.line(f"{name}.append({self.value(definition['items'])})")
        return name

    def _map(self, definition: Schema) -> str:
        with self._items("{}") as name:
            key = self._string("string")
            self.source.line(f"{name}[{key}] = {self.value(definition['values'])}")
        return name

    @contextmanager
    def _items(self, empty: str) -> Iterator[str]:
        """Blocks until one of no items; lines added inside read an item into the yielded name."""
        name, left = self.source.name(), self._length()
        self.source.line(f"{name} = {empty}")
        with self.source.block(f"while {left}"):
            with self.source.block(f"for _ in range({left})"):
                yield name
            self.source.line(f"{left} = {self._length()}")
