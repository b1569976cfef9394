"""A level-2 condition whose end was lost does not keep its episode open for ever."""

from math import nan
from typing import Any

import orjson
import pytest

from processors import episode, lapse
from tests.processors.test_episode import evidence, run, tick

HOUR = 3600


def pattern(phase: str, at_s: int, **more: Any) -> tuple[dict[str, Any], int]:
    about = {"sensor_id": "", "detector": "level2/t2spe", "kind": "pattern", "contributions": {"P-1.temp": 1.0}}
    return evidence(phase, at_s, **{**about, **more}), at_s


def repeat(at_s: int) -> tuple[dict[str, Any], int]:
    return pattern("peak", at_s, surprise=nan)


def test_an_end_that_was_lost_is_made_up_for() -> None:
    found = run([pattern("on", 100), tick(200), tick(100 + 29 * HOUR), tick(100 + 30 * HOUR), tick(100 + 40 * HOUR)])
    assert [(each["phase"], each["known_at"] // 1_000_000) for each in found] == [("open", 100), ("close", 100 + 30 * HOUR)]
    assert found[1]["end"] == 100_000_000


def test_what_is_repeated_stays_open_and_tells_nothing() -> None:
    steps = [each for hours in range(6, 120, 6) for each in (repeat(hours * HOUR), tick(hours * HOUR + 60))]
    found = run([pattern("on", 100), *steps, pattern("off", 120 * HOUR)])
    assert [each["phase"] for each in found] == ["open", "close"]


def test_other_conditions_keep_the_episode() -> None:
    found = run([(evidence(), 100), pattern("on", 110), tick(200), tick(50 * HOUR), (evidence("off", 51 * HOUR), 51 * HOUR)])
    assert [(each["phase"], each["known_at"] // 1_000_000) for each in found] == [("open", 100), ("close", 51 * HOUR)]


def test_a_pattern_of_level_1_lasts_until_it_is_ended() -> None:
    assert [each["phase"] for each in run([pattern("on", 100, detector="level1/start"), tick(200), tick(90 * HOUR)])] == ["open"]


def test_a_repeat_after_all_opens_another_episode() -> None:
    found = run([pattern("on", 100), tick(200), tick(31 * HOUR), repeat(32 * HOUR), pattern("off", 33 * HOUR)])
    assert [each["phase"] for each in found] == ["open", "close", "open", "close"]
    assert len({each["episode_id"] for each in found}) == 2


def test_conditions_of_an_earlier_snapshot_count_from_the_first_tick() -> None:
    state = episode.empty()
    run([pattern("on", 100)], state)
    old = {"open": orjson.loads(orjson.dumps(state["open"])), "silence": {}}
    found = run([tick(100 * HOUR), tick(129 * HOUR), tick(130 * HOUR)], old)
    assert [(each["phase"], each["known_at"] // 1_000_000) for each in found] == [("close", 130 * HOUR)]


@pytest.mark.parametrize("phase", ["on", "off"])
def test_nothing_is_kept_of_what_is_over(phase: str) -> None:
    state = episode.empty()
    episode.step(state, pattern("on", 100)[0], schema="Evidence", known_at_us=1, origin={"topic_id": "t", "partition": 0, "offset": 1})
    if phase == "off":
        episode.step(state, pattern("off", 200)[0], schema="Evidence", known_at_us=2, origin={"topic_id": "t", "partition": 0, "offset": 2})
    lapse.tick(state, lapse.LAPSE_US + 10)
    lapse.tick(state, 2 * lapse.LAPSE_US + 10)
    assert (state["alive"], state["open"]) == ({}, {})
