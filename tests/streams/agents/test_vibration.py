"""Zones and bearings as the agents run them: evidence that detection makes episodes of the machine from."""

from typing import Any

import pytest

from processors import grade
from schemas.codec import Decoded, decode, encode
from streams.agents import bearings, detection, zones
from streams.steps import Rules, StepWork
from streams.topics import EVIDENCE, FEATURES, SPECTRA
from streams.work import Output
from tests.processors import test_change, test_grade, test_lines
from tests.streams.building import Input, place, taken


def work(rules: Rules, topic: str) -> StepWork:
    return StepWork(rules, place(topic), None)


def apply(agent: StepWork, records: list[Input]) -> list[Output]:
    return agent.apply(taken(records, records[0].offset, records[-1].offset + 1))


def episodes(outputs: list[Output]) -> list[tuple[str, str, str, int, str]]:
    assert {output.topic for output in outputs} == {EVIDENCE}
    made = [Input(n, output.value, output.key) for n, output in enumerate(outputs)]
    found = [decode(output.value) for output in apply(work(detection.RULES, EVIDENCE), made)]
    steps = [each.record for each in found if isinstance(each, Decoded)]
    return [
        (each["phase"], each["subject"], each["kind"], each["severity"], each["contributions"][0]["sensor_id"])
        for each in steps if each["phase"] != "update"
    ]  # fmt: skip


def windows(*values: float) -> list[Input]:
    return [Input(n, encode("Features", each)) for n, each in enumerate(test_grade.series(*values))]


def test_a_point_that_enters_zone_d_is_one_episode_of_the_machine() -> None:
    agent = work(zones.rules(lambda _: test_grade.KNOWN), FEATURES)
    outputs = apply(agent, windows(*[1.0] * 3, *[3.5] * 3, *[6.0] * 3, *[1.0] * 4))
    sensor = test_grade.VELOCITY
    assert episodes(outputs) == [("open", "machine", "limit_high", 4, sensor), ("close", "machine", "limit_hh", 5, sensor)]


@pytest.mark.parametrize(("window_s", "wanted"), [(600, True), (60, False), (10, False)])
def test_only_windows_of_ten_minutes_of_machines_with_a_point_are_decoded(window_s: int, wanted: bool) -> None:  # noqa: FBT001
    value = encode("Features", {**test_grade.record(0, 1.0), "window_s": window_s})
    assert zones.wants(lambda _: test_grade.KNOWN, {}, value) is wanted
    assert zones.wants(lambda _: "not known", {}, value) is False
    assert zones.wants(lambda _: "not known", {"P1": {}}, value) is wanted
    assert zones.wants(lambda _: test_grade.KNOWN, grade.empty(), b"no window"), "it is refused where it is decoded"


def spectra(number: int) -> list[bytes]:
    origin: dict[str, Any] = {"topic_id": "frames", "partition": 0, "offset": number}
    more = {"known_at": 0, "occasion": "hour", "rate_hz": 20_480.0, "size": test_lines.SIZE, "kernel": "k"}
    found = enumerate(test_lines.sick(number))
    return [encode("Spectrum", {**each, **more, "origin": {**origin, "nth": nth}}) for nth, each in found]


def test_the_line_of_a_damaged_ring_is_one_episode_of_the_machine() -> None:
    values = [value for number in range(4) for value in spectra(number)]
    agent = work(bearings.rules(lambda _: test_lines.KNOWN), SPECTRA)
    outputs = apply(agent, [Input(n, value) for n, value in enumerate(values)])
    assert episodes(outputs) == [("open", "machine", "pattern", 2, "P1.vib:BPFO")]
    again = apply(agent, [Input(n + 100, value) for n, value in enumerate(values)])
    assert again == [], "a second copy changes nothing"


def test_a_change_against_the_accepted_reference_is_one_episode_of_the_machine() -> None:
    agent = work(zones.rules(lambda _: test_change.known()), FEATURES)
    records = test_change.series(*[1.0] * 3, *[1.8] * 5, *[1.0] * 4)
    outputs = apply(agent, [Input(n, encode("Features", each)) for n, each in enumerate(records)])
    assert episodes(outputs) == [(phase, "machine", "drift", 3, test_change.SENSOR) for phase in ("open", "close")]
