"""The bytes of a block as a record: what schemas.codec gives, without its cost, for blocks as our workers write them.

A block names its sensors, and a sink sees the same names in every block: each entry is read and checked once and then
recognised by its bytes. Only the plain form is read (newest schema, arrays in one piece); anything else, valid
or not, is left to the codec, which knows every form and says what is wrong.
"""

from typing import Any, Final

from schemas import codec
from schemas.codec import PREFIX
from schemas.decoder import number
from schemas.manifest import NEWEST
from schemas.strict import Malformed

FRAME: Final = codec.frame(NEWEST["ScoredBlock"].id)
COLUMNS: Final = (
    "offset_u4", "sensor_u2", "flags_u2", "ts_i8", "known_at_i8", "value_f8", "status_u4", "score_f4", "rejected_u4",
)  # fmt: skip
SENSOR: Final = ("sensor_id", "asset_id", "quantity", "state")
COUNT: Final = ("minute", "received", "rejected", "mark", "late")
RANGE: Final = ("start", "end")
INT_MAX: Final = 2**31 - 1
ENTRIES_MAX: Final = 1_000_000  # sensors remembered at most
PLACES_MAX: Final = 10_000

Entry = dict[str, str]


class Unusual(Exception):  # noqa: N818  it names a state of the bytes
    """Not the plain form. Never leaves this module."""


class Layout:
    """Reads blocks; remembers the entries of their dictionaries."""

    def __init__(self) -> None:
        self._entries: dict[bytes, tuple[bytes, Entry]] = {}  # encoded sensor_id -> encoded entry, entry
        self._newest: dict[tuple[str, int], tuple[bytes, list[Entry]]] = {}  # topic, partition -> newest dictionary

    def read(self, value: bytes | None) -> dict[str, Any] | None:
        """The record in a framed value, None when only the codec can tell.

        The list of sensors is the same object as before when the dictionary is; it must not be changed.
        """
        if value is None or not value.startswith(FRAME):
            return None
        try:
            return self._record(value)
        except (Unusual, Malformed, IndexError, UnicodeDecodeError):
            return None

    def _record(self, value: bytes) -> dict[str, Any]:
        found: dict[str, Any] = {}
        found["topic"], at = text(value, PREFIX)
        found["topic_id"], at = text(value, at)
        found["partition"], at = integer(value, at)
        found["start"], at = number(value, at)
        found["end"], at = number(value, at)
        found["voids"], at = numbers(value, at, RANGE)
        found["expired"], at = numbers(value, at, RANGE)
        found["sensors"], at = self._sensors(value, at, (found["topic"], found["partition"]))
        found["counts"], at = numbers(value, at, COUNT)
        found["rows"], at = integer(value, at)
        for name in COLUMNS:
            begin, at = span(value, at)
            found[name] = value[begin:at]
        found["kernel"], at = text(value, at)
        if at != len(value):
            raise Unusual
        return found

    def _sensors(self, value: bytes, at: int, place: tuple[str, int]) -> tuple[list[Entry], int]:
        encoded, sensors = self._newest.get(place, (b"", []))
        if encoded and value.startswith(encoded, at):
            return sensors, at + len(encoded)
        begin = at
        count, at = items(value, at)
        sensors = []
        for _ in range(count):
            entry, at = self._entry(value, at)
            sensors.append(entry)
        at = ended(value, at, count)
        if len(self._newest) >= PLACES_MAX:
            self._newest.clear()
        self._newest[place] = value[begin:at], sensors
        return sensors, at

    def _entry(self, value: bytes, at: int) -> tuple[Entry, int]:
        name = value[at : span(value, at)[1]]
        encoded, entry = self._entries.get(name, (b"", {}))
        if encoded and value.startswith(encoded, at):
            return entry, at + len(encoded)
        begin, entry = at, {}
        for field in SENSOR:
            entry[field], at = text(value, at)
        if len(self._entries) >= ENTRIES_MAX:
            self._entries.clear()
        self._entries[name] = value[begin:at], entry
        return entry, at


def integer(value: bytes, at: int) -> tuple[int, int]:
    """A number of 32 bits."""
    found, at = number(value, at)
    if not -INT_MAX <= found <= INT_MAX:
        raise Unusual
    return found, at


def span(value: bytes, at: int) -> tuple[int, int]:
    """Begin and end of bytes that follow their length."""
    size, begin = number(value, at)
    if not 0 <= size <= len(value) - begin:
        raise Unusual
    return begin, begin + size


def text(value: bytes, at: int) -> tuple[str, int]:
    """A text and the position behind it."""
    begin, after = span(value, at)
    return value[begin:after].decode(), after


def items(value: bytes, at: int) -> tuple[int, int]:
    """Number of items of an array in one piece."""
    count, at = number(value, at)
    if count < 0:
        raise Unusual
    return count, at


def ended(value: bytes, at: int, count: int) -> int:
    """The position behind an array of which `count` items were read."""
    if count and value[at]:
        raise Unusual
    return at + 1 if count else at


def numbers(value: bytes, at: int, names: tuple[str, ...]) -> tuple[list[dict[str, int]], int]:
    """An array of records of numbers."""
    count, at = items(value, at)
    found = []
    for _ in range(count):
        entry = {}
        for name in names:
            entry[name], at = number(value, at)
        found.append(entry)
    return found, ended(value, at, count)
