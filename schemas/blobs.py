"""Many byte strings in one buffer: what kernels read instead of lists of bytes objects. Knows numpy only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
Longs: TypeAlias = npt.NDArray[np.int64]

NULL: tuple[int, int] = (0, -1)  # start and end of a null


@dataclass(frozen=True, slots=True, eq=False)
class Blobs(Sequence[bytes | None]):
    """n byte strings: entry i is buffer[start[i]:end[i]], or null where end < start.

    Attributes:
        buffer: u1[m].
        start, end: i8[n], within the buffer.
    """

    buffer: Bytes
    start: Longs
    end: Longs

    def __post_init__(self) -> None:
        self.buffer.setflags(write=False)  # one type for numba, wherever the bytes come from

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> "Blobs":
        """The same values in one buffer.

        >>> list(Blobs.of([b"a", None, b""]))
        [b'a', None, b'']
        """
        if isinstance(values, Blobs):
            return values
        try:
            sizes = np.fromiter(map(len, values), np.int64, len(values))  # type: ignore[arg-type]  # nulls are rare
        except TypeError:
            return cls._with_nulls(values)
        end = np.cumsum(sizes)
        return cls(np.frombuffer(b"".join(values), np.uint8), end - sizes, end)  # type: ignore[arg-type]

    @classmethod
    def _with_nulls(cls, values: Sequence[bytes | None]) -> "Blobs":
        found = cls.of([value or b"" for value in values])
        null = np.fromiter((value is None for value in values), np.bool_, len(values))
        found.start[null], found.end[null] = NULL
        return found

    @property
    def sizes(self) -> Longs:
        """Bytes of each entry; 0 for a null."""
        sizes: Longs = np.maximum(self.end - self.start, 0)
        return sizes

    def __len__(self) -> int:
        return len(self.start)

    @overload
    def __getitem__(self, index: int) -> bytes | None: ...

    @overload
    def __getitem__(self, index: slice) -> "Blobs": ...

    def __getitem__(self, index: int | slice) -> "bytes | Blobs | None":
        if isinstance(index, slice):
            return Blobs(self.buffer, self.start[index], self.end[index])
        start, end = self.start[index], self.end[index]
        return None if end < start else self.buffer[start:end].tobytes()

    def __iter__(self) -> Iterator[bytes | None]:
        """All entries; an index at a time costs five times as much."""
        view = self.buffer.data
        for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True):
            yield None if end < start else view[start:end].tobytes()


def joined(parts: Sequence[Blobs]) -> Blobs:
    """All entries of several, in order."""
    if len(parts) == 1:
        return parts[0]
    shifts = np.cumsum([0, *(len(part.buffer) for part in parts[:-1])]).tolist()
    start = np.concatenate([part.start + shift for part, shift in zip(parts, shifts, strict=True)])
    end = np.concatenate([part.end + shift for part, shift in zip(parts, shifts, strict=True)])
    return Blobs(np.concatenate([part.buffer for part in parts]), start, end)
