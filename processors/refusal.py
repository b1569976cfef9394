"""Why a record was refused, in words with the remedy."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from processors.options import Source
from processors.outcome import Reason
from processors.validation import EARLIEST_US, NAME_BYTES_MAX, SECOND_US
from schemas.identifiers import key_flaw, partition_of

KEPT_BYTES_MAX: Final = 65_536
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US: Final = 3600 * SECOND_US
RATE_HZ_MAX: Final = 1e6  # times have microseconds
DAYS_MAX: Final = 700_000  # about the year 3880
SAMPLES_MAX: Final = 20_000  # of a samples frame: its rows of 40 bytes stand in one block, at most 800 kB


Problem: TypeAlias = tuple[Reason, str]  # with the detail


def rejection(
    source: Source,
    *,
    offset: int,
    known_at_us: int,
    reason: str,
    detail: str,
    key: bytes | None,
    value: bytes | None,
    sensor_id: str | None = None,
) -> dict[str, Any]:
    """A Rejection record; keeps at most 64 kB of the value.

    >>> source = Source("readings", "t", "id", 0, 4)
    >>> rejection(source, offset=7, known_at_us=0, reason="oversized", detail="", key=None, value=b"abc")["length"]
    3
    """
    whole = value or b""
    return {
        "topic": source.topic,
        "origin": {"topic_id": source.topic_id, "partition": source.partition, "offset": offset, "nth": 0},
        "known_at": known_at_us,
        "reason": str(reason),
        "detail": detail,
        "key": key[:KEPT_BYTES_MAX] if key else key,
        "value": whole[:KEPT_BYTES_MAX],
        "length": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
        "sensor_id": sensor_id,
    }


def key_problem(key: bytes | None, source: Source) -> str:
    """What is wrong with a key; empty if nothing is.

    >>> key_problem(b"pump-7", Source("readings", "t", "id", 5, 24))
    "key 'pump-7' belongs to partition 0 of 24, not 5: set partitioner=murmur2_random"
    """
    if not key:
        return "no key: set the key to the UTF-8 bytes of the asset's id"
    if len(key) > NAME_BYTES_MAX:
        return f"key of {len(key)} bytes, at most {NAME_BYTES_MAX}: set the key to the asset's id"
    flaw = key_flaw(key)
    if flaw:
        return f"key {key[:20]!r} {flaw}: set the key to the UTF-8 bytes of the asset's id, without quotes or schema id"
    belongs = partition_of(key, source.partitions)
    if belongs != source.partition:
        place = f"partition {belongs} of {source.partitions}, not {source.partition}"
        return f"key {key.decode()!r} belongs to {place}: set partitioner=murmur2_random"
    return ""


def binding_problem(name: bytes, key: bytes, asset_id: str | None) -> str:
    """What is wrong with a sensor that belongs to `asset_id` (None: to no asset yet) under this key; empty if nothing is.

    >>> binding_problem(b"A.temp", b"B", "A")
    "sensor 'A.temp' belongs to 'A', not 'B': correct the key, or the catalogue"
    """
    if asset_id is None or asset_id == key.decode():
        return ""
    return f"sensor {name.decode()!r} belongs to {asset_id!r}, not {key.decode()!r}: correct the key, or the catalogue"


def name_problem(size: int) -> str:
    """What is wrong with a sensor's name of `size` bytes.

    >>> name_problem(0)
    'sensor_id is empty'
    """
    return f"sensor_id has {size} bytes, at most {NAME_BYTES_MAX}" if size else "sensor_id is empty"


def frame_problem(length: int, rate_hz: float, *, values_min: int, values_max: int | None) -> Problem | None:
    """What is wrong with a frame of `length` bytes.

    >>> frame_problem(400, 0.0, values_min=64, values_max=None)[1]
    'sample_rate_hz is 0.0: give the values per second, above 0 and at most 1e6'
    """
    if length % 4:
        return Reason.MISSING_FIELD, f"values has {length} bytes, no multiple of 4: send little-endian float32"
    if length < 4 * values_min:
        return Reason.MISSING_FIELD, f"values holds {length // 4} values, at least {values_min} are needed"
    if values_max is not None and length > 4 * values_max:
        return Reason.OVERSIZED, f"{length // 4} samples in one frame, at most {values_max}: send shorter frames, or kind waveform"
    if not 0.0 < rate_hz <= RATE_HZ_MAX:
        return Reason.MISSING_FIELD, f"sample_rate_hz is {rate_hz}: give the values per second, above 0 and at most 1e6"
    return None


def time_problem(ts_us: int, known_at_us: int, future_s: float) -> str:
    """What is wrong with an event time, with the unit it was probably written in.

    >>> time_problem(1_790_000_000_000, 1_790_000_000_000_000, 300)
    'ts = 1970-01-21T17:13:20+00:00 is before 2000-01-01: looks like milliseconds in a microseconds field'
    """
    if ts_us < EARLIEST_US:
        return f"ts = {_shown(ts_us)} is before 2000-01-01{_unit(ts_us, known_at_us)}"
    ahead = f"{(ts_us - known_at_us) / SECOND_US:.0f} s ahead of the broker's clock, at most {future_s:.0f} s"
    return f"ts = {_shown(ts_us)} is {ahead}{_zone(ts_us - known_at_us) or _unit(ts_us, known_at_us)}"


def _zone(ahead_us: int) -> str:
    hours = round(ahead_us / HOUR_US)
    whole = abs(ahead_us - hours * HOUR_US) < HOUR_US // 12
    return f": looks like local time sent as UTC (+{hours} h)" if whole and 1 <= hours <= 14 else ""


def _shown(ts_us: int) -> str:
    if abs(ts_us) > DAYS_MAX * 24 * HOUR_US:
        return f"{ts_us} us"
    return (EPOCH + timedelta(microseconds=ts_us)).isoformat()


def _unit(ts_us: int, known_at_us: int) -> str:
    for factor, unit in ((1_000_000, "seconds"), (1000, "milliseconds"), (0.001, "nanoseconds")):
        if abs(ts_us * factor - known_at_us) < 3650 * 24 * HOUR_US:
            return f": looks like {unit} in a microseconds field"
    return ""
