from typing import Any

import numpy as np
import pytest

from schemas.codec import encode
from tests.processors.oracle.window import features, unpacked, windows
from tests.processors.partition import SECOND, T0, Log, feed, fresh, outcome

HOURS_8 = 8 * 3600 * SECOND


def plant(seconds: int, sensors: tuple[str, ...] = ("A.0", "A.1", "A.2")) -> Log:
    draw, log = np.random.default_rng(4), Log()
    for _ in range(seconds):
        for sensor in sensors:
            log.reading(float(draw.normal(1000.0, 0.5)), log.now, sensor=sensor)
        log.now += SECOND
    return log


def readings(rows: Any, names: list[str]) -> list[tuple[str, int, float]]:
    return [(names[row["sensor"]], int(row["ts"]), float(row["value"])) for row in rows]


@pytest.mark.parametrize("length_s", [10, 60, 600])
def test_windows_equal_the_oracle(length_s: int) -> None:
    state, log = fresh(), plant(1301)
    found = feed(state, log)
    expected = windows(readings(found.rows, state.state.sensor_names), length_s)
    records = [record for record in found.features if record["window_s"] == length_s]
    finished = [start for start in sorted(expected) if start + length_s * SECOND <= T0 + 1300 * SECOND]
    assert [record["start"] for record in records] == finished
    for record in records:
        assert record["sensors"] == ["A.0", "A.1", "A.2"]
        for place, sensor in enumerate(record["sensors"]):
            for name, value in features(expected[record["start"]][sensor]).items():
                assert unpacked(record, name, place) == pytest.approx(value, rel=1e-7, nan_ok=True), name
        assert encode("Features", record)


def test_windows_come_in_order_and_count_from_zero() -> None:
    found = outcome(plant(1301)).features
    origins = [(record["origin"]["offset"], record["origin"]["nth"]) for record in found]
    assert origins == sorted(set(origins))
    assert [record["window_s"] for record in found if record["origin"]["nth"] == 1] == [60] * 21
    assert [record["known_at"] for record in found if record["window_s"] == 600] == [T0 + 600 * SECOND, T0 + 1200 * SECOND]


def contents(applied: list[Any]) -> dict[tuple[int, int], Any]:
    """Windows without what only says when they were closed."""
    records = [record for part in applied for record in part.features]
    return {
        (record["window_s"], record["start"]): {key: value for key, value in record.items() if key not in ("known_at", "origin")}
        for record in records
    }


def test_a_cut_gateway_loses_nothing() -> None:
    log = plant(1300)
    undisturbed = contents([outcome(log)])
    cut = Log(log.values[:1800], log.keys[:1800], log.known[:1800], log.known[1800] + 2 * SECOND)
    for _ in range(3600):  # an hour of ticks without a reading
        cut.tick()
        cut.now += SECOND
    for sensor in range(3):  # then the buffer, sensor by sensor
        for i in range(1800 + sensor, len(log.values), 3):
            cut.add(log.values[i], log.keys[i])
        cut.tick()
        cut.now += SECOND
    assert contents([outcome(cut)]) == undisturbed


def test_a_dead_sensor_does_not_hold_its_asset() -> None:
    log = plant(30).series([], ticks=True)
    for _ in range(40):
        for sensor in ("A.0", "A.1"):
            log.reading(1.0, log.now, sensor=sensor)
        log.tick()
        log.now += SECOND
    found = [record for record in outcome(log).features if record["window_s"] == 10]
    assert [(record["start"] - T0) // SECOND for record in found] == [0, 10, 20, 30, 40, 50]
    assert [len(record["sensors"]) for record in found] == [3, 3, 3, 2, 2, 2]


def test_a_clock_that_stands_still_does_not_hold_its_asset() -> None:
    log = Log()
    for _ in range(120):
        log.reading(1.0).reading(2.0, T0, sensor="A.dead").tick()
        log.now += SECOND
    starts = [record["start"] for record in outcome(log).features if record["window_s"] == 10]
    assert len(starts) >= 10


def test_an_end_closes_everything() -> None:
    found = outcome(plant(25).mark("end", subject="asset/A")).features
    assert sorted(record["window_s"] for record in found) == [10, 10, 10, 60, 600]
    assert found[-1]["origin"]["offset"] == 75


def test_a_day_without_arrival_closes_everything() -> None:
    log = plant(25).tick()
    log.now += 86_401 * SECOND
    found = outcome(log.tick()).features
    assert sorted(record["window_s"] for record in found) == [10, 10, 10, 60, 600]


def test_slow_sensors_take_part_in_the_longest_window_only() -> None:
    found = outcome(Log().series(np.arange(10.0), period_s=300)).features
    assert {record["window_s"] for record in found} == {600}
    assert [unpacked(record, "n", 0) for record in found] == [2.0] * 4
    assert [unpacked(record, "slope", 0) for record in found] == pytest.approx([1 / 300] * 4)


def test_bad_readings_lower_the_share_of_good_ones() -> None:
    log = Log().series([1.0] * 8).reading(np.nan).reading(1.0, T0 + 9 * SECOND, status=0x40000000)
    log.now += 2 * SECOND
    record = outcome(log.series([1.0, 1.0])).features[0]
    assert unpacked(record, "n", 0) == 9.0
    assert unpacked(record, "good", 0) == pytest.approx(0.8)


def test_variance_is_refused_by_exception() -> None:
    log = Log().sensor(reporting="by_exception").series(np.arange(11.0))
    record = outcome(log).features[0]
    assert np.isnan([unpacked(record, name, 0) for name in ("std", "slope", "kurtosis", "crest")]).all()
    assert unpacked(record, "mean", 0) == 4.5


def held(readings: list[tuple[float, float]], begin: float, end: float) -> tuple[float, float]:
    """Mean and rms of the values that held in [begin, end); readings are (second, value)."""
    pieces = [
        (max(begin, at), min(end, until), value)
        for (at, value), (until, _) in zip(readings, [*readings[1:], (np.inf, 0.0)], strict=True)
        if until > begin and at < end
    ]
    seconds = sum(until - at for at, until, _ in pieces)
    mean = sum((until - at) * value for at, until, value in pieces) / seconds
    return mean, float(np.sqrt(sum((until - at) * value**2 for at, until, value in pieces) / seconds))


def test_by_exception_a_value_counts_as_long_as_it_holds() -> None:
    rng = np.random.default_rng(5)
    at = np.sort(rng.choice(np.arange(1, 1500), 60, replace=False)).tolist()
    readings = [(float(second), float(value)) for second, value in zip(at, rng.normal(50, 10, 60), strict=True)]
    log = Log().sensor(reporting="by_exception")
    for second, value in readings:
        log.now = T0 + int(second) * SECOND
        log.reading(value)
    found = outcome(log.mark("end", subject="asset/A")).features
    assert {record["window_s"] for record in found} >= {60, 600}
    for record in found:
        begin = (record["start"] - T0) / SECOND
        mean, rms = held(readings, begin, begin + record["window_s"])
        assert unpacked(record, "mean", 0) == pytest.approx(mean, rel=1e-9)
        assert unpacked(record, "rms", 0) == pytest.approx(rms, rel=1e-9)


def test_a_value_does_not_hold_over_a_bad_reading() -> None:
    log = Log().sensor(reporting="by_exception").reading(10.0)
    log.now += 2 * SECOND
    log.reading(0.0, status=0x80000000)
    log.now += 6 * SECOND
    log.reading(20.0)
    log.now += 5 * SECOND
    record = outcome(log.reading(20.0)).features[0]
    assert unpacked(record, "mean", 0) == pytest.approx((2 * 10.0 + 2 * 20.0) / 4)


def test_historical_windows_say_so() -> None:
    found = outcome(Log().mark("history", ts=T0 + 20 * SECOND).series(np.arange(41.0))).features
    assert [record["historical"] for record in found] == [True, True, False, False]
