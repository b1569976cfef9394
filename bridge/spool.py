"""Records on disk while Kafka is away: segments of length, CRC32 and bytes; replayed in order, forgotten when delivered.

A record is numbered from 0 for ever; a segment file carries the number of its first record. Numbers below the position
are delivered. Nothing is dropped silently: a full spool refuses, and bytes cut off a damaged end stay beside it (.cut).
"""

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Condition
from typing import Final

from bridge.reading import Record

HEAD: Final = struct.Struct("<III")  # CRC32 of what follows, bytes of the key, bytes of the value
SEGMENT_BYTES: Final = 16 * 1024**2
POSITION: Final = "position"


class FullError(RuntimeError):
    """No room, or the disk refused; nothing was written."""


@dataclass(slots=True)
class Segment:
    """One file: number of its first record, its records and bytes."""

    path: Path
    first: int
    count: int = 0
    size: int = 0

    @property
    def end(self) -> int:
        """Number after its last record."""
        return self.first + self.count


class Spool:
    """A queue of records on disk. Every method may be called from any thread.

    Args:
        folder: made if it is not there; one process at a time.
        bytes_max: largest size of all segments together.
        segment_bytes: a segment larger than this is followed by a new one.
        sync: after append the records are on the disk itself, not only handed to the operating system.
    """

    def __init__(self, folder: Path, *, bytes_max: int, segment_bytes: int = SEGMENT_BYTES, sync: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._bytes_max, self._segment_bytes, self._sync = folder, bytes_max, segment_bytes, sync
        self._changed = Condition()
        self.cut_bytes = 0  # torn off damaged ends when this spool was opened
        self._segments = [self._scan(path) for path in sorted(folder.glob("*.seg"))]
        first = self._segments[0].first if self._segments else 0
        self._position = max(self._remembered(), first)
        self._next = max([self._position, *(segment.end for segment in self._segments)])
        self._file = -1  # what is appended to: the last segment, once there is something to append
        self._at = 0
        self._forget(last=True)
        self._at = self._begin()  # byte of the position in the first segment

    @property
    def size(self) -> int:
        """Bytes of all segments."""
        with self._changed:
            return sum(segment.size for segment in self._segments)

    @property
    def waiting(self) -> int:
        """Records that are not delivered yet."""
        with self._changed:
            return self._next - self._position

    def append(self, records: Sequence[Record]) -> None:
        """Add records, all or none; when this returns they survive the end of this process.

        Raises:
            FullError: there is no room, or the disk refused.
        """
        if not records:
            return
        data = b"".join(map(pack, records))
        with self._changed:
            if not self._fits(len(data)):
                self._forget(last=True)
            if not self._fits(len(data)):
                raise FullError(f"the spool is full: {self._bytes_max} bytes, {self._next - self._position} readings wait for Kafka")
            try:
                self._write(data)
            except OSError as error:
                raise FullError(f"the disk of the spool refuses: {error.strerror}") from error
            self._segments[-1].count += len(records)
            self._segments[-1].size += len(data)
            self._next += len(records)
            self._changed.notify_all()

    def read(self, records_max: int, *, wait_s: float = 0.0) -> list[Record]:
        """The oldest undelivered records, in order; waits for one to come. They stay until they are committed."""
        with self._changed:
            self._changed.wait_for(lambda: self._next > self._position, wait_s)
            spans = [(segment.path, segment.size) for segment in self._segments]
            begin = self._at
        found: list[Record] = []
        for path, size in spans:
            found += islice(entries(path, begin, size), records_max - len(found))
            begin = 0
            if len(found) == records_max:
                break
        return found

    def commit(self, records: Sequence[Record]) -> None:
        """These records, the oldest ones as read, are in Kafka: remember that and remove what is not needed any more."""
        with self._changed:
            for entry in records:
                if self._at == self._segments[0].size:
                    self._drop()
                self._at += HEAD.size + len(entry.key) + len(entry.value)
                self._position += 1
            self._forget(last=False)
            new = self._folder / f"{POSITION}.new"
            new.write_text(f"{self._position}\n", encoding="ascii")
            new.replace(self._folder / POSITION)

    def close(self) -> None:
        """Let the file go; what was appended stays."""
        with self._changed:
            self._shut()

    def _fits(self, size: int) -> bool:
        return sum(segment.size for segment in self._segments) + size <= self._bytes_max

    def _write(self, data: bytes) -> None:
        """Put data behind the last segment, or leave that as it was."""
        if not self._segments or self._segments[-1].size >= self._segment_bytes or self._file < 0:
            self._roll()
        size, done = self._segments[-1].size, 0
        try:
            while done < len(data):
                done += os.pwrite(self._file, data[done:], size + done)
            if self._sync:
                os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, size)
            raise

    def _roll(self) -> None:
        segment = Segment(self._folder / f"{self._next:020d}.seg", self._next)
        file = os.open(segment.path, os.O_WRONLY | os.O_CREAT, 0o600)
        self._shut()
        self._file = file
        self._segments.append(segment)
        self._settle(self._folder)

    def _settle(self, folder: Path) -> None:
        """A new name in a folder is durable once the folder is."""
        if not self._sync:
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _shut(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _forget(self, *, last: bool) -> None:
        """Remove segments that are delivered as a whole; the last one when it has grown, or if the room is wanted."""
        while self._segments and self._segments[0].end <= self._position:
            if len(self._segments) == 1 and not last and self._segments[0].size < self._segment_bytes:
                return
            self._drop()

    def _drop(self) -> None:
        segment = self._segments.pop(0)
        if not self._segments:
            self._shut()
        else:  # numbers that were cut off a damaged segment are skipped
            self._position = max(self._position, self._segments[0].first)
        segment.path.unlink()
        self._at = 0

    def _begin(self) -> int:
        if not self._segments:
            return 0
        segment = self._segments[0]
        delivered = islice(entries(segment.path, 0, segment.size), self._position - segment.first)
        return sum(HEAD.size + len(entry.key) + len(entry.value) for entry in delivered)

    def _remembered(self) -> int:
        try:
            return int((self._folder / POSITION).read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0  # everything on disk is sent once more: identical readings, counted as duplicates

    def _scan(self, path: Path) -> Segment:
        """What of a file is whole; the rest is cut off and kept beside it."""
        segment = Segment(path, int(path.stem))
        length = path.stat().st_size
        for entry in entries(path, 0, length):
            segment.count += 1
            segment.size += HEAD.size + len(entry.key) + len(entry.value)
        if segment.size < length:
            self.cut_bytes += length - segment.size
            with path.open("r+b") as file:
                file.seek(segment.size)
                path.with_suffix(".cut").write_bytes(file.read())
                file.truncate(segment.size)
        return segment


def pack(entry: Record) -> bytes:
    """The bytes of a record in a segment."""
    rest = HEAD.pack(0, len(entry.key), len(entry.value))[4:] + entry.key + entry.value
    return zlib.crc32(rest).to_bytes(4, "little") + rest


def entries(path: Path, begin: int, end: int) -> Iterator[Record]:
    """Whole records between two bytes of a file, up to the first damage."""
    with path.open("rb") as file:
        file.seek(begin)
        while begin < end:
            head = file.read(HEAD.size)
            if len(head) < HEAD.size:
                return
            checksum, key, value = HEAD.unpack(head)
            begin += HEAD.size + key + value
            if begin > end:
                return
            body = file.read(key + value)
            if zlib.crc32(body, zlib.crc32(head[4:])) != checksum:
                return
            yield Record(body[:key], body[key:])
