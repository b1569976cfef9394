from typing import Any

import numpy as np
import pytest

from processors.acquisition import Options, Source
from tests.processors.partition import SECOND, T0, Log, feed, fresh, name_in, outcome, steps

NORMAL = np.random.default_rng(7).normal(10.0, 1.0, 2000)


def test_an_older_catalogue_entry_does_nothing() -> None:
    state = fresh()
    feed(state, Log().sensor(3, limit_h=1.0).sensor(3, limit_h=2.0).sensor(2, limit_h=3.0))
    assert state.state.sensors[0]["limit_h"] == 1.0
    feed(state, Log().sensor(4))
    assert np.isnan(state.state.sensors[0]["limit_h"])


def test_a_new_scale_makes_what_was_learnt_worthless() -> None:
    state = fresh()
    feed(state, Log().series(NORMAL[:500]).sensor(gateway="g"))
    assert state.state.sensors[0]["count"] == 500
    feed(state, Log().sensor(2, scale=2.0))
    assert state.state.sensors[0]["count"] == 0
    assert not state.state.sensors[0]["tail"].any()


def test_a_sensor_moves_to_another_asset() -> None:
    state = fresh()
    feed(state, Log().series(NORMAL[:25]).sensor(asset="B"))
    found = feed(state, Log(now=T0 + 25 * SECOND).series(NORMAL[:25], asset="B").reading(1.0))
    assert [record["asset_id"] for record in found.features] == ["B"] * 2
    assert len(found.rejections) == 1
    assert state.describe(np.zeros(1, np.int32))[0][1] == "B"


def test_an_entry_of_another_partition_does_nothing() -> None:
    state = fresh()
    state.source = type(state.source)("readings", "t", "id", 1, 1000)
    feed(state, Log().sensor())
    assert not state.state.sensor_names


def test_a_reset_forgets_and_ends_conditions() -> None:
    log = Log().series([*NORMAL[:1000], 60.0, 60.0]).mark("reset", subject="sensor/A.temp").series(NORMAL[1000:1020])
    found = outcome(log)
    assert steps(found) == [("ewma", "spike", "on"), ("ewma", "spike", "off")]
    assert np.isnan(found.rows["score"][-20:]).all()


def test_a_mark_counts_once() -> None:
    state = fresh()
    feed(state, Log().series(NORMAL[:100]).mark("reset", 5))
    feed(state, Log(now=T0 + 100 * SECOND).series(NORMAL[:100]).mark("reset", 5).mark("reset", 4))
    assert state.state.sensors[0]["count"] == 100
    feed(state, Log().mark("reset", 6))
    assert state.state.sensors[0]["count"] == 0


def test_parameters_change_from_here_on() -> None:
    log = Log().series(NORMAL[:100]).mark("parameters", parameters={"grace_s": 120.0, "from the future": 1.0})
    flags = outcome(log.series(NORMAL[100:200])).rows["flags"]
    assert np.flatnonzero(flags).tolist() == [*range(30), *range(100, 120)]


def test_history_by_asset() -> None:
    log = Log().reading(1.0).mark("history", subject="asset/A", ts=T0 + 2 * SECOND).mark("history", subject="asset/B", ts=T0 + 3 * SECOND)
    log.now += SECOND
    for asset in "AB":
        log.reading(1.0, T0 + SECOND, sensor=f"{asset}.temp", asset=asset).reading(
            1.0, T0 + 2 * SECOND, sensor=f"{asset}.temp", asset=asset
        )
    assert [bool(flags & 16) for flags in outcome(log).rows["flags"]] == [False, True, False, True, True]


def test_evidence_of_historical_readings_says_so() -> None:
    found = outcome(Log().mark("history", ts=T0 + 2000 * SECOND).series([*NORMAL[:1000], 60.0, 60.0]), Options())
    assert [record["historical"] for record in found.evidence] == [True]


@pytest.mark.parametrize("change", [{"state": "out_of_service"}, {"state": "decommissioned"}, {"offset": 1.0}, {"asset": "B"}])
def test_a_change_of_the_catalogue_ends_what_loses_its_meaning(change: dict[str, Any]) -> None:
    log = Log().sensor(1, limit_h=50.0).series([*NORMAL[:40], 60.0])
    found = outcome(log.sensor(2, **{"limit_h": 50.0, **change}))
    assert steps(found)[-1] == ("limit", "limit_high", "off")
    assert found.evidence[-1]["asset_id"] == "A"
    assert len(found.evidence) == len({(r["detector"], r["phase"]) for r in found.evidence})


def test_another_limit_leaves_conditions_alone() -> None:
    found = outcome(Log().sensor(1, limit_h=50.0).series([*NORMAL[:40], 60.0]).sensor(2, limit_h=40.0))
    assert ("limit", "limit_high", "off") not in steps(found)


def test_a_sensor_that_moves_to_another_partition_is_let_go() -> None:
    partitions = 8
    here, there = name_in(0, partitions), name_in(1, partitions)
    state = fresh(source=Source("readings", "readings.raw.v1", "5f0d2a3c", 0, partitions))
    log = Log().sensor(1, asset=here, limit_h=50.0, period_s=1.0).series([*NORMAL[:40], 60.0], asset=here)
    log.now += 100 * SECOND
    found = feed(state, log.sensor(2, asset=there).tick())
    assert ("limit", "limit_high", "off") in steps(found)
    assert not [step for step in steps(found) if step[0] == "silent"], "nothing is expected of it here"
    assert state.describe(np.zeros(1, np.int32))[0][3] == "decommissioned"
    assert {record["asset_id"] for record in found.features} == {here}
    assert len(found.features) == 5 + 1 + 1, "its windows are finished"
    feed(state, Log(now=log.now).sensor(3, asset=here))
    assert state.describe(np.zeros(1, np.int32))[0][3] == "learning"


def test_scale_and_offset_count_from_their_date() -> None:
    """Also for a reading that comes later than younger ones; each change keeps what was before it."""
    log = Log().sensor(1, scale=2.0).reading(1.0)
    log.sensor(2, scale=3.0, valid_from=T0 + 10 * SECOND).sensor(3, scale=4.0, offset=1.0, valid_from=T0 + 20 * SECOND)
    for second in (5, 15, 25, 12, 3):
        log.reading(1.0, T0 + second * SECOND)
    log.now += 60 * SECOND
    state = fresh()
    found = feed(state, log)
    assert found.rows["value"].tolist() == [2.0, 2.0, 3.0, 5.0, 3.0, 2.0]
    again = type(state).unpack(state.pack(), source=state.source, options=Options())
    assert feed(again, Log(now=log.now).reading(1.0, T0 + 6 * SECOND)).rows["value"].tolist() == [2.0]


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "asset", "asset_id": "A", "settling_s": np.nan},
        {"kind": "asset", "asset_id": "A", "settling_s": -1.0},
        {"kind": "asset", "asset_id": "A" * 300},
        {"kind": "sensor", "asset_id": "A", "sensor_id": "s" * 300},
        {"kind": "sensor", "asset_id": "A"},
        {"kind": "sensor", "asset_id": "A", "sensor_id": "A.temp", "delay_on_s": np.inf},
        {"kind": "sensor", "asset_id": "A", "sensor_id": "A.temp", "scale": np.nan},
        {"kind": "baseline", "asset_id": "A", "sensor_id": "A.temp"},
        {"kind": "baseline", "asset_id": "A", "sensor_id": "A.temp",
         "baseline": {"mode": "", "normal": np.nan, "spread": 1.0, "sway": 1.0, "accepted": True}},
    ],
)  # fmt: skip
def test_no_entry_ends_the_worker(entry: dict[str, Any]) -> None:
    log = Log().mark("catalogue", 1, subject="x", entry={"version": 1, **entry}).series(NORMAL[:50])
    assert len(outcome(log).rows) == 50
