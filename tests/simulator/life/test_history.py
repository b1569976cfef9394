import dataclasses

import numpy as np
import pytest

from simulator.life.duty import YEAR_H, Plan, plan, site
from simulator.life.first import First
from simulator.life.history import History, live
from simulator.life.machine import Machine, Variant
from simulator.life.plant import Fate, unit
from simulator.life.second import Second

HOURS = 2 * YEAR_H
SITE = site(HOURS, 5)


def lived(seed: int = 1, **options: object) -> tuple[History, Plan]:
    machine: Machine = First().machines[0]
    asked = plan(machine, SITE, 0, np.random.default_rng([seed, 0]))
    return live(machine, asked, (seed, 100), **options), asked  # type: ignore[arg-type]


@pytest.mark.parametrize("variant", [First(), Second()], ids=["A", "B"])
def test_lives_are_as_the_rules_of_the_exam_want_them(variant: Variant) -> None:
    units = [unit(variant, SITE, 11, number) for number in range(240)]
    failures = [failure for what in units for failure in what.history.failures]
    share = {kind: sum(each.mode.kind == kind for each in failures) / len(failures) for kind in ("wear", "sudden", "hidden", "invisible")}
    unharmed = np.mean([all(each.fail_h >= YEAR_H for each in what.history.failures) for what in units])
    assert 0.6 <= unharmed <= 0.9
    assert share["sudden"] >= 0.18
    assert share["hidden"] >= 0.09
    assert share["invisible"] >= 0.09


def test_a_machine_without_faults_never_fails() -> None:
    history, _ = lived(faultless=True)
    assert not history.failures
    assert not history.spells


def test_the_first_sign_comes_before_the_failure_and_only_wear_has_one() -> None:
    for number in range(60):
        for failure in unit(First(), SITE, 3, number).history.failures:
            assert failure.sign_h <= failure.fail_h
            assert failure.mode.kind in {"wear", "invisible"} or failure.sign_h == failure.fail_h


def test_the_twin_without_advice_is_the_same_machine() -> None:
    worn = next(what for what in (unit(First(), SITE, 3, number) for number in range(200)) if _wearing(what.history))
    number = int(worn.name[-4:])
    failure = _wearing(worn.history)[0]
    look_h = failure.sign_h + (failure.fail_h - failure.sign_h) * 3 // 4
    twin = unit(First(), SITE, 3, number, Fate(advice=((look_h, failure.mode.item),)))
    assert unit(First(), SITE, 3, number).history == worn.history
    assert [item for item, _ in twin.history.saved] == [failure.mode.item]
    assert failure not in twin.history.failures
    before = [each for each in worn.history.failures if each.fail_h < look_h]
    assert twin.history.failures[: len(before)] == before


def test_a_look_at_a_sound_item_changes_nothing() -> None:
    plain, _ = lived()
    looked, _ = lived(advice=((10, "impeller"),))
    assert dataclasses.replace(looked, saved=[]) == plain
    assert not looked.saved


def _wearing(history: History) -> list:  # type: ignore[type-arg]
    return [each for each in history.failures if each.mode.kind == "wear" and each.fail_h - each.sign_h > 400]
