"""Record batches to columns without an object per record: one numba kernel. Only for processes that load numba anyway.

Format: https://kafka.apache.org/documentation/#recordbatch (magic 2).
"""

from struct import Struct
from typing import Any, Final

import numpy as np
from aiokafka import codec
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from numba import njit

from schemas.blobs import NULL, Blobs, Bytes, Longs
from schemas.zigzag import zigzag
from streams.transport.records import MAGIC_AT, NEW_FORMAT, Records, plain

HEADER: Final = Struct(">qiibIhiqqqhii")
UNPACK: Final = (None, codec.gzip_decode, codec.snappy_decode, codec.lz4_decode, codec.zstd_decode)
CODEC_BITS: Final = 0x07
APPEND_TIME_BIT: Final = 0x08
RECORD_BYTES_MIN: Final = 7  # length, attributes, two deltas, two lengths, number of headers: a byte each
NULL_START, NULL_END = NULL


def columns(batch: Any) -> Records:
    """Records of a batch, keys and values as Blobs of one buffer.

    Raises:
        CorruptRecordException: the batch is damaged.
        UnsupportedCodecError: it is compressed with something nobody knows.
    """
    if batch[MAGIC_AT] != NEW_FORMAT:
        return plain(batch)
    first_offset, _, _, _, _, attributes, _, first_ms, last_ms, _, _, _, count = HEADER.unpack_from(batch)
    body = _unpacked(attributes & CODEC_BITS, batch[HEADER.size :])
    if not 0 <= count <= len(body) // RECORD_BYTES_MIN:
        raise CorruptRecordException(f"a batch of {count} records in {len(body)} bytes at offset {first_offset}")
    append_ms = last_ms if attributes & APPEND_TIME_BIT else -1
    buffer = np.frombuffer(body, np.uint8)
    longs = np.empty((6, count), np.int64)
    if not split(buffer, first_offset, first_ms, append_ms, longs):
        raise CorruptRecordException(f"damaged records in the batch at offset {first_offset}")
    return Records(longs[0], longs[1], Blobs(buffer, longs[2], longs[3]), Blobs(buffer, longs[4], longs[5]))


def _unpacked(kind: int, body: Any) -> bytes:
    if kind >= len(UNPACK):
        raise UnsupportedCodecError(f"unknown compression {kind}")
    unpack = UNPACK[kind]
    return bytes(body) if unpack is None else unpack(bytes(body))


@njit(cache=True, nogil=True)
def split(buffer: Bytes, first_offset: int, first_ms: int, append_ms: int, longs: Longs) -> bool:
    """Find the records of a batch; returns False if its bytes are no whole number of whole records.

    Args:
        buffer: the uncompressed records.
        first_offset: what offsets count from.
        first_ms: what timestamps count from.
        append_ms: the broker's time, or -1 where the producer's counts.
        longs: i8[6, n], written: offset, timestamp, start and end of the key, start and end of the value.
    """
    at = 0
    for row in range(longs.shape[1]):
        size, at = zigzag(buffer, at, len(buffer))
        if at < 0 or size < 1 or size > len(buffer) - at:
            return False
        end = at + size
        delta_ms, at = zigzag(buffer, at + 1, end)  # behind the attributes, which have no meaning yet
        if at >= 0:
            delta, at = zigzag(buffer, at, end)
            longs[0, row] = first_offset + delta
            longs[1, row] = append_ms if append_ms >= 0 else first_ms + delta_ms
        for side in (2, 4):
            if at >= 0:
                length, at = zigzag(buffer, at, end)
                if at < 0 or length > end - at:
                    return False
                longs[side, row] = at if length >= 0 else NULL_START
                longs[side + 1, row] = at + length if length >= 0 else NULL_END
                at += max(length, 0)
        if at >= 0:
            at = _pass_headers(buffer, at, end)
        if at != end:
            return False
    return at == len(buffer)


@njit(cache=True, nogil=True)
def _pass_headers(buffer: Bytes, at: int, end: int) -> int:
    """Position behind the headers, -1 if they are damaged. Nobody reads headers here."""
    count, at = zigzag(buffer, at, end)
    if count < 0:
        return -1
    for _ in range(2 * count):
        if at >= 0:
            length, at = zigzag(buffer, at, end)
        if at < 0 or length > end - at:
            return -1
        at += max(length, 0)
    return at


def warm() -> None:
    """Compile the kernel or load it from the cache."""
    split(Blobs.of([b"\x0c\0\0\0\1\1\0"]).buffer, 0, 0, -1, np.empty((6, 1), np.int64))
