import dataclasses
from typing import Any

import numpy as np
import pytest

from processors.features import Windows
from processors.machine import Past
from schemas import codec
from schemas.blobs import Blobs
from simulator.exam.chance import HORIZONS_D
from simulator.exam.future import ASKED_DAYS, EVERY_US, Future, Log
from simulator.exam.judge import DAY_US
from simulator.life.entries import entries
from simulator.life.history import History, Work
from simulator.life.plant import Unit
from tests.processors.plant import window
from tests.simulator.exam.test_judge import pump

BEGIN_US = 20_500 * DAY_US  # of the windows


def work(day: float, logged_day: float | None, **more: Any) -> Work:
    return Work(int(24 * day), "bearing", more.pop("activity", "replace"), None if logged_day is None else int(24 * logged_day), **more)


def plant() -> list[Unit]:
    known = [work(day, day + 1) for day in range(1, 7)]
    others = [work(8, None), work(8, 9, misplaced=True), work(8, 8, activity="lubricate"), work(8, 90)]
    return [dataclasses.replace(pump("pump-0000"), history=History(work=[*known, *others])), pump("pump-0001")]


def test_the_log_knows_what_was_logged_when_it_was_logged() -> None:
    log = Log(plant(), BEGIN_US)
    assert log.past("pump", BEGIN_US + 4 * DAY_US) == Past(3, 8.0)
    assert log.past("pump", BEGIN_US + 30 * DAY_US) == Past(6, 60.0)
    assert log.past("pump", BEGIN_US + 90 * DAY_US) == Past(7, 180.0)


def windows(days: int, asset: str = "pump-0000") -> Windows:
    dice = np.random.default_rng(2)
    made = [
        window(144 * day + n, {f"{asset}.vibration": 3.0 + 0.1 * dice.normal()}, asset=asset) for day in range(days) for n in range(144)
    ]
    return Windows(
        Blobs.of([codec.encode("Features", each) for each in made]),
        [asset] * len(made),
        [each["known_at"] for each in made],
        [each["origin"] for each in made],
    )


def baseline(normal: float) -> dict[str, Any]:
    told = {"mode": "running", "normal": normal, "spread": 0.1, "begin": BEGIN_US, "accepted": True, "drivers": []}
    return {"kind": "baseline", "version": BEGIN_US, "asset_id": "pump-0000", "sensor_id": "pump-0000.vibration", "baseline": told}


@pytest.mark.parametrize(("normal", "above"), [(3.0, False), (1.0, True)])
def test_chances_are_stated_once_in_some_days_by_the_live_rules(normal: float, above: bool) -> None:  # noqa: FBT001  a parameter of the test
    units, from_us = plant(), BEGIN_US + 20 * DAY_US
    log = Log(units, BEGIN_US)
    future = Future(units, log, from_us)
    future.tell([*entries(units[0], 600), baseline(normal)])
    future.take(windows(20 + 2 * ASKED_DAYS))
    assert [each.asset for each in future.stated] == ["pump-0000"] * 2
    first, second = (each.at_us for each in future.stated)
    assert from_us <= first < from_us + DAY_US
    assert second - first == pytest.approx(ASKED_DAYS * DAY_US, abs=EVERY_US)
    past = log.past("pump", first)
    usual = 1.0 - np.exp(-past.failures / past.machine_days * HORIZONS_D[1])
    odds = future.stated[0].odds[1]
    assert odds is not None
    assert bool(odds > usual) is above
    assert future.stated[0].plain[1] == pytest.approx(usual), "the log alone, whatever the condition"


def test_machines_that_nobody_asked_for_and_windows_long_ago_are_left_out() -> None:
    future = Future(plant()[1:], Log(plant(), BEGIN_US), BEGIN_US)
    future.take(windows(3))
    late = Future(plant(), Log(plant(), BEGIN_US), BEGIN_US + 900 * DAY_US)
    late.take(windows(3))
    assert future.stated == late.stated == []
