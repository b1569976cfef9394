"""A parsed Avro schema with its names resolved: what the byte rules and the column programs are compiled from."""

from typing import Any, Final

import fastavro

from schemas.manifest import Node, Schema

PRIMITIVES: Final = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
RECORDS: Final = frozenset(("record", "error"))
DEPTH_MAX: Final = 64  # records, arrays and maps within each other; deeper bodies are invalid


class Shape:
    """Looks into a schema.

    Args:
        parsed: a schema as `manifest.parse` returns it.
    """

    def __init__(self, parsed: Schema) -> None:
        self.root: Node = parsed
        self.names: dict[str, Schema] = {}
        fastavro.parse_schema(parsed, self.names)
        self._empty: dict[str, bool] = {}

    def resolve(self, node: Node) -> tuple[str, Any]:
        """Kind of a node and its definition: a union is a list, a primitive its own name, all others a mapping."""
        while True:
            if isinstance(node, list):
                return "union", node
            if isinstance(node, str):
                if node in PRIMITIVES:
                    return node, node
                node = self.names[node]
                continue
            kind = node["type"]
            if isinstance(kind, str) and kind not in PRIMITIVES and kind not in self.names:
                return kind, node
            node = kind

    def empty(self, node: Node) -> bool:
        """True if every value of this node takes no bytes at all: null, fixed of size 0 and records of nothing else."""
        kind, definition = self.resolve(node)
        if kind == "null":
            return True
        if kind == "fixed":
            return bool(definition["size"] == 0)
        if kind not in RECORDS:
            return False
        name: str = definition["name"]
        if name not in self._empty:
            self._empty[name] = False  # a record within itself has no finite value: not empty
            self._empty[name] = all(self.empty(field["type"]) for field in definition["fields"])
        return self._empty[name]


def unqualified(schema: Schema) -> str:
    """The record's name without its namespace; empty if the schema is no record."""
    if not isinstance(schema, dict) or schema.get("type") not in RECORDS:
        return ""
    return str(schema["name"]).rpartition(".")[2]
