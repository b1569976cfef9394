from typing import Any

import numpy as np
import pytest

from processors import reference
from processors.options import Options, parameters
from tests.processors.partition import SECOND, T0, Log, feed, fresh, outcome, steps

DAY = 86_400
RNG = np.random.default_rng(11)


def accepted(log: Log, version: int = 1, **fields: Any) -> Log:
    stated = {"mode": "", "normal": 10.0, "spread": 1.0, "sway": 0.3, "accepted": True, "drivers": [], **fields}
    entry = {"kind": "baseline", "version": version, "asset_id": "A", "sensor_id": "A.temp", "baseline": stated}
    return log.mark("catalogue", version, subject="baseline/A.temp", entry=entry)


def history(days: int, *, slope_a_week: float = 0.0) -> Log:
    """A reading a minute with a daily swing; scale of the noise 1."""
    log, count = Log().reading(10.0), days * 1440
    log.now += 60 * SECOND
    accepted(log)
    minutes = np.arange(count)
    values = 10.0 + RNG.normal(0, 1, count) + 0.2 * np.sin(minutes / 1440 * 2 * np.pi) + slope_a_week * minutes / (7 * 1440)
    return log.series(values, period_s=60)


def detectors(log: Log) -> set[str]:
    return {record["detector"] for record in outcome(log, Options()).evidence}


@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_wear_of_a_scale_a_week_is_found(slope: float) -> None:
    """The level that is learnt follows it: what is judged against that level says no more than its budget allows."""
    found = [record for record in outcome(history(28, slope_a_week=slope), Options()).evidence if record["detector"] != "health/stuck"]
    assert found[0]["detector"] == "level1/reference"
    assert (found[0]["ts"] - T0) / SECOND / DAY < 14
    assert (found[0]["kind"], found[0]["phase"], found[0]["severity"], found[0]["expected"]) == ("drift", "on", 2, 10.0)
    assert sum(record["detector"] in {"level1/ewma", "level1/cusum"} and record["phase"] == "on" for record in found) <= 1
    assert all(record["surprise"] >= record["threshold"] for record in found)


def test_a_healthy_month_is_silent() -> None:
    assert "level1/reference" not in detectors(history(28))


def test_it_ends_when_the_machine_is_as_before() -> None:
    log = history(7).series(12.0 + RNG.normal(0, 1, 2880), period_s=60).series(10.0 + RNG.normal(0, 1, 4320), period_s=60)
    found = [record["phase"] for record in outcome(log, Options()).evidence if record["detector"] == "level1/reference"]
    assert found[0] == "on"
    assert found[-1] == "off"


def test_a_disturbance_of_hours_is_no_wear() -> None:
    log = history(7).series(20.0 + RNG.normal(0, 1, 300), period_s=60).series(10.0 + RNG.normal(0, 1, 1440), period_s=60)
    assert "level1/reference" not in detectors(log)


@pytest.mark.parametrize(("limit", "found"), [({}, True), ({"limit_h": 12.0}, True), ({"limit_h": 60.0}, False), ({"limit_l": 8.0}, True)])
def test_what_is_small_beside_the_way_to_a_limit_is_nobodys_business(limit: dict[str, Any], *, found: bool) -> None:
    """Two units above normal: a twenty-fifth of the way to 60, the whole way to 12."""
    log = accepted(Log().sensor(**limit).reading(10.0))
    log.now += SECOND
    log.series(12.0 + RNG.normal(0, 0.5, 4320), period_s=60)
    assert ("level1/reference" in detectors(log)) is found


def test_a_drift_is_judged_by_the_accepted_reference_alone() -> None:
    step = [*(10.0 + RNG.normal(0, 1, 2000)), *(12.5 + RNG.normal(0, 1, 200))]
    without, with_it = Log().reading(10.0), accepted(Log().reading(10.0))
    without.now = with_it.now = T0 + 60 * SECOND
    assert "level1/cusum" in detectors(without.series(step, period_s=60))
    assert "level1/cusum" not in detectors(with_it.series(step, period_s=60))


def test_a_provisional_reference_is_for_information() -> None:
    log = accepted(Log().reading(10.0), accepted=False)
    log.now += SECOND
    found = outcome(log.series(np.full(1440, 20.0) + RNG.normal(0, 1, 1440), period_s=60), Options()).evidence
    assert next(record["severity"] for record in found if record["detector"] == "level1/reference") == 1


def test_a_newer_reference_counts_and_a_reset_takes_it_away() -> None:
    state = fresh()
    feed(state, accepted(accepted(accepted(Log().reading(1.0)), 3, normal=30.0), 2, normal=20.0))
    assert state.state.regimes["normal"][0] == 30.0
    feed(state, Log().mark("reset", 9, subject="sensor/A.temp"))
    assert np.isnan(state.state.regimes["normal"][0])


def test_a_reference_without_scale_or_of_an_unknown_mode_is_none() -> None:
    state = fresh()
    feed(state, accepted(accepted(Log().reading(1.0), sway=0.0), 2, mode="nobody knows"))
    assert state.state.numbers[-1] == 0


def test_the_bar_is_the_budget() -> None:
    strict, lenient = (parameters(Options(false_episodes_per_sensor_year=budget))[0] for budget in (0.1, 1.0))
    assert reference.bar(strict, 1.0) > reference.bar(lenient, 600.0) > 100.0 > reference.bar(lenient, 3600.0)


def test_a_change_of_the_scale_ends_its_condition() -> None:
    log = history(1).series(20.0 + RNG.normal(0, 1, 1440), period_s=60)
    found = outcome(log.sensor(2, scale=2.0), Options())
    assert ("reference", "drift", "off") in steps(found)
