"""Windows of an asset as rows of named columns, and a look at a Features value that spares decoding it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from schemas.codec import PREFIX, frame
from schemas.manifest import NEWEST

HEAD: Final = frame(NEWEST["Features"].id)
TYPES: Final = {
    field["name"].rsplit("_", 1)[0]: field["name"] for field in NEWEST["Features"].schema["fields"] if field["type"] == "bytes"
}  # feature -> field: mean -> mean_f8


def glance(value: bytes) -> tuple[str, int] | None:
    """Asset and length of the window (seconds) of a Features value; None for any other: decode it.

    Raises nothing: a value that is cut short is none.
    """
    if not value.startswith(HEAD):
        return None
    length, at = _number(value, PREFIX)
    window_s, after = _number(value, at + length)
    if length < 0 or after > len(value):
        return None
    try:
        return value[at : at + length].decode(), window_s
    except UnicodeDecodeError:
        return None


def column(name: str) -> tuple[str, str]:
    """Sensor and feature of a column `sensor.feature`; a sensor's name may hold dots, too.

    >>> column("P1.temp.mean")
    ('P1.temp', 'mean')
    """
    sensor, _, feature = name.rpartition(".")
    return sensor, feature


def cells(record: Mapping[str, Any], names: Sequence[str], prefix: str = "") -> list[float] | None:
    """Value of each column in a window; None if the window lacks a sensor or feature: nothing is padded.

    Args:
        record: a Features record.
        names: `sensor.feature` each.
        prefix: what the names leave out of the record's sensors: `P1.` where a class model says `temp.mean`.

    """
    place = {sensor: number for number, sensor in enumerate(record["sensors"])}
    packed: dict[str, Any] = {}
    found = []
    for name in names:
        sensor, feature = column(name)
        at = place.get(prefix + sensor)
        if at is None or feature not in TYPES:
            return None
        if feature not in packed:
            kind = TYPES[feature].rsplit("_", 1)[1]
            packed[feature] = np.frombuffer(record[TYPES[feature]], f"<{kind}")
        found.append(float(packed[feature][at]))
    return found


def _number(value: bytes, at: int) -> tuple[int, int]:
    """A zigzag number and the position behind it; behind the end where it is cut short."""
    found, shift = 0, 0
    while at < len(value):
        part = value[at]
        found |= (part & 127) << shift
        at += 1
        if part < 128:
            return (found >> 1) ^ -(found & 1), at
        shift += 7
    return 0, len(value) + 1
