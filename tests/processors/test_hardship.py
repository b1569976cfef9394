"""What real sources do to a sensor: each once blinded it or moved it out of its bounds."""

import numpy as np

from processors.layout import TAIL_BINS
from processors.options import Options, changed
from processors.outcome import Flag
from processors.tail import place
from tests.processors.partition import QUICK, SECOND, T0, Log, outcome


def noise(readings: int, seed: int = 1) -> list[float]:
    values: list[float] = np.random.default_rng(seed).normal(50.0, 1.0, readings).tolist()
    return values


def test_two_first_readings_a_millisecond_apart_do_not_blind_a_sensor() -> None:
    log = Log().reading(50.0, T0).reading(50.1, T0 + 1000)
    log.now += SECOND
    rows = outcome(log.series(noise(1500))).rows
    assert np.isfinite(rows["score"][-500:]).all()
    assert not (rows["flags"][-500:] & Flag.LEARNING).any()


def test_a_huge_first_value_is_stored_and_forgotten() -> None:
    huge = np.finfo(np.float64).max
    rows = outcome(Log().series([50.0, huge, *noise(1500)])).rows
    assert rows["value"][1] == huge
    assert np.isnan(rows["score"][1])
    assert np.isfinite(rows["score"][-500:]).all()


def test_no_number_has_a_place_in_the_histogram() -> None:
    assert place(np.nan) == 0.0
    assert place(0.0) == 0.0
    assert place(1e300) >= TAIL_BINS


def test_a_tick_of_a_wrong_clock_stops_no_clock() -> None:
    log = Log().mark("tick", 2**62).series(noise(200))
    for _ in range(60):
        log.now += SECOND
        log.tick()
    assert [record["kind"] for record in outcome(log).evidence] == ["silent"]


def test_a_mark_cannot_set_what_would_end_the_worker() -> None:
    for value in (0.0, -1.0, np.nan, np.inf):
        assert changed(QUICK, {"false_episodes_per_sensor_year": value}) == QUICK
    assert changed(Options(), {"huber": 2}).huber == 2.0
