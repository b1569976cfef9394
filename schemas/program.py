"""Compiles a writer's schema into a program of the kernel that fills the reader's columns."""

import struct
from dataclasses import dataclass
from typing import Any, Final

from schemas import kernel
from schemas.manifest import Node, Schema
from schemas.shape import RECORDS, Shape

READ: Final = {  # (writer's type, reader's type) -> instruction; Avro 1.12, schema resolution
    ("int", "int"): kernel.INT,
    ("int", "long"): kernel.INT,
    ("int", "float"): kernel.INT_AS_DOUBLE,
    ("int", "double"): kernel.INT_AS_DOUBLE,
    ("long", "long"): kernel.LONG,
    ("long", "float"): kernel.LONG_AS_DOUBLE,
    ("long", "double"): kernel.LONG_AS_DOUBLE,
    ("float", "float"): kernel.FLOAT,
    ("float", "double"): kernel.FLOAT,
    ("double", "double"): kernel.DOUBLE,
    ("boolean", "boolean"): kernel.BOOLEAN,
    ("string", "string"): kernel.TEXT,
    ("string", "bytes"): kernel.TEXT,
    ("bytes", "string"): kernel.TEXT,
    ("bytes", "bytes"): kernel.BYTES,
}
SKIP: Final = {
    "boolean": (kernel.BOOLEAN, 0),
    "int": (kernel.INT, 0),
    "long": (kernel.LONG, 0),
    "float": (kernel.FIXED, 4),
    "double": (kernel.FIXED, 8),
    "bytes": (kernel.BYTES, 0),
    "string": (kernel.TEXT, 0),
}
NAN_BITS: Final = struct.unpack("<q", struct.pack("<d", float("nan")))[0]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a field of the reader's record goes.

    Attributes:
        name: the field.
        kind: its Avro type without null.
        slot: row of `doubles` for float and double, else of `longs`; text and bytes take two rows, start and end.
        null: row of `nulls`, -1 if the field is never null.
        names: the field's name and aliases, under which writers may know it.
        definition: the type as in the schema, for enums.
        default: (value,) or () if the field has none.
    """

    name: str
    kind: str
    slot: int
    null: int
    names: tuple[str, ...]
    definition: Any
    default: tuple[Any, ...]

    @property
    def wide(self) -> bool:
        """True if the column is one of doubles."""
        return self.kind in ("float", "double")

    @property
    def span(self) -> bool:
        """True if the column is a pair of positions in the buffer."""
        return self.kind in ("string", "bytes")


def targets(reader: Schema) -> tuple[Target, ...]:
    """The columns of a flat record.

    Raises:
        ValueError: the record has a field that is no column (array, map, record, a union of more than null and one type,
            a text with a default other than empty).
    """
    shape = Shape(reader)
    found: list[Target] = []
    counts = {"longs": 0, "doubles": 0, "nulls": 0}
    for field in reader["fields"]:
        kind, definition, nullable = _column(shape, field)
        rows = "doubles" if kind in ("float", "double") else "longs"
        span = kind in ("string", "bytes")
        names = (field["name"], *field.get("aliases", ()))
        default = (field["default"],) if "default" in field else ()
        found.append(Target(field["name"], kind, counts[rows], counts["nulls"] if nullable else -1, names, definition, default))
        counts[rows] += 2 if span else 1
        counts["nulls"] += nullable
    return tuple(found)


def _column(shape: Shape, field: dict[str, Any]) -> tuple[str, Any, bool]:
    kind, definition = shape.resolve(field["type"])
    nullable = False
    if kind == "union":
        nullable = True
        others = [branch for branch in definition if shape.resolve(branch)[0] != "null"]
        kind, definition = shape.resolve(others[0]) if len(others) == 1 and len(definition) == 2 else ("union", definition)
    if kind not in (*SKIP, "enum") or (kind in ("string", "bytes") and field.get("default")):
        raise ValueError(f"field {field['name']} of type {field['type']} is no column")
    return kind, definition, nullable


def compile_program(writer: Schema, columns: tuple[Target, ...], start: int) -> list[int]:
    """The program of one writer's schema, to be placed at code[start:]."""
    return _Compiler(Shape(writer), columns, start).program()


class _Compiler:
    """Emits instructions; addresses are absolute."""

    def __init__(self, shape: Shape, columns: tuple[Target, ...], start: int) -> None:
        self.shape = shape
        self.columns = columns
        self.start = start
        self.code: list[int] = []
        self.addresses: dict[str, int] = {}
        self.calls: list[tuple[int, Schema]] = []

    @property
    def here(self) -> int:
        return self.start + len(self.code)

    def emit(self, op: int, slot: int = -1, x: int = 0, y: int = 0) -> int:
        """Appends an instruction; returns where its x stands."""
        self.code += (op, slot, x, y)
        return len(self.code) - 2

    def program(self) -> list[int]:
        fields = self.shape.root["fields"]
        places = [self.place(field["name"]) for field in fields]
        for column in self.columns:
            if column not in places:
                self.default(column)
        for field, target in zip(fields, places, strict=True):
            if target:
                self.read(field["type"], target)
            else:
                self.skip(field["type"])
        self.emit(kernel.END)
        self.bodies()
        return self.code

    def place(self, name: str) -> Target | None:
        """The reader's field for a writer's field: by its name, else by an alias."""
        by_name = (target for target in self.columns if target.name == name)
        return next(by_name, None) or next((target for target in self.columns if name in target.names), None)

    def default(self, target: Target) -> None:
        if not target.default:
            self.emit(kernel.FAIL)
            return
        value = target.default[0]
        if value is None:
            self.null(target)
            return
        if target.null >= 0:
            self.emit(kernel.SET_NULL, target.null, 0)
        if target.kind == "enum":
            value = target.definition["symbols"].index(value)
        self.constant(target, value)

    def null(self, target: Target) -> None:
        self.emit(kernel.SET_NULL, target.null, 1)
        self.constant(target, float("nan") if target.wide else 0)

    def constant(self, target: Target, value: float) -> None:
        if target.wide:
            self.emit(kernel.SET_DOUBLE, target.slot, struct.unpack("<q", struct.pack("<d", value))[0])
            return
        number = 0 if target.span else int(value)
        for slot in range(target.slot, target.slot + 1 + target.span):
            self.emit(kernel.SET_LONG, slot, number)

    def read(self, node: Node, target: Target) -> None:
        """The writer's value of this node into the target's column."""
        kind, definition = self.shape.resolve(node)
        if kind == "union":
            self.branches(definition, target)
            return
        if kind == "null" and target.null >= 0:
            self.null(target)
            return
        if target.null >= 0:
            self.emit(kernel.SET_NULL, target.null, 0)
        if kind == target.kind == "enum" and _same_name(definition, target.definition):
            self.enum(definition, target)
        else:
            self.emit(READ.get((kind, target.kind), kernel.FAIL), target.slot)

    def enum(self, definition: Schema, target: Target) -> None:
        """Symbols are matched by name; one the reader lacks becomes its default symbol."""
        symbols = target.definition["symbols"]
        default = target.definition.get("default")
        fallback = symbols.index(default) if default else -1
        table = [symbols.index(symbol) if symbol in symbols else fallback for symbol in definition["symbols"]]
        self.emit(kernel.ENUM, target.slot, len(table), self.here + kernel.WIDTH * 2)
        after = self.emit(kernel.JUMP)
        self.code += table
        self.code[after] = self.here

    def branches(self, union: list[Node], target: Target | None) -> None:
        """A union: a table of addresses, then each branch."""
        table = self.emit(kernel.UNION, x=len(union), y=self.here + kernel.WIDTH) + 2
        self.code += [0] * len(union)
        ends: list[int] = []
        for index, branch in enumerate(union):
            self.code[table + index] = self.here
            if target:
                self.read(branch, target)
            else:
                self.skip(branch)
            ends.append(self.emit(kernel.JUMP))
        for end in ends:
            self.code[end] = self.here

    def skip(self, node: Node) -> None:
        """Checks the writer's value and forgets it."""
        kind, definition = self.shape.resolve(node)
        if self.shape.empty(node):
            return
        if kind in SKIP:
            op, size = SKIP[kind]
            self.emit(op, x=size)
        elif kind == "fixed":
            self.emit(kernel.FIXED, x=definition["size"])
        elif kind == "enum":
            self.emit(kernel.ENUM, x=len(definition["symbols"]), y=-1)
        elif kind == "union":
            self.branches(definition, None)
        elif kind == "array":
            self.items([definition["items"]])
        elif kind == "map":
            self.items(["string", definition["values"]])
        elif kind in RECORDS:
            self.calls.append((self.emit(kernel.CALL), definition))

    def items(self, nodes: list[Node]) -> None:
        """Blocks of items, each made of these nodes."""
        if all(self.shape.empty(node) for node in nodes):
            self.emit(kernel.NOTHINGS)
            return
        after = self.emit(kernel.ITEMS)
        for node in nodes:
            self.skip(node)
        self.emit(kernel.NEXT)
        self.code[after] = self.here

    def bodies(self) -> None:
        """The records that are called, each once, however often it occurs: a schema may be recursive."""
        while self.calls:
            call, record = self.calls.pop()
            if record["name"] not in self.addresses:
                self.addresses[record["name"]] = self.here
                for field in record["fields"]:
                    self.skip(field["type"])
                self.emit(kernel.RETURN)
            self.code[call] = self.addresses[record["name"]]


def _same_name(writer: Schema, reader: Schema) -> bool:
    """Named types match by the name behind the last dot or by an alias of the reader's."""
    mine = {alias.rpartition(".")[2] for alias in (reader["name"], *reader.get("aliases", ()))}
    return writer["name"].rpartition(".")[2] in mine
