"""Faults of sensors carry their name and speak of the sensor; a fault of the machine that looks a little alike does not."""

from typing import Any

import numpy as np
import pytest

from processors.acquisition import Applied, Options
from tests.processors.partition import QUICK, SECOND, Log, feed, fresh, outcome

RNG = np.random.default_rng(23)
HOUR = 3600 * SECOND


def named(found: Applied) -> set[tuple[str, str]]:
    return {(record["kind"], record["subject"]) for record in found.evidence}


def after(values: Any, *then: float, **fields: Any) -> set[tuple[str, str]]:
    return named(outcome(Log().sensor(**fields).series([*values, *then])))


@pytest.mark.parametrize(
    ("quantity", "level", "other"),
    [
        ("temperature", 60.0, 140.0),  # Fahrenheit
        ("temperature", 140.0, 60.0),
        ("temperature", 60.0, 333.15),  # kelvin
        ("pressure", 4.0, 58.015),  # psi
        ("pressure", 4.0, 400.0),  # kPa
    ],
)
def test_a_changed_unit(quantity: str, level: float, other: float) -> None:
    values = level * (1.0 + 0.002 * RNG.normal(size=400))
    assert after(values, other, other, quantity=quantity) == {("unit_changed", "sensor")}
    assert after(values, other * 1.2, other * 1.2, quantity=quantity) == {("spike", "machine")}


def test_the_unit_of_a_live_bearing_temperature() -> None:
    values = 58.0 + 0.95 * RNG.normal(size=400)
    assert after(values, 136.4, 136.4, quantity="temperature") == {("unit_changed", "sensor")}


def test_noise_where_a_chance_match_means_nothing() -> None:
    assert after(60.0 + 5.0 * RNG.normal(size=400), 140.0, 140.0, quantity="temperature") == {("spike", "machine")}


def running(log: Log) -> Log:
    rule = {"sensor_id": "A.speed", "comparison": "above", "threshold": 100.0, "hysteresis": 0.0, "delay_s": 0.0}
    entry = {"kind": "asset", "version": 1, "asset_id": "A", "run_state": rule}
    return log.mark("catalogue", 1, subject="asset/A", entry=entry).reading(500.0, sensor="A.speed")


def test_vibration_of_a_running_machine_does_not_vanish() -> None:
    log = running(Log()).series(3.0 + 0.1 * RNG.normal(size=400), sensor="A.vib")
    log.now += SECOND
    assert named(outcome(log.series([0.4, 0.4], sensor="A.vib"))) == {("loose_mounting", "sensor")}


@pytest.mark.parametrize("rest", [2, 100, 3000])
def test_without_a_run_rule_vibration_may_cease_and_come_back(rest: int) -> None:
    """Nobody knows whether the machine was switched off. At rest for less than a week, its level stays that of running."""
    runs, still = 3.0 + 0.1 * RNG.normal(size=800), 0.3 + 0.02 * RNG.normal(size=rest)
    found = outcome(Log().series([*runs[:400], *still, *runs[400:]], sensor="A.vib"))
    assert named(found) == set()
    assert named(outcome(Log().series([*runs[:400], 6.0, 6.1, *runs[400:]], sensor="A.vib"))) == {("spike", "machine")}
    assert named(outcome(Log().series([*runs[:400], 0.3, 0.31], sensor="A.temp"))) == {("spike", "machine")}, "of no other quantity"


@pytest.mark.parametrize("first", ["A.in", "A.out"])
def test_swapped_sensors(first: str) -> None:
    """Also when the entry that ties them comes before the other sensor is known."""
    log = Log().sensor(sensor="A.in", coupled_with=["A.out"]).sensor(sensor="A.out", coupled_with=["A.in"])
    for _ in range(400):
        log.reading(40.0 + 0.2 * RNG.normal(), sensor="A.in").reading(80.0 + 0.2 * RNG.normal(), sensor="A.out")
        log.now += SECOND
    second = {"A.in": "A.out", "A.out": "A.in"}[first]
    values = {"A.in": 80.0, "A.out": 40.0}
    for _ in range(3):
        log.reading(values[first], sensor=first).reading(values[second], sensor=second)
        log.now += SECOND
    assert named(outcome(log)) == {("swapped", "sensor")}


def inert(count: int) -> Any:
    """Values with inertia: each keeps 95 % of the deviation of the one before."""
    values = np.zeros(count)
    for k in range(1, count):
        values[k] = 0.95 * values[k - 1] + RNG.normal()
    return 50.0 + values


def test_noise_on_a_value_with_inertia_is_the_sensor() -> None:
    values = inert(3000)
    noisy = values[2000:2300] + 4.0 * RNG.normal(size=300)
    kinds = named(outcome(Log().series([*values[:2000], *noisy]), Options()))
    assert ("noisy", "sensor") in kinds
    assert ("variance_change", "machine") not in kinds


def pair(drift_of_other: float, **fields: Any) -> set[tuple[str, str]]:
    log = Log().sensor(**fields).sensor(sensor="A.twin")
    for k in range(1500):
        drift = 2.5 * (k >= 1000)
        log.reading(50.0 + RNG.normal() + drift).reading(50.0 + RNG.normal() + drift_of_other * drift, sensor="A.twin")
        log.now += SECOND
    return {(record["kind"], record["subject"]) for record in outcome(log).evidence if record["sensor_id"] == "A.temp"}


def test_a_drift_that_a_redundant_sensor_contradicts() -> None:
    assert ("sensor_drift", "sensor") in pair(0.0, redundant_with="A.twin")
    assert ("sensor_drift", "sensor") not in pair(1.0, redundant_with="A.twin"), "both drift: it is the machine"
    assert ("drift", "machine") in pair(0.0), "nobody contradicts"


def test_a_drift_from_the_reference_that_a_redundant_sensor_contradicts() -> None:
    kinds = {}
    for both in (False, True):
        log = Log().sensor(redundant_with="A.twin").sensor(sensor="A.twin").reading(50.0).reading(50.0, sensor="A.twin")
        for sensor in ("A.temp", "A.twin"):
            stated = {"mode": "", "normal": 50.0, "spread": 1.0, "sway": 0.3, "accepted": True, "drivers": []}
            entry = {"kind": "baseline", "version": 1, "asset_id": "A", "sensor_id": sensor, "baseline": stated}
            log.mark("catalogue", 1, subject=f"baseline/{sensor}", entry=entry)
        for k in range(3000):
            drift = 0.001 * k
            log.reading(50.0 + RNG.normal() + drift).reading(50.0 + RNG.normal() + both * drift, sensor="A.twin")
            log.now += 60 * SECOND
        found = outcome(log, Options()).evidence
        kinds[both] = {(r["kind"], r["sensor_id"]) for r in found if r["detector"] == "level1/reference"}
    assert kinds[False] == {("sensor_drift", "A.temp")}
    assert kinds[True] == {("drift", "A.temp"), ("drift", "A.twin")}


def test_a_value_that_rests_at_the_end_of_the_instrument() -> None:
    assert after([50.0, 99.99, 99.99], range_low=0.0, range_high=100.0) == {("saturated", "sensor")}
    assert after([50.0, 99.99, 99.0, 0.0, 0.0], range_low=0.0, range_high=100.0) == set()


@pytest.mark.parametrize("shift", [2, 11])
def test_local_time_sent_as_utc_is_named(shift: int) -> None:
    log = Log()
    for _ in range(700):
        log.reading(RNG.normal(), log.now - shift * HOUR - 3 * SECOND)
        log.now += SECOND
    (record,) = [record for record in outcome(log).evidence if record["kind"] == "clock_shifted"]
    assert (record["subject"], record["phase"], record["threshold"]) == ("sensor", "on", shift * 3600.0)
    for _ in range(2):
        log.reading(RNG.normal())
        log.now += SECOND
    assert [record["phase"] for record in outcome(log).evidence if record["kind"] == "clock_shifted"] == ["on", "off"]


def test_a_buffer_that_is_delivered_is_no_wrong_clock() -> None:
    log = Log()
    for k in range(8 * 360):  # 8 hours of one reading in 10 s, delivered within 5 minutes
        log.reading(RNG.normal(), log.now - 8 * HOUR + k * 10 * SECOND)
        log.now += SECOND // 10
    assert not [record for record in outcome(log).evidence if record["kind"] == "clock_shifted"]


def test_any_cutting_gives_the_same() -> None:
    log = Log().sensor(sensor="A.in", coupled_with=["A.out"])
    for _ in range(300):
        log.reading(40.0 + 0.2 * RNG.normal(), sensor="A.in").reading(80.0 + 0.2 * RNG.normal(), sensor="A.out")
        log.now += SECOND
    whole, state, rows = outcome(log), fresh(), []
    for begin in range(0, len(log.values), 61):
        rows.append(feed(state, log, begin, min(begin + 61, len(log.values))).rows)
        state = type(state).unpack(state.pack(), source=state.source, options=QUICK)
    assert np.concatenate(rows).tobytes() == whole.rows.tobytes()


def test_a_wrong_clock_ends_with_the_sensor_of_its_begin() -> None:
    log = Log()
    for _ in range(700):
        log.reading(RNG.normal(), log.now - 2 * HOUR)
        log.now += SECOND
    found = outcome(log.reading(1.0, sensor="A.vib")).evidence
    assert [(r["sensor_id"], r["phase"]) for r in found if r["kind"] == "clock_shifted"] == [("A.temp", "on"), ("A.temp", "off")]


@pytest.mark.parametrize("twin", ["never", "silent"])
def test_a_dead_twin_contradicts_nobody(twin: str) -> None:
    log = Log().sensor(redundant_with="A.twin").sensor(sensor="A.twin", period_s=1.0)
    for k in range(1500):
        log.reading(50.0 + RNG.normal() + 2.5 * (k >= 1000))
        if twin == "silent" and k < 500:
            log.reading(50.0 + RNG.normal(), sensor="A.twin")
        log.tick()
        log.now += SECOND
    kinds = {(record["kind"], record["subject"]) for record in outcome(log).evidence if record["sensor_id"] == "A.temp"}
    assert kinds == {("drift", "machine")}


def slowly(log: Log, value: float, readings: int) -> Log:
    """Readings of a value with little noise, one a minute."""
    return log.series(value * (1.0 + 0.002 * RNG.normal(size=readings)), period_s=60.0)


def accepted(log: Log, normal: float, version: int = 1, mode: str = "") -> Log:
    stated = {"mode": mode, "normal": normal, "spread": 0.002 * normal, "sway": 0.001 * normal, "accepted": True, "drivers": []}
    entry = {"kind": "baseline", "version": version, "asset_id": "A", "sensor_id": "A.temp", "baseline": stated}
    return log.mark("catalogue", version, subject="baseline/A.temp", entry=entry)


def test_a_fault_of_a_sensor_lasts_until_it_is_mended() -> None:
    """Its level is not taken for one of the machine, so nothing else is said of it meanwhile, nor that it came back."""
    log = slowly(accepted(Log().sensor(quantity="temperature", period_s=60.0), 60.0), 60.0, 500)
    found = outcome(slowly(slowly(log, 140.0, 4000), 60.0, 100), Options()).evidence
    assert [(record["kind"], record["phase"]) for record in found if record["phase"] != "peak"] == [
        ("unit_changed", "on"),
        ("unit_changed", "off"),
    ]
    (end,) = (record for record in found if record["phase"] == "off")
    assert end["ts"] - end["since"] >= 3990 * 60 * SECOND


def test_a_fault_lasts_over_nights_at_rest() -> None:
    """Nobody learns at rest that a sensor was mended, and the reference of rest is none for the machine."""
    log = accepted(running(Log()).sensor(quantity="pressure", period_s=60.0), 4.0, mode="running")
    for factor in (1.0, 1.0, 14.503774, 14.503774, 14.503774, 1.0):
        for speed, pressure in ((500.0, 4.0), (0.0, 0.0)):
            for _ in range(600):
                log.reading(speed, sensor="A.speed").reading(pressure * factor * (1.0 + 0.002 * RNG.normal()))
                log.now += 60 * SECOND
    found = [record for record in outcome(log, Options()).evidence if record["sensor_id"] == "A.temp" and record["phase"] != "peak"]
    told = [(record["kind"], record["phase"], record["ts"]) for record in found]
    assert [(kind, phase) for kind, phase, _ in told] == [("unit_changed", "on"), ("unit_changed", "off")]
    assert told[1][2] - told[0][2] >= 2 * 1200 * 60 * SECOND


def test_a_limit_that_a_saturated_sensor_passes_is_told_after_the_case() -> None:
    log = Log().sensor(range_low=0.0, range_high=150.0, limit_h=100.0, delay_on_s=1.5)
    found = outcome(log.series([*(50.0 + RNG.normal(size=400)), *[150.0] * 30])).evidence
    kinds = [record["kind"] for record in found if record["phase"] == "on"]
    assert {"saturated", "limit_high"} <= set(kinds)
    assert kinds[0] == "saturated"


def test_what_a_person_accepts_is_no_fault() -> None:
    log = slowly(accepted(Log().sensor(quantity="temperature", period_s=60.0), 60.0), 60.0, 500)
    log = accepted(slowly(log, 140.0, 300), 140.0, 2)
    state = fresh(Options())
    feed(state, log)
    later = slowly(Log(now=log.now), 140.0, 100)
    assert [(record["kind"], record["phase"]) for record in feed(state, later).evidence] == [("unit_changed", "off")]


@pytest.mark.parametrize("times", [4, 10, 30])
def test_an_instrument_that_rattles_is_no_excursion_of_the_machine(times: int) -> None:
    values = inert(1800)
    values[1500:] += times * RNG.normal(size=300)
    begun = [record["kind"] for record in outcome(Log().series(values), Options()).evidence if record["phase"] == "on"]
    assert begun[0] == "noisy"


@pytest.mark.parametrize("seed", range(8))
def test_jumps_there_and_back_are_the_instrument(seed: int) -> None:
    """Three readings in ten lie 30 widths off, up or down, for a minute: two in a row of them are no excursion of the machine."""
    random = np.random.default_rng(seed)
    values = 50.0 + random.normal(size=400)
    off = 300 + np.flatnonzero(random.random(60) < 0.3)
    off = np.array([300, *off[off > 301]])  # the first one comes alone
    values[off] += random.choice([-30.0, 30.0], len(off))
    assert ("noisy", "sensor") in (found := named(outcome(Log().series(values))))
    assert not [kind for kind, _ in found if kind == "spike"]


def test_one_jump_hides_no_excursion() -> None:
    values = 50.0 + RNG.normal(size=400)
    values[300], values[310:] = 80.0, 80.0 + RNG.normal(size=90)
    assert next(record["kind"] for record in outcome(Log().series(values)).evidence if record["phase"] == "on") == "spike"


def test_an_excursion_of_what_has_inertia_is_told_if_it_lasts() -> None:
    values = inert(1600)
    values[1500:] += 40.0
    told = [record["kind"] for record in outcome(Log().series(values), Options()).evidence if record["phase"] == "on"]
    ramp = inert(1600)
    ramp[1500:] += 10.0 * np.arange(1, 101)
    assert told[0] == "spike"
    assert ("spike", "machine") in named(outcome(Log().series(ramp), Options()))


def test_a_machine_at_rest_speaks_no_other_unit() -> None:
    """Without a run rule nobody knows: 3 mm/s may be 0.118 in/s, or a machine that was switched off."""
    values = 3.0 * (1.0 + 0.002 * RNG.normal(size=400))
    assert after(values, 3.0 / 25.4, 3.0 / 25.4, quantity="vibration") == set()
    log = running(Log()).series(values, sensor="A.vib")
    log.now += SECOND
    assert named(outcome(log.series([3.0 / 25.4] * 2, sensor="A.vib"))) == {("unit_changed", "sensor")}
