"""Outcome of every record, sound or corrupted, against codec and rules written plainly."""

import math

import numpy as np
import pytest

from processors.acquisition import Source
from schemas.codec import encode
from schemas.identifiers import partition_of
from tests.processors.oracle.outcome import Rules
from tests.processors.partition import QUICK, SECOND, Log, feed, fresh, name_in

SOURCE = Source("readings", "t", "id", 3, 8)
BYTES_MAX = 300


def corrupted(draw: np.random.Generator, value: bytes) -> bytes | None:
    kind = int(draw.integers(8))
    at = int(draw.integers(len(value)))
    if kind == 0:
        return value[:at]
    if kind in (1, 2, 3):
        return value[:at] + bytes([value[at] ^ 1 << int(draw.integers(8))]) + value[at + 1 :]
    if kind == 4:
        return value[:1] + int(draw.choice([0, 1, 7, 2_000_000_002, 2_000_000_004, 2_000_000_099])).to_bytes(4, "big") + value[5:]
    if kind == 5:
        return value + draw.bytes(int(draw.choice([1, 400])))
    return None if kind == 6 else draw.bytes(at)


def flawed() -> list[bytes]:
    """Keys of partition 3 that are no bare ids: in quotes, as JSON, behind a schema id, with blanks."""
    forms = (b'"a%d"', b'{"a": %d}', b"\0\0\0\0\x05a%d", b" a%d", b"a%d\n")
    return [next(key for key in (form % n for n in range(1000)) if partition_of(key, 8) == 3) for form in forms]


def spoiled(seed: int, count: int) -> Log:
    draw, log = np.random.default_rng(seed), Log()
    keys = [name_in(3, 8).encode(), b"", b"\xff\xfe", b"k" * 201, name_in(4, 8).encode(), *(f"asset-{n}".encode() for n in range(60))]
    keys += flawed()
    times = [0, -(2**63), 2**63 - 1, 946_684_800_000_000, 946_684_799_999_999]
    for _ in range(count):
        odd = int(draw.integers(10))
        record = {"sensor_id": f"s{draw.integers(20)}", "ts": log.now, "value": float(draw.normal())}
        if odd == 0:
            record["ts"] = times[int(draw.integers(len(times)))]
        elif odd == 1:
            record["ts"] = log.now + int(draw.choice([299, 300, 301])) * SECOND
        elif odd == 2:
            record["value"] = float(draw.choice([math.nan, math.inf, -math.inf, 1e308]))
        elif odd == 3:
            record["status"] = int(draw.choice([-1, 2**31, 2**32, 2**63 - 1]))
        elif odd == 4:
            record["sensor_id"] = "s" * int(draw.choice([0, 200, 201]))
        value = encode("Reading", record)
        key = keys[int(draw.integers(len(keys)))] if draw.integers(4) == 0 else keys[0]
        log.add(corrupted(draw, value) if draw.integers(3) == 0 else value, key if draw.integers(50) else None)
        log.now += int(draw.integers(0, SECOND))
    return log


@pytest.mark.parametrize("seed", range(5))
def test_every_outcome_equals_the_oracle(seed: int) -> None:
    log = spoiled(seed, 3000)
    found = feed(fresh(type(QUICK)(record_bytes_max=BYTES_MAX), SOURCE), log)
    rules = Rules(3, 8, BYTES_MAX)
    expected = [rules.judge(*record) for record in zip(log.values, log.keys, log.known, strict=True)]
    reasons = {record["origin"]["offset"]: str(record["reason"]) for record in found.rejections}
    rows = {int(row["offset"]): row for row in found.rows}
    assert [reasons.get(i, "row" if i in rows else "mark") for i in range(len(expected))] == expected
    assert len(set(reasons.values())) >= 6
    for offset, row in rows.items():
        ts, value, status, flags = rules.row(log.values[offset] or b"")
        assert (int(row["ts"]), int(row["status"]), int(row["flags"]) & 3) == (ts, status, flags)
        assert float(row["value"]) == value or math.isnan(value)
    counted = [int(found.counts[name].sum()) for name in ("received", "rejected", "mark")]
    assert counted == [len(expected), len(reasons), expected.count("mark")]


@pytest.mark.parametrize("key", flawed())
def test_a_key_that_is_no_bare_id_makes_no_asset(key: bytes) -> None:
    state = fresh(QUICK, SOURCE)
    found = feed(state, Log().add(encode("Reading", {"sensor_id": "s", "ts": Log().now, "value": 1.0}), key))
    assert [record["reason"] for record in found.rejections] == ["wrong_key"]
    assert not state.state.asset_names
