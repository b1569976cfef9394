"""Words every stage shares: what became of a record, why one was refused, and the bits of a row."""

from enum import IntFlag, StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a record was refused (closed set)."""

    UNDECODABLE = "undecodable"
    UNKNOWN_SCHEMA = "unknown_schema"
    SCHEMA_PENDING = "schema_pending"  # an unknown id while the registry is away: replayed by itself
    MISSING_FIELD = "missing_field"
    BAD_TIMESTAMP = "bad_timestamp"
    WRONG_KEY = "wrong_key"
    OVERSIZED = "oversized"
    DECOMMISSIONED_SENSOR = "decommissioned_sensor"
    FAULT = "fault"  # the record ended the worker three times


class Flag(IntFlag):
    """Bits of a scored row (column flags)."""

    LATE = 1  # not newer than the sensor's newest reading: stored, moves no live state
    NO_VALUE = 2  # NaN or Inf arrived, or the status is Bad without a value
    OUT_OF_RANGE = 4  # beyond the instrument's range: stored as BadOutOfRange, not scored
    PART = 8  # a further row of a frame: the record is counted by its first row
    HISTORICAL = 16  # declared historical by a mark
    LEARNING = 32  # the sensor is still in its grace period: no evidence
    OUTLIER = 64  # surprise beyond the threshold: the detectors did not learn from it
    LIMIT = 128  # beyond a configured limit
    STUCK = 256  # the sensor repeats itself although it should not
    TRANSIENT = 512  # its asset started, stopped or changed its mode a moment ago: not judged by the sensor's past


MODE_SHIFT: Final = 12  # bits 12 to 14 of the flags hold the operating mode: 0 unknown, 1 off, 2 running, from 3 on those of the catalogue


class Status:
    """OPC UA status codes the platform itself assigns (unsigned 32 bits, OPC 10000-4 §7.39)."""

    GOOD = 0x00000000
    BAD = 0x80000000
    BAD_OUT_OF_RANGE = 0x803C0000
