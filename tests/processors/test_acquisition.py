import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.acquisition import KERNEL, ROW, Acquisition, Applied, IncompatibleError, Options, Source
from processors.outcome import Flag, Reason, Status
from schemas.codec import encode
from tests.processors.partition import QUICK, SECOND, SOURCE, T0, Log, feed, fresh, name_in, outcome


def noisy(seed: int, count: int) -> Log:
    """A log with everything in it: two assets, faults, marks, garbage, silence, late and historical readings."""
    draw = np.random.default_rng(seed)
    log = Log().mark("history", ts=T0 + 20 * SECOND)
    for _ in range(count):
        asset = "AB"[int(draw.integers(2))]
        kind = int(draw.integers(100))
        if kind < 80:
            value = float(draw.normal()) + (50.0 * int(draw.integers(1, 99)) if kind == 0 else 0.0)
            late = -5 * SECOND if kind == 1 else 0
            log.reading(value, log.now + late, sensor=f"{asset}.{int(draw.integers(3))}", asset=asset)
        elif kind < 90:
            log.now += int(draw.choice([SECOND, SECOND, 7 * SECOND, 40 * SECOND]))
            log.tick()
        elif kind < 92:
            log.sensor(
                int(draw.integers(5)), sensor=f"{asset}.0", asset=asset, limit_h=2.0, scale=float(draw.integers(1, 3)), gateway=str(kind)
            )
        elif kind == 92:
            log.mark(str(draw.choice(["reset", "end"])), int(draw.integers(9)), subject=f"asset/{asset}")
        elif kind == 93:
            log.reading(math.nan, sensor=f"{asset}.1", asset=asset)
        elif kind == 94:
            log.add(draw.bytes(12))
        else:
            log.reading(0.0, sensor=f"{asset}.2", asset=asset)
        log.now += int(draw.integers(0, SECOND // 2))
    return log


def total(parts: list[Applied]) -> dict[str, Any]:
    counts: dict[int, np.ndarray[Any, Any]] = {}
    for row in (row for part in parts for row in part.counts):
        counts[int(row["minute"])] = counts.get(int(row["minute"]), np.zeros(4)) + np.array(row.tolist()[1:])
    return {
        "rows": np.concatenate([part.rows for part in parts]).tobytes(),
        "counts": {minute: tuple(count) for minute, count in counts.items()},
        **{name: repr([record for part in parts for record in getattr(part, name)]) for name in ("rejections", "evidence", "features")},
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, 600), max_size=12), restore=st.booleans())
def test_any_cutting_and_any_restore_gives_the_same(seed: int, cuts: list[int], restore: bool) -> None:  # noqa: FBT001
    log = noisy(seed, 600)
    whole = fresh()
    expected = total([feed(whole, log)])
    pieces, state = [], fresh()
    bounds = [0, *sorted(cuts), len(log.values)]
    for begin, end in itertools.pairwise(bounds):
        pieces.append(feed(state, log, begin, end))
        if restore:
            state = Acquisition.unpack(state.pack(), source=SOURCE, options=Options())
    assert total(pieces) == expected
    assert state.pack() == whole.pack()


def test_the_log_of_the_law_holds_everything() -> None:
    found = feed(fresh(), noisy(5, 6000))
    assert {record["detector"].split("/")[1] for record in found.evidence} >= {"ewma", "limit", "silent"}
    assert {record["phase"] for record in found.evidence} >= {"on", "off"}
    assert {record["window_s"] for record in found.features} == {10, 60, 600}
    assert len(found.rejections) > 10
    flags = int(np.bitwise_or.reduce(found.rows["flags"]))
    assert flags & (Flag.LATE | Flag.NO_VALUE | Flag.HISTORICAL | Flag.LEARNING | Flag.OUTLIER | Flag.LIMIT)


def test_a_reading_becomes_a_row() -> None:
    found = outcome(Log().reading(21.5, T0 - 7, status=0x40000000))
    (row,) = found.rows
    assert found.rows.dtype == ROW
    assert row[["offset", "sensor", "ts", "known_at", "value", "status"]].tolist() == (0, 0, T0 - 7, T0, 21.5, 0x40000000)
    assert math.isnan(row["score"])
    assert row["flags"] == Flag.LEARNING
    assert found.counts.tolist() == [(T0 // 60_000_000 * 60_000_000, 1, 0, 0, 0)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_is_no_value_and_bad(value: float) -> None:
    (row,) = outcome(Log().reading(value)).rows
    assert math.isnan(row["value"])
    assert (row["flags"], row["status"]) == (Flag.NO_VALUE, Status.BAD)


@pytest.mark.parametrize(("status", "kept"), [(0x808B0000, 0x808B0000), (-1, Status.BAD), (2**40, Status.BAD)])
def test_a_bad_reading_is_stored_and_not_scored(status: int, kept: int) -> None:
    log = Log().series(np.sin(np.arange(50.0)))
    (row,) = outcome(log.reading(3.0, status=status)).rows[-1:]
    assert (row["value"], row["status"], row["flags"]) == (3.0, kept, 0)
    assert math.isnan(row["score"])


def test_late_is_stored_and_moves_nothing() -> None:
    state = fresh()
    feed(state, Log().series(np.sin(np.arange(50.0))))
    before = state.state.sensors[0].copy()
    log = Log(now=T0 + 50 * SECOND).reading(99.0, T0 + 49 * SECOND).reading(99.0, T0)
    found = feed(state, log)
    assert found.rows["flags"].tolist() == [Flag.LATE, Flag.LATE]
    assert found.counts["late"].tolist() == [2]
    after = state.state.sensors[0]
    assert all(before[name] == after[name] for name in ("newest", "level", "spread", "count", "interval_s"))


REFUSED = {
    "null": (Log().add(None), Reason.UNDECODABLE, "null value"),
    "json": (Log().add(b'{"value": 1}'), Reason.UNDECODABLE, "JSON"),
    "header-framed": (Log().add(encode("Reading", {"sensor_id": "s", "ts": T0, "value": 1.0})[5:]), Reason.UNKNOWN_SCHEMA, "prefix"),
    "cut": (Log().add(encode("Reading", {"sensor_id": "s", "ts": T0, "value": 1.0})[:-3]), Reason.UNDECODABLE, "Reading"),
    "strange id": (Log().add(b"\0\0\0\0\7abc"), Reason.UNKNOWN_SCHEMA, "schema id 7"),
    "another record": (
        Log().add(encode("CatalogueEntry", {"kind": "asset", "version": 1, "asset_id": "A"})),
        Reason.UNKNOWN_SCHEMA,
        "a CatalogueEntry; this topic takes Reading and Mark",
    ),
    "broken mark": (Log().add(encode("Mark", {"kind": "tick", "version": 1})[:-1]), Reason.UNDECODABLE, "Mark"),
    "no key": (Log().add(encode("Reading", {"sensor_id": "s", "ts": T0, "value": 1.0}), None), Reason.WRONG_KEY, "no key"),
    "key of bytes": (Log().add(encode("Reading", {"sensor_id": "s", "ts": T0, "value": 1.0}), b"\xff"), Reason.WRONG_KEY, "UTF-8"),
    "long key": (Log().add(encode("Reading", {"sensor_id": "s", "ts": T0, "value": 1.0}), b"k" * 201), Reason.WRONG_KEY, "201 bytes"),
    "no sensor": (Log().reading(1.0, sensor=""), Reason.MISSING_FIELD, "empty"),
    "long sensor": (Log().reading(1.0, sensor="s" * 201), Reason.MISSING_FIELD, "201 bytes"),
    "before 2000": (Log().reading(1.0, 946_684_799_999_999), Reason.BAD_TIMESTAMP, "before 2000"),
    "smallest time": (Log().reading(1.0, -(2**63)), Reason.BAD_TIMESTAMP, "before 2000"),
    "largest time": (Log().reading(1.0, 2**63 - 1), Reason.BAD_TIMESTAMP, "ahead"),
    "local time": (Log().reading(1.0, T0 + 7200 * SECOND), Reason.BAD_TIMESTAMP, "local time sent as UTC (+2 h)"),
    "milliseconds": (Log().reading(1.0, T0 // 1000), Reason.BAD_TIMESTAMP, "milliseconds"),
    "decommissioned": (Log().sensor(state="decommissioned").reading(1.0), Reason.DECOMMISSIONED_SENSOR, "catalogue"),
    "another asset": (Log().reading(1.0).reading(1.0, asset="B"), Reason.WRONG_KEY, "belongs to 'A', not 'B'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_record_says_why(name: str) -> None:
    log, reason, detail = REFUSED[name]
    found = outcome(log)
    (rejected,) = found.rejections
    assert rejected["reason"] == reason
    assert detail in rejected["detail"]
    assert rejected["origin"]["offset"] == len(log.values) - 1
    assert rejected["value"] == (log.values[-1] or b"")
    assert found.counts["rejected"].sum() == 1
    assert encode("Rejection", rejected)


def test_a_large_record_is_refused_before_anything_else() -> None:
    found = outcome(Log().add(b"\0" * 1001).reading(1.0), Options(record_bytes_max=1000))
    assert [record["reason"] for record in found.rejections] == [Reason.OVERSIZED]
    assert len(found.rows) == 1


def test_a_key_must_belong_to_the_partition() -> None:
    source = Source("readings", "t", "id", 3, 8)
    state = fresh(QUICK, source)
    right, wrong = name_in(3, 8), name_in(4, 8)
    found = feed(
        state, Log().reading(1.0, asset=right, sensor="a").reading(1.0, asset=wrong, sensor="b").reading(1.0, asset=wrong, sensor="a")
    )
    assert [record["reason"] for record in found.rejections] == [Reason.WRONG_KEY] * 2
    assert "set partitioner=murmur2_random" in found.rejections[0]["detail"]
    assert len(found.rows) == 1


def test_describe_names_what_slots_stand_for() -> None:
    state = fresh()
    feed(state, Log().reading(1.0, sensor="A.vib").sensor(sensor="A.x", quantity="pressure"))
    assert state.describe(np.array([1, 0], np.int32)) == [("A.x", "A", "pressure", "learning"), ("A.vib", "A", "vibration", "discovered")]


def test_an_unknown_sensor_learns_and_is_monitored() -> None:
    state, log = fresh(), Log().series(np.sin(np.arange(60.0)))
    seen = []
    for i in range(60):
        feed(state, log, i, i + 1)
        seen.append(state.describe(np.array([0], np.int32))[0][3])
    assert [seen.index(word) for word in ("discovered", "learning", "monitored")] == [0, 9, 30]


def test_a_snapshot_of_another_kernel_is_refused() -> None:
    blob = fresh().pack().replace(f'"kernel": "{KERNEL}'.encode(), f'"kernel": "{"0" * len(KERNEL)}'.encode(), 1)
    with pytest.raises(IncompatibleError, match="rescore"):
        Acquisition.unpack(blob, source=SOURCE, options=Options())


def test_the_state_stays_below_a_kilobyte_a_sensor() -> None:
    state = fresh()
    log = Log()
    for i in range(1000):
        log.reading(1.0, sensor=f"A.{i}")
    empty = len(state.pack())
    feed(state, log)
    assert (len(state.pack()) - empty) / 1000 < 1024 + 8


def test_the_tunables_of_a_snapshot_win() -> None:
    state = fresh(replace(QUICK, grace_s=77))
    assert Acquisition.unpack(state.pack(), source=SOURCE, options=Options()).state.options.grace_s == 77
