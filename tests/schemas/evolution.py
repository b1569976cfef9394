"""What upstream teams may make of our records: writer schemas, their data, and damaged bytes. All from one source of randomness."""

import io
import random
import struct
from typing import Any, Final

import fastavro

from schemas.manifest import NEWEST, Node, Schema, parse

NARROWER: Final = {
    "string": ("string", "string", "bytes"),
    "bytes": ("bytes", "string"),
    "long": ("long", "int"),
    "double": ("double", "float", "long", "int"),
}
PRIMITIVES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
TEXTS: Final = ("", "P1.vib", "Pümpe", "压力", "🛠 drive-7", "a" * 40)
EDGES: Final = (0, 1, -1, 63, 64, -65, 2**31 - 1, -(2**31))
WIDE_EDGES: Final = (*EDGES, 2**31, 2**63 - 1, -(2**63), 1_700_000_000_000_000)
FLOATS: Final = (0.0, -0.0, 1.5, float("nan"), float("inf"), float("-inf"), 1e-45, 3.0e38)
BOMBS: Final = (2**60, -(2**60), 2**63 - 1, -(2**63), 2**31, -(2**31) - 1, -1, 64, 127)


class Evolution:
    """Draws schemas and data.

    Args:
        rng: hypothesis' own source for tests that shrink, a seeded one for long runs.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names = 0

    def writer(self, name: str) -> Schema:
        """Fields dropped, reordered, narrowed, in unions, and new ones between."""
        rng = self.rng
        fields = []
        for field in NEWEST[name].parsed["fields"]:
            if rng.random() < (0.3 if "default" in field else 0.01):
                continue
            fields.append({"name": field["name"], "type": self.evolved(field["type"])})
        for number in range(rng.choice((0, 0, 1, 2, 3))):
            fields.insert(rng.randint(0, len(fields)), {"name": f"extra{number}", "type": self.node(0)})
        if rng.random() < 0.3:
            rng.shuffle(fields)
        return {"type": "record", "name": name, "namespace": "plant", "fields": fields}

    def evolved(self, node: Node) -> Node:
        rng = self.rng
        node = node[1] if isinstance(node, list) else node
        kind = node["type"] if isinstance(node, dict) else node
        if kind == "enum":
            symbols = [*node["symbols"], "other"][: rng.choice((2, 3))]
            rng.shuffle(symbols)
            return {**node, "symbols": symbols}
        chosen = rng.choice(NARROWER[kind])
        return rng.choice((chosen, chosen, [chosen, "null"], ["null", chosen], ["boolean", chosen, "null"]))

    def node(self, depth: int) -> Node:
        """Any type a reader may have to skip."""
        rng = self.rng
        kind = rng.choice(PRIMITIVES if depth > 3 else (*PRIMITIVES, "fixed", "enum", "array", "array", "map", "union", "record", "list"))
        if kind in PRIMITIVES:
            return kind
        self.names += 1
        name = f"N{self.names}"
        makers: dict[str, Any] = {
            "fixed": lambda: {"type": "fixed", "name": name, "size": rng.randint(0, 9)},
            "enum": lambda: {"type": "enum", "name": name, "symbols": ["a", "b", "c"][: rng.randint(1, 3)]},
            "array": lambda: {"type": "array", "items": self.node(depth + 1)},
            "map": lambda: {"type": "map", "values": self.node(depth + 1)},
            "union": lambda: rng.sample(PRIMITIVES, rng.randint(1, 3)),
            "record": lambda: self.record(name, [self.node(depth + 1) for _ in range(rng.randint(0, 3))]),
            "list": lambda: self.record(name, ["int", ["null", name]]),
        }
        made: Node = makers[kind]()
        return made

    def record(self, name: str, nodes: list[Node]) -> Schema:
        fields = [{"name": f"f{number}", "type": node} for number, node in enumerate(nodes)]
        return {"type": "record", "name": name, "fields": fields}

    def value(self, node: Node, names: dict[str, Schema], depth: int = 0) -> Any:
        """Data of a parsed schema; a record within itself ends after a few rounds."""
        rng = self.rng
        if isinstance(node, list):
            wanted = [branch for branch in node if branch not in ("null", "boolean")]
            branches = wanted if wanted and rng.random() < 0.9 and depth < 4 else node[:1]
            return self.value(rng.choice(branches), names, depth)
        if isinstance(node, str):
            return self.primitive(node) if node in PRIMITIVES else self.value(names[node], names, depth + 1)
        makers: dict[str, Any] = {
            "fixed": lambda: rng.randbytes(node["size"]),
            "enum": lambda: rng.choice(node["symbols"]),
            "array": lambda: [self.value(node["items"], names, depth) for _ in range(rng.randint(0, 3))],
            "map": lambda: {key: self.value(node["values"], names, depth) for key in rng.sample(TEXTS, rng.randint(0, 2))},
            "record": lambda: {field["name"]: self.value(field["type"], names, depth) for field in node["fields"]},
        }
        return makers[node["type"]]() if node["type"] in makers else self.primitive(node["type"])

    def primitive(self, kind: str) -> Any:
        rng = self.rng
        choices: dict[str, Any] = {
            "null": lambda: None,
            "boolean": lambda: rng.random() < 0.5,
            "int": lambda: rng.choice((*EDGES, rng.randint(-(2**31), 2**31 - 1))),
            "long": lambda: rng.choice((*WIDE_EDGES, rng.randint(-(2**63), 2**63 - 1))),
            "float": lambda: struct.unpack("<f", struct.pack("<f", rng.choice(FLOATS)))[0],
            "double": lambda: rng.choice((*FLOATS, rng.uniform(-1e9, 1e9), 5e-324)),
            "bytes": lambda: rng.choice(TEXTS).encode() if rng.random() < 0.7 else rng.randbytes(rng.randint(1, 12)),
            "string": lambda: rng.choice(TEXTS),
        }
        return choices[kind]()

    def damaged(self, body: bytes) -> bytes:
        """The body with one to three wounds."""
        value = bytearray(body)
        for _ in range(self.rng.randint(1, 3)):
            self.rng.choice((self.flip, self.flip, self.cut, self.bomb, self.insert))(value)
        return bytes(value)

    def flip(self, value: bytearray) -> None:
        if value:
            value[self.rng.randint(0, len(value) - 1)] ^= 1 << self.rng.randint(0, 7)

    def cut(self, value: bytearray) -> None:
        del value[self.rng.randint(0, len(value)) :]

    def bomb(self, value: bytearray) -> None:
        at = self.rng.randint(0, len(value))
        value[at : at + self.rng.randint(0, 2)] = body_of(parse({"type": "long"}), self.rng.choice(BOMBS))

    def insert(self, value: bytearray) -> None:
        at = self.rng.randint(0, len(value))
        value[at:at] = self.rng.randbytes(self.rng.randint(1, 11))


def body_of(parsed: Schema, record: Any) -> bytes:
    """The Avro body of data."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, parsed, record)
    return out.getvalue()


def parsed_with_names(schema: Schema) -> tuple[Schema, dict[str, Any]]:
    names: dict[str, Any] = {}
    parsed = parse(schema)
    fastavro.parse_schema(parsed, names)
    return parsed, names
