"""Avro's and Kafka's variable-length numbers, for kernels."""

import numba as nb
import numpy as np

from schemas.blobs import Bytes

inlined = nb.njit(cache=True, nogil=True, forceinline=True)


@inlined
def zigzag(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """A zigzag number and the position behind it, -1 if there is none."""
    value = np.uint64(0)
    shift = np.uint64(0)
    part = np.uint64(0x80)
    while part >= np.uint64(0x80) and at < end and shift < np.uint64(70):
        part = np.uint64(buffer[np.uint64(at)])
        value |= (part & np.uint64(0x7F)) << shift
        shift += np.uint64(7)
        at += 1
    if part >= np.uint64(0x80) or (shift == np.uint64(70) and part > np.uint64(1)):
        at = -1
    return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1)), at  # type: ignore[return-value]  # numba's int


@inlined
def put_zigzag(buffer: Bytes, at: int, number: int) -> int:
    """Write a zigzag number, at most 10 bytes; returns the position behind it."""
    rest = np.uint64(number << 1) ^ np.uint64(number >> 63)
    while rest > np.uint64(0x7F):
        buffer[at] = np.uint8((rest & np.uint64(0x7F)) | np.uint64(0x80))
        rest >>= np.uint64(7)
        at += 1
    buffer[at] = np.uint8(rest)
    return at + 1
