"""The ensemble of tagged sensors: it informs beside level 1, follows any cutting, and lives as long as its tag."""

from typing import Any

import numpy as np

from processors.acquisition import Acquisition, Applied
from tests.processors.partition import QUICK, SECOND, SOURCE, Log, feed, fresh, outcome

PERIOD_S = 300.0
A_DAY = 288
DAYS = 20
ODD = 144


def daily(days: int = DAYS, seed: int = 5) -> np.ndarray[Any, np.dtype[np.float64]]:
    time_s = np.arange(days * A_DAY) * PERIOD_S
    noise = np.random.default_rng(seed).normal(0, 0.3, len(time_s))
    return np.asarray(50.0 + 5.0 * np.sin(2 * np.pi * time_s / 86_400.0) + noise)


def shifted(values: Any) -> Any:
    """The last half day is like the half day before: within what the sensor shows every day, at the wrong time of day."""
    odd = values.copy()
    odd[-ODD:] = values[-2 * ODD : -ODD]
    return odd


def told(applied: Applied) -> list[dict[str, Any]]:
    return [record for record in applied.evidence if record["detector"] == "level1/deep"]


def tagged(values: Any, version: int = 1, **fields: Any) -> Log:
    return Log().sensor(version, deep=True, **fields).series(values, period_s=PERIOD_S)


def test_a_tagged_sensor_informs_of_a_strange_pattern() -> None:
    values = shifted(daily())
    found = told(outcome(tagged(values)))
    first = found[0]
    assert (first["phase"], first["kind"], first["subject"], first["severity"]) == ("on", "pattern", "machine", 1)
    assert first["surprise"] >= first["threshold"] > 3.9
    assert len(values) - ODD <= (first["ts"] - outcome(Log().series([0.0])).rows["ts"][0]) / PERIOD_S / SECOND <= len(values)
    assert not told(outcome(Log().series(values, period_s=PERIOD_S)))


def test_usual_days_say_nothing_and_rows_are_those_of_an_untagged_sensor() -> None:
    tag, none = outcome(tagged(daily())), outcome(Log().sensor().series(daily(), period_s=PERIOD_S))
    assert not told(tag)
    for name in ("offset", "ts", "value", "status", "score", "flags"):
        np.testing.assert_array_equal(tag.rows[name], none.rows[name])


def test_any_cutting_and_a_snapshot_in_between_give_the_same() -> None:
    log = tagged(shifted(daily())).tick().mark("end", 9, subject="sensor/A.temp")
    whole, cut = fresh(), fresh()
    first = feed(whole, log).evidence
    parts: list[dict[str, Any]] = []
    for begin in range(0, len(log.values), 701):
        parts += feed(cut, log, begin, min(begin + 701, len(log.values))).evidence
        cut = Acquisition.unpack(cut.pack(), source=SOURCE, options=QUICK)
    assert parts == first
    assert cut.pack() == whole.pack()
    assert [record["phase"] for record in first if record["detector"] == "level1/deep"][-1] == "off"


def test_slow_and_irregular_readings_follow_any_cutting() -> None:
    log = Log().sensor(deep=True)
    steps = np.random.default_rng(3).choice([300, 900], 4000)
    for value, step_s in zip(shifted(daily()), steps, strict=False):
        log.reading(float(value)).now += int(step_s) * SECOND
    whole, cut = fresh(), fresh()
    first = feed(whole, log).evidence
    parts = [feed(cut, log, begin, min(begin + 37, len(log.values))).evidence for begin in range(0, len(log.values), 37)]
    assert [record for part in parts for record in part] == first


def test_outputs_of_one_record_are_numbered_on() -> None:
    values = daily()
    values[-6:] += 60.0
    found = outcome(tagged(values)).evidence
    assert told(outcome(tagged(values)))
    places = [(record["origin"]["offset"], record["origin"]["nth"]) for record in found]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_without_the_tag_the_condition_ends_and_nothing_is_kept() -> None:
    state, log = fresh(), tagged(shifted(daily()))
    begun = told(outcome(log))[0]["origin"]["offset"]
    feed(state, log, 0, begun + 1)
    found = feed(state, Log(now=log.known[begun]).sensor(2, deep=False))
    assert [(record["detector"], record["phase"]) for record in found.evidence] == [("level1/deep", "off")]
    assert not state.state.deeps
    assert state.nbytes < 50_000


def test_a_reset_begins_anew() -> None:
    state = fresh()
    feed(state, tagged(daily()))
    feed(state, Log(now=int(state.state.sensors[0]["arrival"])).mark("reset", 3, subject="sensor/A.temp"))
    assert not state.state.deeps


def test_a_sensor_that_was_tagged_before_its_state_was_kept_has_an_ensemble() -> None:
    state = fresh()
    feed(state, tagged(daily(1)))
    state.state.deeps.clear()
    restored = Acquisition.unpack(state.pack(), source=SOURCE, options=QUICK)
    feed(restored, Log(now=int(state.state.sensors[0]["arrival"]) + SECOND).series(daily(1), period_s=PERIOD_S))
    assert restored.state.deeps[0]["views"]["count"][0] == A_DAY - 1  # the last block has not ended


def test_late_bad_and_unsettled_readings_do_not_teach() -> None:
    state = fresh()
    feed(state, tagged(daily(1)))
    before = state.state.deeps[0].tobytes()
    log = Log(now=int(state.state.sensors[0]["arrival"])).reading(np.nan, ts=None)
    feed(state, log.reading(50.0, ts=log.now - 7200 * SECOND).reading(50.0, ts=log.now + SECOND, status=0x80000000))
    assert state.state.deeps[0].tobytes() == before
