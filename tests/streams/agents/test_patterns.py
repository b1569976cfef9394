"""Level-2 models on the windows of an asset, as the agent runs them; the models are real, the registry is not."""

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.card import Card
from models.serving import Serving
from schemas.codec import Decoded, decode, encode
from streams.agents import detection, patterns
from streams.agents.patterns import Detectors
from streams.steps import StepWork
from streams.topics import EVIDENCE, FEATURES
from streams.work import Output
from telemetry import metrics
from telemetry.health import Health
from tests.streams.agents import detectors
from tests.streams.agents.detectors import own, record, serving
from tests.streams.building import Input, place, taken

FAULT = range(30, 50)  # windows in which the temperature is off
COUNT = 80


def inputs(count: int = COUNT, **more: Any) -> list[Input]:
    return [Input(n, encode("Features", record(n, shift=8.0 if n in FAULT else 0.0, **more))) for n in range(count)]


def work(models: Serving, state: bytes | None = None, health: Health | None = None) -> StepWork:
    return StepWork(patterns.rules(Detectors(models, health)), place(FEATURES), state)


def apply(agent: StepWork, records: list[Input]) -> list[Output]:
    return agent.apply(taken(records, records[0].offset, records[-1].offset + 1))


def records(outputs: list[Output]) -> list[dict[str, Any]]:
    found = [decode(output.value) for output in outputs]
    assert all(isinstance(each, Decoded) for each in found)
    return [each.record for each in found if isinstance(each, Decoded)]


def counted(outcome: str) -> float:
    return metrics.value("maint_pattern_windows_total", outcome=outcome)


def test_a_fault_is_one_condition_and_one_episode_of_the_machine_with_contributions() -> None:
    outputs = apply(work(serving(own())), inputs())
    found = records(outputs)
    assert [each["phase"] for each in found if each["phase"] != "peak"] == ["on", "off"]
    on = found[0]
    assert on["model"] == "level2_P1:1"
    assert on["since"] in {record(n)["start"] for n in range(FAULT.start, FAULT.start + 3)}
    assert sum(on["contributions"].values()) == pytest.approx(1.0)
    assert max(on["contributions"], key=on["contributions"].get) == "P1.temp"
    assert {output.topic for output in outputs} == {EVIDENCE}

    made = [Input(n, output.value, output.key) for n, output in enumerate(outputs)]
    episodes = records(apply(StepWork(detection.RULES, place(EVIDENCE), None), made))
    assert [(each["phase"], each["subject"], each["kind"]) for each in episodes if each["phase"] != "update"] == [
        ("open", "machine", "pattern"),
        ("close", "machine", "pattern"),
    ]
    assert len({each["episode_id"] for each in episodes}) == 1
    assert episodes[0]["contributions"][0]["sensor_id"] == "P1.temp"
    assert sum(part["share"] for part in episodes[0]["contributions"]) == pytest.approx(1.0)


def test_without_a_model_nothing_is_said_or_kept_and_health_says_so() -> None:
    health, before = Health(), counted("no_model")
    agent = work(serving(), health=health)
    assert apply(agent, inputs()) == []
    assert b'"state":{}' in agent.pack()
    assert counted("no_model") == before + COUNT
    assert health.snapshot()[patterns.NAME]["ok"]
    assert "level 1 alone judges" in health.snapshot()[patterns.NAME]["reason"]


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"mode": "off"}, "unsteady"),
        ({"mode": "transient"}, "unsteady"),
        ({"good": 0.89}, "poor_quality"),
        ({"mode": "other"}, "abstained"),
    ],
)
def test_a_window_that_must_not_be_judged_is_not(more: dict[str, Any], outcome: str) -> None:
    before = counted(outcome)
    assert apply(work(serving(own())), inputs(**more)) == []
    assert counted(outcome) == before + COUNT


def test_a_missing_sensor_is_never_padded() -> None:
    def lacking(n: int) -> dict[str, Any]:
        made = record(n, shift=8.0)
        return {**made, "sensors": ["P1.flow", "P1.other"]}

    before = counted("unfit")
    assert apply(work(serving(own())), [Input(n, encode("Features", lacking(n))) for n in range(20)]) == []
    assert counted("unfit") == before + 20


class Wrong:
    """A model that does what it is told."""

    def __init__(self, does: Any) -> None:
        self.predict = does

    def explain(self, _: Any) -> None:
        return None


def slow(rows: Any) -> Any:
    time.sleep(0.5)
    return np.ones((len(rows), 1))


def lost(_: Any) -> Any:
    raise KeyError("lost")


@pytest.mark.parametrize(
    ("does", "reason"),
    [(lost, "raised KeyError"), (lambda rows: np.full((len(rows), 1), np.inf), "NaN or infinity"), (slow, "took longer than")],
)
def test_a_model_that_fails_says_nothing_and_health_says_why(does: Any, reason: str) -> None:
    health, known = Health(), own()
    agent = work(serving(known, models={known.digest: Wrong(does)}, budget_ms=50.0, health=health), health=health)
    assert apply(agent, inputs()) == []
    told = health.snapshot()["model level2_P1"]
    assert not told["ok"]
    assert reason in told["reason"]


def test_the_older_version_answers_for_a_champion_that_fails() -> None:
    older, champion = own(aliases=frozenset({"previous"})), own(number=2, digest="broken")
    good = serving(older).state.models
    agent = work(serving(older, champion, models={**good, "broken": Wrong(lost)}))
    assert {each["model"] for each in records(apply(agent, inputs()))} == {"level2_P1:1"}


def test_a_benchmark_model_is_never_asked() -> None:
    made = detectors.trained()
    card = Card(**{**{name: getattr(made.card, name) for name in Card.__slots__}, "serves": "none"})
    assert apply(work(serving(detectors.version(made.artifact, card))), inputs()) == []


def test_what_is_exchanged_counts_from_the_next_window_on() -> None:
    models = serving()
    agent = work(models)
    assert apply(agent, inputs()[:30]) == []
    models.exchange(serving(own()).state)
    assert records(apply(agent, inputs()[30:]))[0]["phase"] == "on"


@given(st.integers(0, COUNT), st.integers(0, COUNT))
@settings(max_examples=8, deadline=None)
def test_cutting_and_restoring_change_nothing(first: int, second: int) -> None:
    models, everything = serving(own()), inputs()
    whole = apply(work(models), everything)
    agent, found = work(models), []
    ends = sorted((first, second))
    for part in (everything[: ends[0]], everything[ends[0] : ends[1]], everything[ends[1] :]):
        found += apply(agent, part) if part else []
        agent = work(models, agent.pack())
    assert found == whole
