import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from processors.options import Options
from processors.outcome import Flag, Status
from tests.processors.oracle.level1 import Sensor
from tests.processors.partition import QUICK, SECOND, T0, Log, feed, fresh, outcome, steps

RANDOM = np.random.default_rng(7)
NORMAL = RANDOM.normal(10.0, 1.0, 4000)


def correlated(count: int, keep: float) -> Any:
    noise, out = np.random.default_rng(3).normal(size=count), np.zeros(count)
    for i in range(1, count):
        out[i] = keep * out[i - 1] + noise[i]
    return out


SERIES = {
    "white": NORMAL[:3000],
    "heavy tails": np.random.default_rng(1).standard_t(3, 3000),
    "correlated": correlated(3000, 0.95),
    "trend": NORMAL[:3000] + np.arange(3000) * 0.01,
    "step": np.append(NORMAL[:2000], NORMAL[2000:2080] + 8.0),
    "louder": np.append(NORMAL[:2000] - 10.0, 4.0 * (NORMAL[2000:2080] - 10.0)),
    "spikes": np.where(np.arange(3000) % 400 == 399, 40.0, NORMAL[:3000]),
}


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("options", [Options(), Options(tail_readings=500.0, scale_readings=50.0)], ids=["defaults", "short memory"])
def test_scores_equal_the_oracle(name: str, options: Options) -> None:
    rows = outcome(Log().series(SERIES[name]), options).rows
    oracle = Sensor(options)
    expected = [oracle.judge(int(row["ts"]), float(row["value"])) for row in rows]
    np.testing.assert_allclose(rows["score"], np.array([score for score, _ in expected], np.float32), rtol=1e-6)
    assert rows["flags"].tolist() == [flags for _, flags in expected]


def test_nothing_is_said_while_learning() -> None:
    found = outcome(Log().series(np.append(NORMAL[:20], [1e6] * 5)))
    assert not found.evidence
    assert np.isnan(found.rows["score"]).all()
    assert (found.rows["flags"] & Flag.LEARNING).all()


def test_a_spike_is_one_condition_of_the_machine() -> None:
    found = outcome(Log().series([*NORMAL[:1000], 40.0, 40.0, *NORMAL[1000:1200]]))
    on, off = found.evidence
    assert steps(found) == [("ewma", "spike", "on"), ("ewma", "spike", "off")]
    assert (on["ts"], on["since"], off["ts"]) == (T0 + 1001 * SECOND,) * 3
    assert on["subject"] == "machine"
    assert on["surprise"] > on["threshold"] == pytest.approx(math.log10(3 * 31_557_600)), "three detectors share the budget"
    assert on["expected"] == pytest.approx(10.0, abs=0.3)
    assert (found.rows["flags"][1000:1002] == Flag.OUTLIER).all()
    assert off["origin"]["offset"] > on["origin"]["offset"] + 60


def test_a_single_outlier_is_a_flag_and_no_evidence() -> None:
    found = outcome(Log().series([*NORMAL[:1000], 40.0, *NORMAL[1000:1100], 40.0, *NORMAL[1100:1200]]))
    assert not found.evidence
    assert np.flatnonzero(found.rows["flags"] & Flag.OUTLIER).tolist() == [1000, 1101]


def test_an_outlier_is_not_learnt() -> None:
    calm, struck = fresh(), fresh()
    feed(calm, Log().series(NORMAL[:1000]))
    feed(struck, Log().series([*NORMAL[:1000], *[500.0] * 50]))
    assert struck.state.sensors[0]["level"] == calm.state.sensors[0]["level"]
    assert struck.state.sensors[0]["spread"] == calm.state.sensors[0]["spread"]


def test_a_lasting_step_is_found_and_then_adopted() -> None:
    found = outcome(Log().series([*NORMAL[:1000], *(NORMAL[1000:2800] + 6.0)]), Options())
    first = found.evidence[0]
    assert first["ts"] <= T0 + 1060 * SECOND
    assert {record["phase"] for record in found.evidence[-2:]} == {"off"}
    assert not (found.rows["flags"][-600:] & Flag.OUTLIER).any()


def test_a_small_lasting_shift_is_a_drift() -> None:
    found = outcome(Log().series([*NORMAL[:2000], *(NORMAL[2000:2060] + 2.5)]), Options())
    assert steps(found)[0] == ("cusum", "drift", "on")


def test_growing_noise_is_a_variance_change() -> None:
    found = outcome(Log().series([*NORMAL[:2000], *(10.0 + 2.5 * (NORMAL[2000:2100] - 10.0))]), Options())
    assert ("cusum", "variance_change", "on") in steps(found)


def test_a_condition_cannot_flood() -> None:
    growing = 10.0 + 20.0 * 1.002 ** np.arange(2000)
    found = outcome(Log().series([*NORMAL[:1000], *growing]), Options(relearn_readings=1e9))
    peaks = [record["surprise"] for record in found.evidence if record["phase"] == "peak" and "ewma" in record["detector"]]
    assert len(peaks) <= math.log(99 / 7.5, 1.25)
    assert all(later >= 1.249 * earlier for earlier, later in pairwise(peaks))


def test_on_and_off_are_two_levels() -> None:
    cycles = np.repeat([0.0, 20.0] * 6, 1000) + np.random.default_rng(2).normal(size=12_000)
    found = outcome(Log().series(cycles), Options())
    begins = [(record["ts"] - T0) // SECOND for record in found.evidence if record["phase"] == "on"]
    assert begins
    assert max(begins) < 1100


def test_limits_have_a_deadband_and_grow_graver() -> None:
    log = Log().sensor(limit_h=80.0, limit_hh=90.0, limit_l=10.0, deadband=5.0)
    log.series([50.0, 81.0, 78.0, 92.0, 78.0, 74.0]).series([50.0] * 70)
    found = outcome(log)
    events = [
        (record["kind"], record["phase"], (record["ts"] - T0) // SECOND) for record in found.evidence if "limit" in record["detector"]
    ]
    assert events == [("limit_high", "on", 1), ("limit_hh", "on", 3), ("limit_high", "off", 2), ("limit_hh", "off", 4)]
    assert [record["severity"] for record in found.evidence if record["phase"] == "on"][:2] == [4, 5]
    assert [bool(flags & Flag.LIMIT) for flags in found.rows["flags"][:6]] == [False, True, True, True, True, False]


def test_a_limit_may_have_delays() -> None:
    log = Log().sensor(limit_h=10.0, delay_on_s=3.0, delay_off_s=5.0)
    found = outcome(log.series([11.0, 11.0, 9.0, 11.0, 11.0, 11.0, 11.0, 9.0, 9.0, 11.0, *[9.0] * 7]))
    assert [(record["phase"], (record["ts"] - T0) // SECOND, (record["since"] - T0) // SECOND) for record in found.evidence] == [
        ("on", 6, 3),
        ("off", 9, 3),
    ]


def test_low_limits() -> None:
    found = outcome(Log().sensor(limit_ll=1.0, limit_l=10.0).series([50.0, 9.0, 0.5]))
    assert [record["kind"] for record in found.evidence] == ["limit_low", "limit_ll", "limit_low"]


def test_beyond_the_instrument_is_bad_and_speaks_of_the_sensor() -> None:
    found = outcome(Log().sensor(range_low=0.0, range_high=100.0).series([50.0, 130.0, 50.0]))
    assert found.rows["status"].tolist() == [0, Status.BAD_OUT_OF_RANGE, 0]
    assert found.rows["flags"][1] == Flag.OUT_OF_RANGE
    (record,) = found.evidence
    assert (record["detector"], record["kind"], record["subject"], record["threshold"]) == ("level1/range", "sensor_fault", "sensor", 100.0)


def test_a_change_nobody_believes() -> None:
    found = outcome(Log().sensor(rate_max=2.0).series([1.0, 2.5, 6.0]))
    assert steps(found) == [("rate", "rate_of_change", "on")]


def test_a_bad_stretch_gives_a_change_its_time_and_makes_the_level_stale() -> None:
    log = Log().sensor(rate_max=0.5).series(np.zeros(60))
    for _ in range(20):
        log.reading(0.0, status=Status.BAD)
        log.now += SECOND
    assert not outcome(log.reading(9.0)).evidence, "9 in 21 s is not 9 in 1 s"
    log = Log().series(NORMAL[:500])
    for _ in range(3600):
        log.reading(0.0, status=Status.BAD)
        log.now += SECOND
    assert not outcome(log.series(NORMAL[:100] + 30.0)).evidence


def test_a_stuck_sensor() -> None:
    found = outcome(Log().series([*NORMAL[:1000], *[NORMAL[999]] * 60, *NORMAL[1000:1200]]), Options())
    stuck = [record for record in found.evidence if record["detector"] == "health/stuck"]
    assert [(record["phase"], (record["ts"] - T0) // SECOND) for record in stuck] == [("on", 1019), ("off", 1059)]
    assert stuck[0]["since"] == T0 + 999 * SECOND
    assert found.rows["flags"][1030] & Flag.STUCK


@pytest.mark.parametrize("values", [np.round(NORMAL / 8) * 8, np.repeat(NORMAL[:80], 50), np.full(4000, 7.0)])
def test_sensors_that_repeat_are_not_stuck(values: Any) -> None:
    found = outcome(Log().series([*values, *[values[-1]] * 100]), Options())
    assert not [record for record in found.evidence if record["kind"] == "stuck_at_value"]


def test_out_of_service_is_stored_and_not_judged() -> None:
    found = outcome(Log().sensor(state="out_of_service", limit_h=1.0).series([5.0] * 50))
    assert not found.evidence
    assert np.isnan(found.rows["score"]).all()


def test_uncertain_readings_count_half() -> None:
    sure, unsure = (
        outcome(Log().series(NORMAL[:500]).reading(13.0, status=status)).rows["score"][-1] for status in (Status.GOOD, 0x40000000)
    )
    assert unsure == pytest.approx(sure / 2)


def test_a_stale_level_is_learnt_anew_after_a_gap() -> None:
    log = Log().series(NORMAL[:500])
    log.now += 3600 * SECOND
    found = outcome(log.series(NORMAL[:100] + 30.0))
    assert not found.evidence
    assert (found.rows["flags"][500:529] & Flag.LEARNING).all()


def test_scale_and_offset_apply_to_values() -> None:
    log = Log().sensor(scale=2.0, offset=1.0).reading(3.0)
    assert outcome(log).rows["value"].tolist() == [7.0]
    assert QUICK.grace_readings == 30
