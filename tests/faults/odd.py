"""Records no gateway should send: one maker per way in which data goes wrong. Seeded, so that a failure can be seen again."""

import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from schemas.codec import encode
from schemas.identifiers import partition_of

YEAR_2000_US = 946_684_800_000_000
NAME_BEGIN = 6  # behind the frame and the length of the name
LOADED = re.compile(rb"a\d{5}\.s\d+")  # names of sensors as load.py makes them


@dataclass(frozen=True)
class Sound:
    """A sound reading of the sensor `sensor_id` of `asset_id`, from which an odd one is made."""

    sensor_id: str
    asset_id: str
    other_asset: str  # one in the same partition if there is one
    ts: int
    partitions: int

    @property
    def value(self) -> bytes:
        return encode("Reading", self.record())

    @property
    def key(self) -> bytes:
        return self.asset_id.encode()

    @property
    def partition(self) -> int:
        return partition_of(self.key, self.partitions)

    def record(self, **other: object) -> dict[str, object]:
        return {"sensor_id": self.sensor_id, "ts": self.ts, "value": 21.5, "status": 0, "seq": None, **other}


Odd: TypeAlias = tuple[bytes | None, bytes | None, int]  # value, key, partition
Maker: TypeAlias = Callable[[Sound, np.random.Generator], Odd]


def _at_home(sound: Sound, value: bytes | None) -> Odd:
    return value, sound.key, sound.partition


def noise(sound: Sound, rng: np.random.Generator) -> Odd:
    return _at_home(sound, rng.bytes(int(rng.integers(0, 60))))


def truncated(sound: Sound, rng: np.random.Generator) -> Odd:
    return _at_home(sound, sound.value[: int(rng.integers(0, len(sound.value)))])


def prolonged(sound: Sound, rng: np.random.Generator) -> Odd:
    return _at_home(sound, sound.value + rng.bytes(int(rng.integers(1, 9))))


def flipped(sound: Sound, rng: np.random.Generator) -> Odd:
    """One to three bits anywhere; the result may be a sound reading again, but not one of a sensor that another partition has.

    Such a sensor would be stored in the order in which the partitions arrive, which nobody can foretell.
    """
    while True:
        raw = bytearray(sound.value)
        for bit in rng.integers(0, len(raw) * 8, int(rng.integers(1, 4))).tolist():
            raw[bit // 8] ^= 1 << bit % 8
        name = bytes(raw[NAME_BEGIN : NAME_BEGIN + len(sound.sensor_id)])
        if name == sound.sensor_id.encode() or not LOADED.fullmatch(name):
            return _at_home(sound, bytes(raw))


def foreign_magic(sound: Sound, rng: np.random.Generator) -> Odd:
    return _at_home(sound, bytes([int(rng.integers(1, 256))]) + sound.value[1:])


def unknown_id(sound: Sound, rng: np.random.Generator) -> Odd:
    return _at_home(sound, b"\0" + struct.pack(">I", int(rng.integers(0, 2**32))) + sound.value[5:])


def other_record(sound: Sound, rng: np.random.Generator) -> Odd:
    """A record of ours that does not belong here."""
    number = int(rng.choice([2_000_000_002, 2_000_000_003, 2_000_000_005, 2_000_000_009]))
    return _at_home(sound, b"\0" + struct.pack(">I", number) + sound.value[5:])


def length_bomb(sound: Sound, rng: np.random.Generator) -> Odd:
    """A text that announces up to 2**62 bytes."""
    announced = int(rng.integers(1_000, 2**62)) << 1
    raw = bytearray()
    while announced > 0x7F:
        raw.append(announced & 0x7F | 0x80)
        announced >>= 7
    return _at_home(sound, sound.value[:5] + bytes(raw) + bytes([announced]) + sound.value[6:])


def endless_number(sound: Sound, rng: np.random.Generator) -> Odd:
    return _at_home(sound, sound.value[:5] + b"\xff" * int(rng.integers(9, 30)) + b"\x01" + sound.value[6:])


def no_number(sound: Sound, rng: np.random.Generator) -> Odd:
    bits = int(rng.choice(np.array([0x7FF8 << 48, 0x7FF0 << 48, 0xFFF0 << 48, 0x7FF4 << 48 | 7, 0xFFF8 << 48 | 5], np.uint64)))
    return _at_home(sound, encode("Reading", sound.record(value=struct.unpack("<d", struct.pack("<Q", bits))[0])))


def extreme_time(sound: Sound, rng: np.random.Generator) -> Odd:
    times = [
        0,
        -1,
        -(2**63),
        2**63 - 1,
        YEAR_2000_US - 1,
        253_402_300_799_000_000,
        sound.ts // 1000,
        sound.ts // 1_000_000,
        sound.ts * 1000,
    ]
    times += [sound.ts + 3_600_000_000, sound.ts + 7_200_000_000]
    return _at_home(sound, encode("Reading", sound.record(ts=times[int(rng.integers(len(times)))])))


def odd_status(sound: Sound, rng: np.random.Generator) -> Odd:
    status = [0x80000000, 0x40000000, 0x803C0000, -1, 2**32, 2**63 - 1, -(2**63), 192, 500]
    return _at_home(sound, encode("Reading", sound.record(status=status[int(rng.integers(len(status)))])))


def bad_name(sound: Sound, rng: np.random.Generator) -> Odd:
    names = ["", "n" * 201, "ü" * 101, "x" * 5000]
    return _at_home(sound, encode("Reading", sound.record(sensor_id=names[int(rng.integers(len(names)))])))


def broken_text(sound: Sound, rng: np.random.Generator) -> Odd:
    """The sensor's name is no UTF-8."""
    raw = bytearray(sound.value)
    raw[6 + int(rng.integers(len(sound.sensor_id)))] = int(rng.integers(0xF8, 0x100))
    return _at_home(sound, bytes(raw))


def tombstone(sound: Sound, _rng: np.random.Generator) -> Odd:
    return _at_home(sound, None)


def json_text(sound: Sound, _rng: np.random.Generator) -> Odd:
    return _at_home(sound, json.dumps(sound.record()).encode())


def no_key(sound: Sound, rng: np.random.Generator) -> Odd:
    return sound.value, [None, b"", b"k" * 201, b"\xff\xfe", b"\0\0\0\0\1" + sound.key][int(rng.integers(5))], sound.partition


def wrong_partition(sound: Sound, rng: np.random.Generator) -> Odd:
    elsewhere = int(rng.integers(1, max(2, sound.partitions)))
    return sound.value, sound.key, (sound.partition + elsewhere) % sound.partitions


def wrong_asset(sound: Sound, _rng: np.random.Generator) -> Odd:
    return sound.value, sound.other_asset.encode(), sound.partition


MAKERS: tuple[Maker, ...] = (
    noise, truncated, prolonged, flipped, flipped, flipped, foreign_magic, unknown_id, other_record, length_bomb, endless_number,
    no_number, extreme_time, odd_status, bad_name, broken_text, tombstone, json_text, no_key, wrong_partition, wrong_asset,
)  # fmt: skip
