from math import isnan, nan
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors import episode, silence

S = 1_000_000
ORIGIN = {"topic_id": "t", "partition": 3, "offset": 7}
Record = dict[str, Any]


def evidence(phase: str = "on", ts_s: int = 100, **more: Any) -> Record:
    record: Record = {
        "asset_id": "P-1",
        "sensor_id": "P-1.temp",
        "gateway": "",
        "detector": "level1/ewma",
        "kind": "spike",
        "subject": "machine",
        "phase": phase,
        "ts": ts_s * S,
        "since": 100 * S,
        "known_at": ts_s * S,
        "value": 90.0,
        "expected": 60.0,
        "surprise": 9.0,
        "threshold": 7.5,
        "severity": 2,
        "historical": False,
        "mode": "",
        "model": "level1@1",
        "contributions": {},
    }
    return {**record, **more}


def silent(sensor: str, asset: str, phase: str = "on", ts_s: int = 100, gateway: str = "") -> Record:
    names: Record = {"sensor_id": sensor, "asset_id": asset, "gateway": gateway}
    return evidence(phase, ts_s, **names, detector="health/silent", kind="silent", subject="sensor", surprise=nan, value=nan)


def run(records: list[tuple[Record, int]], state: Record | None = None) -> list[Record]:
    """Steps of all records; the state goes through its encoding between any two."""
    state = episode.empty() if state is None else state
    outputs = []
    for record, known_at_s in records:
        schema = "Evidence" if "phase" in record else "Mark"
        outputs += episode.step(state, record, schema=schema, known_at_us=known_at_s * S, origin=ORIGIN)
        state = orjson.loads(orjson.dumps(state))
    return outputs


def tick(at_s: int) -> tuple[Record, int]:
    return {"kind": "tick", "version": at_s}, at_s


def both(record: Record) -> tuple[Record, int]:
    return record, record["ts"] // S


def test_an_episode_opens_grows_and_closes_with_its_last_off() -> None:
    vibration: Record = {"sensor_id": "P-1.vib", "surprise": 30.0, "detector": "level1/cusum", "kind": "drift"}
    steps = run(
        [both(evidence()), both(evidence(ts_s=110, **vibration)), both(evidence("off", 120)), both(evidence("off", 130, **vibration))]
    )
    assert [step["phase"] for step in steps] == ["open", "update", "close"]
    assert len({step["episode_id"] for step in steps}) == 1
    assert [step["revision"] for step in steps] == [0, 1, 2]
    assert steps[0]["end"] is None
    last = steps[-1]
    assert (last["start"], last["end"]) == (100 * S, 130 * S)
    assert last["kind"] == "drift"
    assert last["surprise"] == 30.0
    assert [part["sensor_id"] for part in last["contributions"]] == ["P-1.vib", "P-1.temp"]
    assert sum(part["share"] for part in last["contributions"]) == pytest.approx(1)
    assert last["origin"] == {**ORIGIN, "nth": 0}


def test_the_identity_is_asset_subject_detector_and_begin() -> None:
    first = run([both(evidence())])[0]
    again = run([(evidence(value=1.0, surprise=50.0), 99_999)])[0]
    other = run([both(evidence(since=101 * S))])[0]
    assert first["episode_id"] == again["episode_id"] != other["episode_id"]


def test_updates_are_bounded() -> None:
    peaks = [both(evidence("peak", 101 + n, surprise=10.0 + n)) for n in range(5000)]
    steps = run([both(evidence()), *peaks])
    assert len(steps) <= 102
    assert len(run([both(evidence()), *peaks[:50]])) == 1


def test_a_higher_severity_is_told_at_once() -> None:
    steps = run([both(evidence()), both(evidence("peak", 101, severity=5))])
    assert [step["severity"] for step in steps] == [2, 5]


def test_a_sensor_in_doubt_keeps_its_evidence_from_the_machine() -> None:
    stuck: Record = {"detector": "health/stuck", "kind": "stuck_at_value", "subject": "sensor", "surprise": nan}
    steps = run([both(evidence(**stuck)), both(evidence(ts_s=105)), both(evidence("off", 120)), both(evidence("off", 125, **stuck))])
    assert {step["subject"] for step in steps} == {"sensor"}
    assert [step["phase"] for step in steps] == ["open", "close"]
    assert steps[0]["quality"] == 0.0


def test_a_sensor_in_doubt_is_not_named_by_what_it_shows_of_the_machine() -> None:
    """A saturated temperature jumps, too, and passes the highest limit: neither is news of the machine."""
    saturated: Record = {"detector": "level1/range", "kind": "saturated", "subject": "sensor", "surprise": nan}
    limit: Record = {"detector": "level1/limit", "kind": "limit_hh", "severity": 5}
    steps = run([both(evidence(**saturated)), both(evidence(ts_s=105)), both(evidence(ts_s=106, **limit)), both(evidence("off", 300))])
    steps += run([both(evidence(**saturated)), both(evidence(ts_s=200, **limit)), both(evidence("peak", 300, **saturated))])
    assert {(step["kind"], step["detector"], step["severity"]) for step in steps} == {("saturated", "level1/range", 2)}


def test_kind_and_detector_are_those_of_one_contribution() -> None:
    steps = run([both(evidence()), both(evidence(ts_s=110, sensor_id="P-1.vib", detector="level1/limit", kind="limit_high", severity=5))])
    for step in steps:
        assert (step["kind"], step["detector"]) == (step["contributions"][0]["kind"], step["contributions"][0]["detector"])
    assert steps[-1]["kind"] == "limit_high"


def test_evidence_that_began_on_the_machine_ends_there() -> None:
    stuck: Record = {"detector": "health/stuck", "kind": "stuck_at_value", "subject": "sensor", "surprise": nan}
    steps = run([both(evidence()), both(evidence(ts_s=101, **stuck)), both(evidence("off", 120))])
    assert [(step["subject"], step["phase"]) for step in steps] == [("machine", "open"), ("sensor", "open"), ("machine", "close")]


def test_an_off_without_an_episode_says_nothing() -> None:
    assert run([both(evidence("off"))]) == []


def test_model_evidence_names_its_sensors() -> None:
    shares = {"P-1.a": 0.75, "P-1.b": 0.25}
    model: Record = {"sensor_id": "", "detector": "pca", "kind": "pattern", "contributions": shares, "model": "pca@4"}
    opened = run([both(evidence(**model))])[0]
    assert {part["sensor_id"]: part["share"] for part in opened["contributions"]} == pytest.approx(shares)
    assert opened["model"] == "pca@4"


def test_history_stays_history_until_the_present_joins() -> None:
    past = run([both(evidence(historical=True))])[0]
    joined = run([both(evidence(historical=True)), both(evidence("peak", 101, severity=4))])[-1]
    assert past["historical"]
    assert not joined["historical"]


def test_one_silent_asset_is_its_own_case() -> None:
    steps = run([both(silent("P-1.a", "P-1")), both(silent("P-1.b", "P-1")), tick(104), tick(105)])
    assert [(step["asset_id"], step["grouped"], step["phase"], step["kind"]) for step in steps] == [("P-1", 0, "open", "silent")]
    assert isnan(steps[0]["surprise"])


@pytest.mark.parametrize(("gateways", "subject"), [(["g1"] * 6, "g1"), (["g1", "g2"] * 3, "plant"), ([""] * 6, "plant")])
def test_many_silent_sensors_are_one_case(gateways: list[str], subject: str) -> None:
    on = [silent(f"s{n}", f"P-{n % 3}", gateway=gateway) for n, gateway in enumerate(gateways)]
    steps = run([*map(both, on), tick(106)])
    assert [(step["asset_id"], step["grouped"], len(step["contributions"])) for step in steps] == [(subject, 3, 6)]


def test_a_grouped_case_closes_when_the_last_sensor_speaks() -> None:
    on = [silent(f"s{n}", f"P-{n % 3}") for n in range(6)]
    off = [silent(f"s{n}", f"P-{n % 3}", "off", 200 + n) for n in range(6)]
    steps = run([*map(both, on), tick(106), *map(both, off)])
    assert [step["phase"] for step in steps] == ["open", "close"]
    assert steps[-1]["end"] == 205 * S


def test_a_pause_shorter_than_the_batch_is_not_told() -> None:
    state = episode.empty()
    assert run([both(silent("s1", "P-1")), both(silent("s1", "P-1", "off", 102)), tick(110)], state) == []
    assert silence.COLLECT_US > 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["on", "peak", "off"]), st.integers(1, 40)), max_size=40))
def test_shares_sum_to_one_and_revisions_count(moves: list[tuple[str, str, int]]) -> None:
    records = [evidence(phase, 100 + n, sensor_id=f"P-1.{name}", surprise=float(size)) for n, (name, phase, size) in enumerate(moves)]
    seen: dict[str, int] = {}
    for step in run([both(record) for record in records]):
        assert sum(part["share"] for part in step["contributions"]) == pytest.approx(1)
        assert step["start"] <= step["last"]
        assert step["revision"] == seen.get(step["episode_id"], -1) + 1 or step["phase"] == "open"
        seen[step["episode_id"]] = step["revision"]


def test_sensors_that_fail_together_have_episodes_of_their_own() -> None:
    out: Record = {"detector": "level1/range", "kind": "sensor_fault", "subject": "sensor", "surprise": nan}
    steps = run([both(evidence(sensor_id=f"P-1.{name}", **out)) for name in "ab"])
    assert len({step["episode_id"] for step in steps}) == 2


def test_two_silences_after_the_same_reading_are_two_episodes() -> None:
    first = [both(silent("s1", "P-1")), tick(110), (silent("s1", "P-1", "off"), 120)]
    again = [({**silent("s1", "P-1"), "known_at": 130 * S}, 130), tick(140)]
    steps = run([*first, *again])
    assert [step["phase"] for step in steps] == ["open", "close", "open"]
    assert len({step["episode_id"] for step in steps}) == 2
