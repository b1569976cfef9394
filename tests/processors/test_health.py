import numpy as np
import pytest

from processors.acquisition import Options
from schemas.codec import encode
from tests.processors.partition import SECOND, T0, Log, outcome, steps


def quiet(log: Log, seconds: int) -> Log:
    for _ in range(seconds):
        log.now += SECOND
        log.tick()
    return log


def silences(log: Log) -> list[tuple[str, float]]:
    """(phase, seconds of Kafka time since T0) of silence."""
    return [
        (record["phase"], (record["known_at"] - T0) / SECOND) for record in outcome(log, Options()).evidence if record["kind"] == "silent"
    ]


def test_a_learnt_sensor_is_silent_after_five_seconds() -> None:
    log = quiet(Log().series(np.zeros(20)), 10)
    assert silences(log) == [("on", 25.0)]
    (record,) = outcome(log).evidence
    assert (record["subject"], record["detector"], record["ts"], record["threshold"]) == ("sensor", "health/silent", T0 + 19 * SECOND, 5.0)
    assert encode("Evidence", record)


def test_a_catalogued_period_counts_more() -> None:
    assert silences(quiet(Log().sensor(period_s=4.0, gateway="g1").series(np.zeros(3)), 20)) == [("on", 15.0)]


def test_a_gateway_that_sends_several_periods_at_once_is_not_silent_between() -> None:
    log = Log().sensor(period_s=1.0)
    for _ in range(10):  # 20 readings every 20 s
        for back in range(20):
            log.reading(0.0, log.now - (19 - back) * SECOND)
        quiet(log, 20)
    assert max(at for _, at in silences(log)) == 40.0, "three packets teach the gateway's habit"


def test_it_speaks_again() -> None:
    log = quiet(Log().series(np.zeros(20)), 10).reading(0.0)
    found = outcome(log)
    assert steps(found) == [("silent", "silent", "on"), ("silent", "silent", "off")]
    assert found.evidence[1]["ts"] == log.now


def test_nobody_is_silent_before_an_interval_is_known() -> None:
    assert not silences(quiet(Log().series(np.zeros(9)), 100))


def test_by_exception_only_a_stated_interval_counts() -> None:
    assert not silences(quiet(Log().sensor(reporting="by_exception").series(np.zeros(20)), 100))
    assert silences(quiet(Log().sensor(reporting="by_exception", period_s=10.0).series(np.zeros(20)), 100)) == [("on", 50.0)]


def test_an_end_ends_expectation_until_the_next_reading() -> None:
    log = quiet(Log().series(np.zeros(20)).mark("end"), 100)
    assert not silences(log)
    assert silences(quiet(log.reading(0.0), 100)) != []


def test_an_end_ends_silence() -> None:
    assert [phase for phase, _ in silences(quiet(Log().series(np.zeros(20)), 10).mark("end", subject="sensor/A.temp"))] == ["on", "off"]


def test_a_gateway_that_sends_every_minute_is_learnt() -> None:
    log, sent = Log(), T0
    for _ in range(30):
        quiet(log, 60)
        while sent < log.now:
            log.reading(0.0, sent)
            sent += SECOND
    late = [seconds for _, seconds in silences(log) if seconds > 900]
    assert not late


@pytest.mark.parametrize("state", ["out_of_service", "decommissioned"])
def test_nothing_is_expected_of_a_sensor_out_of_service(state: str) -> None:
    assert not silences(quiet(Log().series(np.zeros(20)).sensor(state=state), 100))
