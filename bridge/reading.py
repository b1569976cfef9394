"""What every protocol turns its messages into: points, refusals, and the records Kafka gets."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from schemas.codec import encode

NAME_BYTES_MAX: Final = 200  # schemas/avsc/reading.v1.avsc, and the key likewise
TS_MAX: Final = 2**63  # microseconds since 1970 are a signed 64-bit number
STATUS_MAX: Final = 2**32

GOOD: Final = 0x00000000  # status codes of OPC 10000-6, annex A.2
UNCERTAIN: Final = 0x40000000
UNCERTAIN_LAST_USABLE_VALUE: Final = 0x40900000
BAD: Final = 0x80000000
BAD_NO_COMMUNICATION: Final = 0x80310000
BAD_NO_DATA: Final = 0x809B0000


class Reason(StrEnum):
    """Why something that arrived is no reading (closed set, label of a metric)."""

    UNPARSABLE = "unparsable"
    UNMAPPED = "unmapped"
    NO_BIRTH = "no_birth"  # Sparkplug: name or type of a metric stand in a birth nobody has seen
    NO_VALUE = "no_value"
    NOT_A_NUMBER = "not_a_number"
    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    BAD_NAME = "bad_name"
    FAULT = "fault"  # an error of the bridge itself; its text is in the log


@dataclass(frozen=True, slots=True)
class Point:
    """One reading, not yet encoded: ts in microseconds since 1970 UTC, status an OPC UA code."""

    asset_id: str
    sensor_id: str
    ts: int
    value: float
    status: int = GOOD
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value or a whole message became no reading; the detail names what was found."""

    reason: Reason
    detail: str


class Record(NamedTuple):
    """Key and value of one record of the raw topic."""

    key: bytes
    value: bytes


Outcome: TypeAlias = Point | Refusal


def checked(point: Point) -> Outcome:
    """The point, or why the platform could not take it.

    >>> checked(Point("", "P1.a", 0, 1.0)).reason
    <Reason.BAD_NAME: 'bad_name'>
    """
    for name in (point.asset_id, point.sensor_id):
        size = len(name.encode(errors="replace"))
        if not 0 < size <= NAME_BYTES_MAX or not name.isprintable():
            return Refusal(Reason.BAD_NAME, f"{name!r} is no id: 1 to {NAME_BYTES_MAX} bytes of printable text")
    if not 0 <= point.ts < TS_MAX:
        return Refusal(Reason.BAD_TIME, f"{point.sensor_id}: {point.ts} microseconds since 1970 is no time")
    return point


def record(point: Point) -> Record:
    """The record of a point that `checked` has passed."""
    fields = {"sensor_id": point.sensor_id, "ts": point.ts, "value": point.value, "status": point.status, "seq": point.seq}
    return Record(point.asset_id.encode(), encode("Reading", fields))
