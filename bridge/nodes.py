"""Which OPC UA nodes are read, and what they are called: a CSV file, or everything below a node."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asyncua import Client, Node, ua

COLUMNS: Final = ("node", "asset_id", "sensor_id")
DEPTH_MAX: Final = 20
NODES_MAX: Final = 100_000


class NodesError(ValueError):
    """The file of nodes cannot be used; the message names line and remedy."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A node (NodeId as text) and the sensor it is."""

    node: str
    asset_id: str
    sensor_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """A variable below a browsed node; `path` holds the browse names from there on."""

    node: Node
    path: tuple[str, ...]


def read(path: Path) -> tuple[Chosen, ...]:
    """The nodes of a file with the columns node, asset_id, sensor_id; further columns are left alone.

    Raises:
        NodesError: it cannot be read, a column is missing, or a line is not complete.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise NodesError(f"{path}: cannot be read: {error}") from None
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise NodesError(f"{path}: no lines with the columns {', '.join(missing)}; `maint onboard opcua --nodes-out` writes such a file")
    chosen = []
    for line, row in enumerate(rows, 2):
        cells = [(row[name] or "").strip() for name in COLUMNS]
        if not all(cells):
            raise NodesError(f"{path}:{line}: node, asset_id and sensor_id are needed")
        try:
            ua.NodeId.from_string(cells[0])
        except ua.UaError:
            raise NodesError(f"{path}:{line}: {cells[0]!r} is no NodeId like ns=2;s=Pump.Speed") from None
        chosen.append(Chosen(*cells))
    return tuple(chosen)


def write(path: Path, chosen: Sequence[Chosen]) -> None:
    """Write a file that `read` takes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows((entry.node, entry.asset_id, entry.sensor_id) for entry in chosen)


async def browse(client: Client, root: str) -> list[Found]:
    """Every variable below a node, its properties left out, in the order the server names them."""
    start = client.get_node(root)
    found: list[Found] = []
    seen = {start.nodeid}
    ahead: list[tuple[Node, tuple[str, ...]]] = [(start, ())]
    while ahead and len(found) < NODES_MAX:
        node, path = ahead.pop(0)
        for child in await node.get_children_descriptions(ua.ObjectIds.HierarchicalReferences):
            if child.NodeId in seen or child.ReferenceTypeId.Identifier == ua.ObjectIds.HasProperty or len(path) >= DEPTH_MAX:
                continue
            seen.add(child.NodeId)
            below = (client.get_node(child.NodeId), (*path, child.BrowseName.Name or str(child.NodeId.Identifier)))
            if child.NodeClass == ua.NodeClass.Variable:
                found.append(Found(*below))
            ahead.append(below)
    return found


def named(found: Sequence[Found]) -> list[Chosen]:
    """The names browsed variables get: its path is the sensor, the part before the last name the asset.

    Where two have one path (their names lie in two namespaces), the later ones carry their NodeId.
    """
    chosen: dict[str, Chosen] = {}
    for entry in found:
        node, sensor = entry.node.nodeid.to_string(), ".".join(entry.path)
        asset = ".".join(entry.path[:-1]) or sensor
        sensor = f"{sensor}[{node}]" if sensor in chosen else sensor
        chosen[sensor] = Chosen(node, asset, sensor)
    return list(chosen.values())
