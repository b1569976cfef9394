import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from processors import patterns
from processors.patterns import Rule, Score
from schemas import codec
from tests.processors.plant import origin, window

RULE = Rule(600, 3, 4, 60.0, ("running",))
HIGH, LOW = 2.0, 0.5


def judge(scores: dict[int, float | None]) -> Any:
    def judged(record: Any) -> Score | None:
        value = scores.get(record["origin"]["offset"])
        return None if value is None else Score(value, "level2_P1:1", "level2/t2spe", RULE, {"P1.temp": 0.75, "P1.flow": 0.25})

    return judged


def run(state: Any, numbers: list[int], scores: dict[int, float | None]) -> list[Any]:
    made = []
    for number in numbers:
        record = window(number, {"P1.temp": 1.0})
        known_at = record["known_at"]
        made += patterns.step(state, record, schema="Features", known_at_us=known_at, origin=origin(number), judge=judge(scores))
    return made


def told(scores: list[float | None]) -> list[tuple[str, int]]:
    return [(each["phase"], each["origin"]["offset"]) for each in run({}, list(range(len(scores))), dict(enumerate(scores)))]


def test_a_condition_needs_windows_on_end_and_as_many_quiet_ones() -> None:
    assert told([HIGH, HIGH, LOW, HIGH, HIGH, HIGH, LOW, LOW, HIGH, LOW, LOW, LOW, LOW]) == [("on", 5), ("off", 12)]
    assert told([LOW] * 20) == []


def test_it_is_told_again_when_it_gets_a_quarter_worse() -> None:
    assert told([HIGH, HIGH, HIGH, 2.4, 2.6, 3.0, 3.3]) == [("on", 2), ("peak", 4), ("peak", 6)]


def test_what_cannot_be_scored_counts_for_neither_side() -> None:
    assert told([HIGH, HIGH, None, HIGH, None, LOW, LOW, None, LOW, LOW]) == [("on", 3), ("off", 9)]


def test_a_condition_nobody_can_score_is_over_after_a_day() -> None:
    scores: list[float | None] = [HIGH] * 3 + [None] * 200
    assert told(scores) == [("on", 2), ("off", 2 + 144)]


def test_windows_far_apart_are_not_on_end() -> None:
    assert run({}, [0, 1, 100, 200], dict.fromkeys(range(300), HIGH)) == []


def test_a_window_that_comes_twice_or_late_counts_once() -> None:
    assert run({}, [0, 0, 0, 1, 0], dict.fromkeys(range(9), HIGH)) == []


def test_evidence_fits_its_schema_and_says_who_and_why() -> None:
    on, off = run({}, list(range(9)), {n: HIGH if n < 4 else LOW for n in range(9)})
    assert (on["detector"], on["kind"], on["model"], on["severity"]) == ("level2/t2spe", "pattern", "level2_P1:1", 2)
    assert on["contributions"] == {"P1.temp": 0.75, "P1.flow": 0.25}
    assert on["since"] == window(0, {})["start"]
    assert off["ts"] == window(3, {})["start"] + 600_000_000
    assert 3.9 < on["surprise"] < 4.3
    for each in (on, off):
        assert codec.decode(codec.encode("Evidence", each)).name == "Evidence"  # type: ignore[union-attr]


@given(st.lists(st.sampled_from([HIGH, LOW, 5.0, None]), max_size=60), st.integers(0, 60))
def test_restoring_changes_nothing(scores: list[float | None], cut: int) -> None:
    numbered = dict(enumerate(scores))
    whole: Any = {}
    expected = run(whole, list(numbered), numbered)
    state: Any = {}
    found = run(state, list(numbered)[:cut], numbered)
    state = json.loads(json.dumps(copy.deepcopy(state)))
    assert str(found + run(state, list(numbered)[cut:], numbered)) == str(expected)  # NaN is not itself
    assert state == whole


def test_readings_and_frames_of_a_window_are_one_row() -> None:
    state, seen = patterns.empty(), []

    def judge_both(record: Any) -> None:
        seen.append(sorted(record["sensors"]))

    for number in range(6):
        topic, sensor = (("raw", "P1.temp"), ("frames", "P1.vib:rms"))[number % 2]
        record = window(number // 2, {sensor: 1.0}, origin={"topic_id": topic, "partition": 0, "offset": number, "nth": 0})
        patterns.step(state, record, schema="Features", known_at_us=number, origin=origin(number), judge=judge_both)
    assert seen == [["P1.temp"], ["P1.vib:rms"], *[["P1.temp", "P1.vib:rms"]] * 2]


def test_a_condition_that_holds_is_repeated_without_news() -> None:
    made = run({}, list(range(80)), dict.fromkeys(range(80), HIGH))
    assert [(each["phase"], each["origin"]["offset"], each["surprise"] > 0.0) for each in made] == [
        ("on", 2, True),
        ("peak", 38, False),
        ("peak", 74, False),
    ]


def test_a_condition_is_over_when_nothing_came_for_a_day() -> None:
    state: dict[str, Any] = {}
    made = run(state, [0, 1, 2, 200, 201, 202], dict.fromkeys(range(300), HIGH))
    assert [(each["phase"], each["origin"]["offset"]) for each in made] == [("on", 2), ("off", 200), ("on", 202)]
    assert made[2]["since"] > made[0]["since"]
