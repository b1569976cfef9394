"""Snapshots of one partition's state in a compacted topic: parts first, manifest last, then tombstones.

key       p<partition>/<offset>/<writer>/<part>, the manifest's part is `m`
part      at most PART_BYTES of the state
manifest  offset, number of parts, length and digest of the state, head (JSON); a small state stands in the manifest itself

State is a function of the offset, so among complete snapshots the highest offset wins: neither a zombie that writes
late nor a crash between two parts can harm. `writer` keeps the parts of two writers of one offset apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import Struct
from typing import Any

import orjson

PART_BYTES = 900_000
MANIFEST = Struct("<qiq16sH")  # offset, parts, length of the state, digest, length of the head
Keyed = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A complete snapshot: `offset` is the last applied one, `head` says of what (topic id, kernel version)."""

    offset: int
    head: dict[str, Any]
    state: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """Records of a snapshot, in the order in which they must become durable: all parts, then the manifest."""

    parts: list[Keyed]
    manifest: Keyed


def write(partition: int, snapshot: Snapshot, writer: str) -> Written:
    """Records that hold the snapshot."""
    prefix = f"p{partition}/{snapshot.offset}/{writer}/".encode()
    state, head = snapshot.state, orjson.dumps(snapshot.head)
    chunks = [] if len(state) <= PART_BYTES else [state[at : at + PART_BYTES] for at in range(0, len(state), PART_BYTES)]
    manifest = MANIFEST.pack(snapshot.offset, len(chunks), len(state), _digest(state), len(head)) + head
    return Written(
        parts=[(prefix + str(number).encode(), chunk) for number, chunk in enumerate(chunks)],
        manifest=(prefix + b"m", manifest if chunks else manifest + state),
    )


@dataclass(slots=True)
class Shelf:
    """What the changelog of one partition holds, as far as it can still matter."""

    records: dict[bytes, bytes] = field(default_factory=dict)
    superseded: set[bytes] = field(default_factory=set)

    def put(self, key: bytes, value: bytes | None) -> None:
        """Take one record of the changelog; a complete manifest frees what is older."""
        self.superseded.discard(key)
        if value is None:
            self.records.pop(key, None)
            return
        self.records[key] = value
        if key.endswith(b"/m") and self._complete(key) is not None:
            self._forget(below=offset_of(key))

    def newest(self) -> Snapshot | None:
        """The complete snapshot with the highest offset."""
        manifests = sorted((key for key in self.records if key.endswith(b"/m")), key=offset_of, reverse=True)
        return next((found for key in manifests if (found := self._complete(key)) is not None), None)

    def keys(self) -> set[bytes]:
        """Every key that is not a tombstone in the changelog."""
        return set(self.records) | self.superseded

    def _forget(self, *, below: int) -> None:
        for key in [key for key in self.records if offset_of(key) < below]:
            del self.records[key]
            self.superseded.add(key)

    def _complete(self, key: bytes) -> Snapshot | None:
        offset, count, length, digest, head_length = MANIFEST.unpack_from(self.records[key])
        rest = self.records[key][MANIFEST.size :]
        chunks = [rest[head_length:]] if count == 0 else [self.records.get(part) for part in _part_keys(key, count)]
        if any(chunk is None for chunk in chunks):
            return None
        state = b"".join(chunk for chunk in chunks if chunk is not None)
        if len(state) != length or _digest(state) != digest:
            return None
        return Snapshot(offset, orjson.loads(rest[:head_length]), state)


def offset_of(key: bytes) -> int:
    """Offset in a key of the changelog."""
    return int(key.split(b"/")[1])


def older(keys: Iterable[bytes], written: Written) -> list[bytes]:
    """Keys that the written snapshot supersedes."""
    mine = {key for key, _ in written.parts} | {written.manifest[0]}
    offset = offset_of(written.manifest[0])
    return [key for key in keys if key not in mine and offset_of(key) <= offset]


def _part_keys(manifest: bytes, count: int) -> Iterator[bytes]:
    return (manifest[:-1] + str(number).encode() for number in range(count))


def _digest(state: bytes) -> bytes:
    return blake2b(state, digest_size=16).digest()
