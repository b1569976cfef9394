from typing import Any

import numpy as np
import pytest

from processors import mode
from processors.acquisition import Applied
from processors.layout import ASSET, BANDS, LEARNT, NEVER, NO_MODE, OFF, REGIME, RUNNING, SENSOR
from processors.outcome import MODE_SHIFT, Flag
from tests.processors.partition import QUICK, SECOND, T0, Log, feed, fresh, outcome, steps

RULE = {"sensor_id": "A.speed", "comparison": "above", "threshold": 100.0, "hysteresis": 5.0, "delay_s": 3.0}
BAND = [
    {"sensor_id": "A.load", "name": "low", "low": 0.0, "high": 50.0},
    {"sensor_id": "A.load", "name": "high", "low": 50.0, "high": 100.0},
]
RNG = np.random.default_rng(3)


def described(log: Log, version: int = 1, **fields: Any) -> Log:
    entry = {"kind": "asset", "version": version, "asset_id": "A", "settling_s": 30.0, **fields}
    return log.mark("catalogue", version, subject="asset/A", entry=entry)


def modes(found: Applied) -> list[int]:
    numbers: list[int] = (found.rows["flags"] >> MODE_SHIFT).tolist()
    return numbers


def run(log: Log, speeds: Any, temperature: Any = None) -> Log:
    for k, speed in enumerate(speeds):
        log.reading(float(speed), sensor="A.speed")
        if temperature is not None:
            log.reading(float(temperature[k]))
        log.now += SECOND
    return log


def cycles(log: Log, count: int, on: float = 60.0, off: float = 20.0, seconds: int = 300) -> Log:
    """An asset that runs and rests in turn; its temperature lies at `on` or `off`."""
    for _ in range(count):
        for speed, level in ((500.0, on), (0.0, off)):
            run(log, np.full(seconds, speed) + RNG.normal(0, 1, seconds), level + RNG.normal(0, 1, seconds))
    return log


def test_a_rule_has_a_dead_zone_and_a_delay() -> None:
    speeds = [200, 200, 98, 98, 98, 98, 90, 90, 120, 90, 90, 90, 90, 103, 103, 120, 120, 120, 120]
    found = modes(outcome(run(described(Log(), run_state=RULE), speeds)))
    assert found == [RUNNING] * 12 + [OFF] * 6 + [RUNNING]


def test_a_rule_may_say_below() -> None:
    log = described(Log(), run_state={**RULE, "comparison": "below", "hysteresis": 0.0, "delay_s": 0.0})
    assert modes(outcome(run(log, [50, 150, 50]))) == [RUNNING, OFF, RUNNING]


def test_bands_are_left_by_a_share_of_their_width() -> None:
    log = described(Log(), modes=BAND)
    for load in (10, 49, 51, 53, 49, 47, 120):
        log.reading(load, sensor="A.load")
        log.now += SECOND
    low, high = BANDS, BANDS + 1
    assert modes(outcome(log)) == [low, low, low, high, high, low, RUNNING]


def test_an_earlier_mode_wins_over_a_later_one_that_holds() -> None:
    cleaning = {"sensor_id": "A.speed", "name": "cleaning", "low": 10.0, "high": 20.0}
    log = described(Log(), modes=[cleaning, *BAND]).reading(20.0, sensor="A.load")
    assert modes(outcome(run(log, [500, 15, 20.4, 21])))[1:] == [BANDS + 1, BANDS, BANDS, BANDS + 1]


def test_bands_count_only_while_it_runs() -> None:
    log = described(Log(), modes=BAND, run_state={**RULE, "delay_s": 0.0}).reading(10.0, sensor="A.load")
    assert modes(outcome(run(log, [500, 0, 500]))) == [NO_MODE, BANDS, OFF, BANDS]


def test_a_reading_that_is_older_than_the_change_has_the_mode_of_its_time() -> None:
    asset = np.zeros(1, ASSET)[0]
    asset["rule"], asset["threshold"] = 7, 100.0
    asset["above"] = 1
    for ts, value in ((10, 500.0), (20, 0.0), (30, 500.0)):
        mode.follow(asset, 7, ts, value)
    assert [mode.at(asset, ts) for ts in (5, 10, 19, 20, 25, 31)] == [
        (NO_MODE, NEVER),
        (RUNNING, NEVER),
        (RUNNING, NEVER),
        (OFF, 20),
        (OFF, 20),
        (RUNNING, 30),
    ]


def test_a_bad_value_tells_no_mode() -> None:
    log = described(Log().sensor(sensor="A.speed", range_low=0.0, range_high=1000.0), run_state={**RULE, "delay_s": 0.0})
    assert modes(outcome(run(log, [500, -9999, np.nan, 500]))) == [RUNNING] * 4


def test_what_is_learnt_is_kept_by_mode() -> None:
    """With modes, rest and run are both normal at once; without, each change is news until a level is learnt anew."""
    log = cycles(described(Log(), run_state=RULE), 4)
    begin = len(log.values)
    found = feed(fresh(), cycles(log, 2))
    late = found.rows["offset"] >= begin
    settling = (found.rows["flags"] & Flag.TRANSIENT) != 0
    assert not found.evidence
    assert np.isnan(found.rows["score"][settling]).all()
    assert np.isfinite(found.rows["score"][late & ~settling]).all(), "no grace after each change of mode"
    assert 0.05 < settling[late].mean() < 0.2
    state = fresh()
    feed(state, log)
    assert state.state.sensors[0]["level"] == pytest.approx(0.0, abs=1.0)
    assert outcome(cycles(Log(), 6)).evidence, "without modes"


def test_the_level_of_another_mode_is_no_excuse() -> None:
    """The temperature of rest while it runs is abnormal, though this sensor often shows it."""
    log = cycles(described(Log(), run_state=RULE), 4)
    run(log, 500.0 + RNG.normal(0, 1, 100), 60.0 + RNG.normal(0, 1, 100))
    found = outcome(run(log, [500.0] * 2, [20.0] * 2))
    assert steps(found) == [("ewma", "spike", "on")]
    assert found.evidence[0]["mode"] == "running"


def test_low_limits_do_not_count_at_rest() -> None:
    log = described(Log().sensor(limit_l=30.0, limit_h=80.0), run_state={**RULE, "delay_s": 0.0})
    assert not outcome(run(log, [0.0] * 5, [20.0] * 5)).evidence
    assert steps(outcome(run(log, [0.0], [90.0]))) == [("limit", "limit_high", "on")]


def test_temperatures_settle_slowly_and_what_is_stated_counts() -> None:
    log = Log()
    entry = {"kind": "asset", "version": 1, "asset_id": "A", "run_state": {**RULE, "delay_s": 0.0}}
    log.mark("catalogue", 1, subject="asset/A", entry=entry).sensor(sensor="A.flow", settling_s=20.0)
    log.reading(0.0, sensor="A.speed").reading(1.0).reading(1.0, sensor="A.flow").reading(1.0, sensor="A.vib")
    log.now += SECOND
    log.reading(500.0, sensor="A.speed")
    for seconds in (10, 100, 1000, 4000):
        log.now = T0 + SECOND + seconds * SECOND
        for sensor in ("A.temp", "A.flow", "A.vib"):
            log.reading(1.0, sensor=sensor)
    flags = (outcome(log).rows["flags"][5:] & Flag.TRANSIENT != 0).reshape(4, 3)
    assert flags.tolist() == [[True, True, True], [True, False, True], [True, False, False], [False, False, False]]


def test_a_rule_may_name_a_sensor_that_is_not_known_yet() -> None:
    state = fresh()
    feed(state, described(Log(), run_state={**RULE, "delay_s": 0.0}, modes=BAND))
    restored = type(state).unpack(state.pack(), source=state.source, options=QUICK)
    found = feed(restored, run(Log(), [500.0]).reading(20.0, sensor="A.load"))
    assert modes(found) == [RUNNING, BANDS]
    assert not restored.state.awaited


def test_the_same_rule_again_changes_nothing() -> None:
    log = run(described(Log(), run_state=RULE), [500.0, 500.0])
    found = outcome(run(described(log, 2, run_state=RULE, cmms_id="4711"), [102.0]))
    assert modes(found) == [RUNNING] * 3, "inside the dead zone, so it was remembered"
    assert modes(outcome(run(described(log, 3, run_state={**RULE, "threshold": 600.0}), [102.0])))[-1] == OFF


def test_a_stop_while_it_is_wanted_is_no_excuse() -> None:
    """Nobody asked it to rest: that is news, and over when it runs again or is no longer wanted."""
    demand = [{"role": "demand", "sensor_id": "A.demand"}]
    log = described(Log(), run_state={**RULE, "delay_s": 0.0}, drivers=demand).reading(1.0, sensor="A.demand")
    run(run(run(log, [500.0] * 5), [0.0] * 5), [500.0] * 5)
    found = outcome(log)
    assert [(r["kind"], r["subject"], r["phase"], (r["ts"] - T0) // SECOND) for r in found.evidence] == [
        ("unplanned_stop", "machine", "on", 5),
        ("unplanned_stop", "machine", "off", 10),
    ]
    log = run(log.reading(0.0, sensor="A.demand"), [0.0] * 5)
    assert len(outcome(log).evidence) == 2, "nobody wants it"
    assert steps(outcome(log.reading(1.0, sensor="A.demand")))[-1] == ("mode", "unplanned_stop", "on"), "wanted, and it rests"


def test_windows_know_their_mode() -> None:
    log = described(Log(), run_state={**RULE, "delay_s": 0.0}, modes=BAND).reading(20.0, sensor="A.load")
    run(run(log, [500.0] * 100), [0.0] * 101)
    found = [(record["start"], record["mode"]) for record in outcome(log).features if record["window_s"] == 10]
    assert [mode for _, mode in sorted(found)] == ["low"] * 10 + ["transient"] * 3 + ["off"] * 7


def test_everything_learnt_is_kept() -> None:
    """A field that is new to the sensor and forgotten in a regime would leak from one mode into another."""
    of_the_sensor = {
        "before", "sound", "newest", "arrival", "advanced", "seen", "interval_s", "gap_s", "shift", "version", "deviation",
        "up", "down", "volatile", "frozen",
    }  # fmt: skip
    numbers = {name for name in SENSOR.names or () if SENSOR[name].kind in "fi" or SENSOR[name].shape in ((2,), SENSOR["tail"].shape)}
    described_by = {"hash", "name", "scale", "offset", "asset", "sibling", "gateway", "regime", "regimes", "range_low", "range_high"}
    stated = {name for name in numbers if name.startswith(("limit", "delay"))} | {"deadband", "rate_max", "resolution", "period_s"}
    kept = {*LEARNT, "tail", "block_top", "block_mean", "block_square"}
    assert numbers - of_the_sensor - described_by - stated == kept
    assert kept <= set(REGIME.names or ())


def test_any_cutting_gives_the_same() -> None:
    log = cycles(described(Log(), run_state=RULE, modes=BAND), 2, seconds=120)
    whole = outcome(log)
    state, rows = fresh(), []
    for begin in range(0, len(log.values), 97):
        rows.append(feed(state, log, begin, min(begin + 97, len(log.values))).rows)
        state = type(state).unpack(state.pack(), source=state.source, options=QUICK)
    assert np.concatenate(rows).tobytes() == whole.rows.tobytes()


def test_a_stop_ends_with_the_sensor_of_its_begin() -> None:
    """Its end is told by the demand, or by an entry without a rule: both close what the run sensor opened."""
    demand = [{"role": "demand", "sensor_id": "A.demand"}]
    log = described(Log(), run_state={**RULE, "delay_s": 0.0}, drivers=demand).reading(1.0, sensor="A.demand")
    run(log, [500.0, 0.0])
    for ended in (Log(list(log.values), list(log.keys), list(log.known), log.now).reading(0.0, sensor="A.demand"), described(log, 2)):
        found = outcome(ended).evidence
        assert [(record["sensor_id"], record["phase"]) for record in found] == [("A.speed", "on"), ("A.speed", "off")]


def test_a_stop_counts_after_its_delay_though_its_sensor_says_nothing_more() -> None:
    log = run(described(Log(), run_state=RULE), [500.0, 0.0])
    for _ in range(5):
        log.reading(20.0)
        log.now += SECOND
    assert modes(outcome(log)) == [RUNNING, RUNNING, RUNNING, RUNNING, OFF, OFF, OFF]


def test_without_its_rule_an_asset_has_no_mode() -> None:
    log = run(described(Log().sensor(limit_l=30.0), run_state={**RULE, "delay_s": 0.0}), [0.0], [20.0])
    found = outcome(described(log, 2).reading(20.0))
    assert modes(found) == [OFF, OFF, NO_MODE]
    assert steps(found) == [("limit", "limit_low", "on")]


def test_a_mode_that_gets_another_name_keeps_its_old_one_in_what_was() -> None:
    log = described(Log().sensor(limit_h=30.0), modes=BAND).reading(20.0, sensor="A.load").reading(50.0)
    described(log, 2, modes=[{**BAND[0], "name": "renamed"}])
    whole, state = outcome(log), fresh()
    pieces = [record for k in range(len(log.values)) for record in feed(state, log, k, k + 1).evidence]
    assert [record["mode"] for record in whole.evidence] == [record["mode"] for record in pieces] == ["low", "low"]


def test_other_modes_have_other_levels() -> None:
    """A mode in front of the others takes their numbers, but nothing of what was learnt in them."""
    state = fresh()
    log = described(Log(), modes=BAND)
    for _ in range(40):
        log.reading(20.0, sensor="A.load").reading(50.0 + RNG.normal())
        log.now += SECOND
    feed(state, log)
    slot = state.state.sensor_names.index("A.temp")
    assert state.state.sensors[slot]["count"] > 30
    first = {"sensor_id": "A.load", "name": "idle", "low": -10.0, "high": 0.0}
    feed(state, described(Log(now=log.now), 2, modes=[first, *BAND]).reading(20.0, sensor="A.load").reading(50.0))
    assert state.state.sensors[slot]["count"] <= 1
