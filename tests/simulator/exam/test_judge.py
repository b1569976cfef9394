import dataclasses

import numpy as np
import pytest

from simulator.exam.episodes import Episode
from simulator.exam.judge import DAY_US, EARLY, FALSE, HIT, HOUR_US, LATE, OUTSIDE, SENSOR, Judge
from simulator.exam.rivals import always
from simulator.exam.score import Fleet, score
from simulator.life.duty import Plan, Site
from simulator.life.first import PUMP
from simulator.life.history import Failure, History, Spell
from simulator.life.instrument import Trouble
from simulator.life.plant import Unit

HOURS = 400 * 24
FAIL_H, SIGN_H = 300 * 24, 200 * 24
MODE = {mode.name: mode for mode in PUMP.modes}
SITE = Site(np.zeros(HOURS), np.zeros(HOURS, bool), np.zeros(HOURS, bool), np.zeros(HOURS, bool))
JUDGE = Judge(SITE, begin_us=0, from_us=65 * DAY_US, lead_us=3 * DAY_US)


def pump(name: str = "pump-0000", mode: str = "bearing_wear", troubles: tuple[Trouble, ...] = ()) -> Unit:
    what = MODE[mode]
    sign_h = SIGN_H if what.kind == "wear" else FAIL_H
    spells = [Spell(what, 1, SIGN_H, FAIL_H, 0.0, 1.0)] if what.kind == "wear" else []
    history = History(spells, [Failure(what, sign_h, FAIL_H)], [])
    asked = Plan(np.ones(HOURS, bool), np.ones(HOURS), np.zeros(HOURS, bool), np.zeros(HOURS, bool))
    return Unit(name, PUMP, (1, 100), asked, history, list(troubles), None)


def heard(day: float, channel: str = "vibration", *, until: float = np.inf, asset: str = "pump-0000", subject: str = "machine") -> Episode:
    known_at = int(day * DAY_US)
    end = int(until * DAY_US) if until < np.inf else None
    return Episode(asset, subject, known_at, known_at, "level1/reference", end, [(known_at, (f"{asset}.{channel}",))])


def hit(episode: Episode, what: Unit | None = None) -> bool:
    what = what or pump()
    return JUDGE.hits(JUDGE.targets(what)[0], episode)


def test_a_hit_comes_in_time_after_the_first_sign_by_the_right_channel() -> None:
    assert hit(heard(250))
    assert hit(heard(201))
    assert not hit(heard(199))
    assert hit(heard(296.9))
    assert not hit(heard(297.1))
    assert not hit(heard(250, "pressure"))
    assert not hit(heard(250, subject="sensor"))
    assert not hit(heard(202, until=209))
    assert hit(heard(202, until=211))


def test_a_sensor_that_joins_after_the_lead_comes_too_late() -> None:
    episode = heard(250, "pressure")
    episode.sensors.append((298 * DAY_US, ("pump-0000.vibration",)))
    assert not hit(episode)


@pytest.mark.parametrize(
    ("episode", "grade"),
    [
        (heard(250), HIT),
        (heard(299), LATE),
        (heard(100), FALSE),
        (heard(250, "pressure"), FALSE),
        (heard(205, until=207), EARLY),
    ],
)
def test_grades(episode: Episode, grade: str) -> None:
    what = pump()
    assert JUDGE.grade(what, episode, JUDGE.targets(what)) == grade


def test_inside_an_instruments_fault_nothing_is_a_hit() -> None:
    day_s = 86_400
    what = pump(troubles=(Trouble(PUMP.channel("vibration"), "bias", 240 * day_s, 260 * day_s),))
    assert JUDGE.grade(what, heard(250), JUDGE.targets(what)) == SENSOR
    assert JUDGE.verdict(what, JUDGE.targets(what)[0], [heard(250)], []).lead_d is None
    assert JUDGE.verdict(what, JUDGE.targets(what)[0], [heard(250), heard(280)], []).lead_d == pytest.approx(20)
    assert JUDGE.names(what, what.troubles[0], heard(245, subject="sensor"))


def test_lost_water_is_an_outside_cause() -> None:
    dry = np.zeros(HOURS, bool)
    dry[100 * 24] = True
    judge = Judge(dataclasses.replace(SITE, dry=dry), begin_us=0, from_us=0, lead_us=3 * DAY_US)
    assert judge.grade(pump(), heard(100 + 2 / 24), []) == OUTSIDE


def test_always_finds_all_and_is_mostly_wrong_never_finds_nothing() -> None:
    units = [pump(f"pump-{number:04d}") for number in range(4)]
    fleet = Fleet(units, [], 335 / 365.25)
    crying = score(JUDGE, fleet, [each for what in units for each in always(what, 65 * DAY_US, HOURS * HOUR_US)])
    silent = score(JUDGE, fleet, [])
    assert crying.summary()["recall"] == 1.0
    assert crying.summary()["precision"] < 0.5
    assert silent.summary()["recall"] == 0.0
    assert silent.summary()["precision"] is None


def test_the_canary_hears_who_knows_sudden_failures() -> None:
    units = [pump(f"pump-{number:04d}", "shaft_break") for number in range(8)]
    fleet = Fleet(units, [], 335 / 365.25)
    knowing = [heard(250, asset=what.name) for what in units[:5]]
    assert score(JUDGE, fleet, []).leak() == 1.0
    assert score(JUDGE, fleet, []).ceiling == 0.0
    same_everywhere = score(JUDGE, fleet, knowing)
    assert same_everywhere.leak() > 0.01  # others would have "found" it just as well: chance
    strangers = [dataclasses.replace(pump(f"pump-{number:04d}"), history=History()) for number in range(100, 140)]
    assert score(JUDGE, Fleet([*units, *strangers], [], 1.0), knowing).leak() < 1e-3
