"""Kafka's murmur2 for kernels; the readable twin is identifiers.murmur2."""

import numba as nb
import numpy as np
import numpy.typing as npt

U4 = np.uint32


@nb.njit(cache=True, nogil=True)
def murmur2_bytes(buffer: npt.NDArray[np.uint8], start: int, end: int) -> int:
    """murmur2 of buffer[start:end] as an unsigned 32-bit number in an int64."""
    m = U4(0x5BD1E995)
    length = end - start
    h = U4(0x9747B28C) ^ U4(length)
    at = start
    while end - at >= 4:
        k = U4(buffer[at]) | (U4(buffer[at + 1]) << U4(8)) | (U4(buffer[at + 2]) << U4(16)) | (U4(buffer[at + 3]) << U4(24))
        k = U4(k * m)
        k = U4((k ^ (k >> U4(24))) * m)
        h = U4(h * m) ^ k
        at += 4
    rest = end - at
    if rest >= 3:
        h ^= U4(buffer[at + 2]) << U4(16)
    if rest >= 2:
        h ^= U4(buffer[at + 1]) << U4(8)
    if rest >= 1:
        h = U4((h ^ U4(buffer[at])) * m)
    h = U4((h ^ (h >> U4(13))) * m)
    return np.int64(h ^ (h >> U4(15)))  # type: ignore[return-value]  # numba's int is int64


@nb.njit(cache=True, nogil=True)
def partition_bytes(buffer: npt.NDArray[np.uint8], start: int, end: int, partitions: int) -> int:
    """The partition Kafka's own producers choose for the key buffer[start:end]."""
    return int(murmur2_bytes(buffer, start, end) & 0x7FFFFFFF) % partitions
