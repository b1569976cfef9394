from typing import Any

import numpy as np
import pytest

from processors.acquisition import Applied
from tests.processors.partition import QUICK, SECOND, Log, feed, fresh, outcome

RNG = np.random.default_rng(17)
COUNT = 3000
SPEED = 1000.0 + np.cumsum(RNG.normal(0, 5, COUNT))
AMBIENT = 20.0 + 5.0 * np.sin(np.arange(COUNT) / 400)
NOISE = RNG.normal(0, 0.5, COUNT)


def driven(*drivers: str) -> Log:
    entry = {"kind": "asset", "version": 1, "asset_id": "A", "drivers": [{"role": "speed", "sensor_id": name} for name in drivers]}
    return Log().mark("catalogue", 1, subject="asset/A", entry=entry)


def run(log: Log, columns: dict[str, Any]) -> Log:
    for row in zip(*columns.values(), strict=True):
        for sensor, value in zip(columns, row, strict=True):
            log.reading(float(value), sensor=sensor)
        log.now += SECOND
    return log


def scores(found: Applied, slot: int) -> Any:
    return found.rows["score"][found.rows["sensor"] == slot]


@pytest.mark.parametrize("drivers", [("A.speed",), ("A.speed", "A.ambient"), ("A.speed", "A.twin")])
def test_what_drivers_explain_is_taken_off(drivers: tuple[str, ...]) -> None:
    """An overheating that hides in the range of normal temperatures stands out once speed and ambient are known."""
    heat = 50.0 + 0.2 * (SPEED - 1000.0) + (AMBIENT if "A.ambient" in drivers else 0.0) + NOISE
    columns = {"A.speed": SPEED, "A.ambient": AMBIENT, "A.twin": 2 * SPEED, "A.temp": heat}
    state = fresh()
    feed(state, run(driven(*drivers), columns))
    slot = state.state.sensor_names.index("A.temp")
    regime = state.state.regimes[state.state.sensors[slot]["regime"]]
    total = regime["slope"][0] + (2 * regime["slope"][1] if "A.twin" in drivers else 0.0)
    assert total == pytest.approx(0.2, rel=0.05)
    assert state.state.sensors[slot]["spread"] == pytest.approx(0.5, rel=0.3)
    hidden = float(heat.mean())
    at = int(np.argmax(heat))
    log = Log(now=run(driven(*drivers), columns).now)
    found = feed(
        state, run(log, {"A.speed": [SPEED[at]] * 2, "A.ambient": [AMBIENT[at]] * 2, "A.twin": [2 * SPEED[at]] * 2, "A.temp": [hidden] * 2})
    )
    (spike,) = [record for record in found.evidence if record["sensor_id"] == "A.temp"]
    assert spike["expected"] == pytest.approx(heat[at], abs=3.0), "in the sensor's own unit, for this speed"


def test_a_driver_that_explains_nothing_changes_nothing() -> None:
    columns = {"A.speed": 1000.0 + RNG.normal(0, 10, COUNT), "A.temp": 50.0 + NOISE}
    with_driver, without = outcome(run(driven("A.speed"), columns)), outcome(run(driven(), columns))
    assert scores(with_driver, 1).tobytes() == scores(without, 1).tobytes()


def test_a_driver_is_moved_by_people() -> None:
    """It is scored by itself, but only its limits and its own trouble are evidence."""
    columns = {"A.speed": [*SPEED, *[2000.0] * 50], "A.temp": [*(0.2 * SPEED + NOISE), *[400.0] * 50]}
    with_driver, without = outcome(run(driven("A.speed"), columns)), outcome(run(driven(), columns))
    assert scores(with_driver, 0)[:COUNT].tobytes() == scores(without, 0)[:COUNT].tobytes()
    assert "A.speed" in {record["sensor_id"] for record in without.evidence}
    assert {record["detector"] for record in with_driver.evidence if record["sensor_id"] == "A.speed"} <= {"health/stuck"}
    limited = run(driven("A.speed").sensor(sensor="A.speed", limit_h=1500.0), {"A.speed": [1000.0, 2000.0]})
    assert [record["detector"] for record in outcome(limited).evidence] == ["level1/limit"]


def test_the_shares_of_a_reference_never_move() -> None:
    state = fresh()
    log = run(driven("A.speed"), {"A.speed": SPEED[:10], "A.temp": SPEED[:10]})
    share = [{"sensor_id": "A.speed", "slope": 0.2, "centre": 1000.0}, {"sensor_id": "A.other", "slope": 9.0, "centre": 1.0}]
    stated = {"mode": "", "normal": 50.0, "spread": 0.5, "sway": 0.1, "accepted": True, "drivers": share}
    entry = {"kind": "baseline", "version": 1, "asset_id": "A", "sensor_id": "A.temp", "baseline": stated}
    log.mark("catalogue", 1, subject="baseline/A.temp", entry=entry)
    found = feed(state, run(log, {"A.speed": SPEED, "A.temp": 50.0 + 0.2 * (SPEED - 1000.0) + NOISE}))
    assert state.state.regimes[state.state.sensors[1]["regime"]]["slope"].tolist() == [0.2, 0.0]
    assert not [record for record in found.evidence if record["detector"] == "level1/reference"]


def test_any_cutting_gives_the_same() -> None:
    log = run(
        driven("A.speed", "A.ambient"), {"A.speed": SPEED[:600], "A.ambient": AMBIENT[:600], "A.temp": 0.2 * SPEED[:600] + NOISE[:600]}
    )
    whole, state, rows = outcome(log), fresh(), []
    for begin in range(0, len(log.values), 131):
        rows.append(feed(state, log, begin, min(begin + 131, len(log.values))).rows)
        state = type(state).unpack(state.pack(), source=state.source, options=QUICK)
    assert np.concatenate(rows).tobytes() == whole.rows.tobytes()
