import json
import logging
import math
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Decoded, decode, encode
from streams.steps import Rules, StepWork
from streams.topics import ANOMALIES, EVIDENCE, REJECTIONS
from streams.work import Output
from telemetry import logs
from tests.streams.building import Input, place, taken, tick


class Correlated(dict[str, Any]):
    """Evidence with a correlation id, which its schema does not have and the header wants."""

    def __missing__(self, key: str) -> str:
        assert key == "correlation_id"
        return "case 1"

    def __contains__(self, key: object) -> bool:
        return key == "correlation_id" or super().__contains__(key)


def count(state: dict[str, Any], record: dict[str, Any], *, schema: str, origin: dict[str, Any], **_: Any) -> list[dict[str, Any]]:
    """A step that repeats each evidence twice and counts; keeps a NaN to see whether it survives."""
    state["n"] = state.get("n", 0) + 1
    state["nan"] = math.nan
    return [Correlated({**record, "origin": {**origin, "nth": nth}}) for nth in range(2)] if schema == "Evidence" else []


# writes Evidence again instead of Anomaly, which has more fields than these tests need
RULES = Rules("count", ("Evidence", "Mark"), dict, count, ANOMALIES, "Evidence", lambda record: record["asset_id"])


def evidence(offset: int, source: int, nth: int = 0) -> Input:
    record = {
        "asset_id": "P1", "sensor_id": "P1.temp", "detector": "level1/ewma", "kind": "spike", "subject": "machine", "phase": "on",
        "ts": 1, "since": 1, "known_at": 1,
        "value": 1.0, "expected": 0.0, "surprise": math.nan, "threshold": 5.0, "severity": 2, "model": "m",
        "origin": {"topic_id": "raw", "partition": 0, "offset": source, "nth": nth},
    }  # fmt: skip
    return Input(offset, encode("Evidence", record))


def apply(work: StepWork, records: list[Input]) -> list[Output]:
    return work.apply(taken(records, records[0].offset, records[-1].offset + 1))


def begin(state: bytes | None = None) -> StepWork:
    return StepWork(RULES, place(EVIDENCE), state)


def test_outputs_carry_events_headers_and_the_key() -> None:
    first, _ = apply(begin(), [evidence(3, source=100)])
    headers = dict(first.headers)
    assert (first.topic, first.key) == (ANOMALIES, b"P1")
    assert headers["ce_id"] == b"topic-id/0/3/0"
    assert headers["ce_type"] == b"maintenance.v1.Evidence"
    assert headers["traceparent"].startswith(b"00-")


def test_debug_lines_name_the_case(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(service="test", level="DEBUG", form="json")
    try:
        apply(begin(), [evidence(0, source=100)])
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["correlation_id"], line["asset_id"]) for line in lines] == [("step", "case 1", "P1")] * 2


def test_a_repeated_output_of_upstream_is_stepped_once() -> None:
    work = begin()
    assert len(apply(work, [evidence(0, source=100), evidence(1, source=100, nth=1)])) == 4
    assert apply(work, [evidence(2, source=100), evidence(3, source=99), evidence(4, source=100, nth=1)]) == []
    assert len(apply(work, [evidence(5, source=101)])) == 2


def test_what_cannot_be_read_becomes_a_rejection() -> None:
    rejected, foreign = apply(begin(), [Input(0, b"{}"), Input(1, encode("Reading", {"sensor_id": "s", "ts": 1, "value": 1.0}))])
    assert rejected.topic == foreign.topic == REJECTIONS
    found = decode(foreign.value)
    assert isinstance(found, Decoded)
    assert (found.record["reason"], found.record["detail"]) == ("unknown_schema", "Reading does not belong into evidence.v1")


def test_ticks_reach_the_step_and_a_refused_record_does_not() -> None:
    work = begin()
    assert apply(work, [tick(0)]) == []
    (refused,) = work.refuse(evidence(1, source=5), "ended the worker 3 times")
    assert refused.topic == REJECTIONS
    assert b'"n":1' in work.pack()


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_cutting_and_restoring_change_nothing(origins: list[tuple[int, int]], cut: int, restore: int) -> None:
    records = [evidence(offset, source, nth) for offset, (source, nth) in enumerate(origins)]
    whole, pieces = begin(), begin()
    expected = [output for record in records for output in apply(whole, [record])]
    found: list[Output] = []
    for number, piece in enumerate((records[:cut], records[cut:])):
        found += apply(pieces, piece) if piece else []
        if number == restore % 2:
            pieces = begin(pieces.pack())
    assert found == expected
    assert pieces.pack() == whole.pack()
