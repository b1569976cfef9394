"""Names that everybody computes alike: Kafka's partition of a key, deterministic ids. Pure Python; numba's twin is in murmur.py."""

import hashlib
import uuid
from typing import Final

HOUSE: Final = uuid.UUID("5f0d2a3c-9a0e-5d57-8f3e-0f6d5f1c7b11")  # namespace of all our UUIDv5; never changes
MASK: Final = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """Kafka's murmur2 of a key as an unsigned 32-bit number (org.apache.kafka.common.utils.Utils.murmur2).

    >>> murmur2(b"21") == -973932308 % 2**32
    True
    """
    m = 0x5BD1E995
    length = len(key)
    h = 0x9747B28C ^ length
    whole = length - length % 4
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * m & MASK
        k = (k ^ k >> 24) * m & MASK
        h = (h * m & MASK) ^ k
    if whole < length:
        h = (h ^ int.from_bytes(key[whole:], "little")) * m & MASK
    h = (h ^ h >> 13) * m & MASK
    return h ^ h >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition Kafka's own producers choose for a key; librdkafka's with `partitioner=murmur2_random`.

    >>> partition_of(b"pump-7", 24)
    0
    """
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def key_flaw(key: bytes) -> str:
    """What shows that a key is not the bare id of an asset; empty if nothing does.

    >>> key_flaw(b"pump-7"), key_flaw(b'"pump-7"'), key_flaw(b" pump-7")
    ('', 'is serialised as Avro or JSON', 'has blanks around the id')
    """
    if key[:1] in (b"\0", b'"', b"{"):
        return "is serialised as Avro or JSON"
    try:
        key.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return "has blanks around the id" if key != key.strip() else ""


def deterministic_id(*parts: object) -> str:
    """UUIDv5 of the parts in this house's namespace: the same parts give the same id everywhere and for ever.

    Parts are joined by an ASCII unit separator, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha1(HOUSE.bytes + "\x1f".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]  # RFC 9562, 5.5; uuid.uuid5 does the same through several objects, at ten times the cost
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def episode_id(asset_id: str, subject: str, sensor_id: str, detector: str, start_us: int) -> str:
    """Id of an episode: asset, what is in doubt, sensor and detector of the first evidence, begin (microseconds).

    The sensor belongs to it: sensors that are sampled together can begin to fail at the same time, each in its own episode.
    """
    return deterministic_id("episode", asset_id, subject, sensor_id, detector, start_us)
