import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping import Mapping, MappingError, load
from bridge.plain import Translator
from bridge.reading import BAD_NO_DATA, UNCERTAIN, Outcome, Point, Reason, Refusal

NOW = 2_000_000_000_000_000
RULE = {"topic": "plant/{machine}/{tag}", "asset_id": "{machine}", "sensor_id": "{machine}.{tag}"}


def take(rule: dict[str, Any], payload: str, topic: str = "plant/m1/x", **more: Any) -> list[Outcome]:
    mapping = Mapping.model_validate({"json": [{**RULE, **rule}]})
    return list(Translator(mapping.json_).take(topic, payload.encode(), arrival_us=NOW, **more))


def test_a_bare_number_has_the_time_of_its_arrival() -> None:
    assert take({}, "21.5") == [Point("m1", "m1.x", NOW, 21.5)]


def test_pointers_time_and_status() -> None:
    rule = {"value": "/v", "ts": "/t", "seq": "/n", "status": "/q", "time": {"unit": "ms"}, "status_codes": {"ok": 0, "bad": 0x80000000}}
    assert take(rule, '{"v": "1.5", "t": 1500, "n": 3, "q": "OK"}') == [Point("m1", "m1.x", 1_500_000, 1.5, 0, 3)]
    assert take(rule, '{"v": true, "t": "1500", "q": "Bad"}') == [Point("m1", "m1.x", 1_500_000, 1.0, 0x80000000)]
    assert take(rule, '{"v": 1, "t": 1500, "q": "who knows"}') == [Point("m1", "m1.x", 1_500_000, 1.0, UNCERTAIN)]
    assert take(rule, '{"v": 1, "t": 1500, "q": 2150694912}') == [Point("m1", "m1.x", 1_500_000, 1.0, 2150694912)]
    assert take({**rule, "status_as": "classic"}, '{"v": 1, "t": 1500, "q": 192}') == [Point("m1", "m1.x", 1_500_000, 1.0, 0)]


def test_an_array_gives_a_reading_per_element_with_names_of_its_own() -> None:
    rule = {"each": "/r", "value": "/v", "sensor_id": "{machine}.{/tag}"}
    taken = take(rule, '{"r": [{"tag": "a", "v": 1}, {"tag": "b", "v": 2}, {"tag": "c"}]}')
    assert taken[:2] == [Point("m1", "m1.a", NOW, 1.0), Point("m1", "m1.b", NOW, 2.0)]
    assert isinstance(taken[2], Refusal)
    assert taken[2].reason == Reason.NO_VALUE


def test_every_rule_that_fits_is_applied() -> None:
    rules = [{**RULE, "value": f"/{name}", "sensor_id": "{machine}." + name} for name in ("a", "b")]
    translator = Translator(Mapping.model_validate({"json": rules}).json_)
    taken = translator.take("plant/m1/x", b'{"a": 1, "b": 2}', arrival_us=NOW)
    assert [found.sensor_id for found in taken if isinstance(found, Point)] == ["m1.a", "m1.b"]


def test_null_is_no_value_with_a_bad_status() -> None:
    (found,) = take({}, "null")
    assert isinstance(found, Point)
    assert math.isnan(found.value)
    assert found.status == BAD_NO_DATA


@pytest.mark.parametrize(
    ("rule", "payload", "reason"),
    [
        ({}, "{oops", Reason.UNPARSABLE),
        ({}, '"abc"', Reason.NOT_A_NUMBER),
        ({}, "[1]", Reason.NOT_A_NUMBER),
        ({"value": "/v"}, "{}", Reason.NO_VALUE),
        ({"value": "/v", "ts": "/t"}, '{"v": 1}', Reason.NO_TIME),
        ({"value": "/v", "ts": "/t"}, '{"v": 1, "t": "yesterday"}', Reason.BAD_TIME),
        ({"value": "/v", "ts": "/t"}, '{"v": 1, "t": 5}', Reason.BAD_TIME),
        ({"value": "/v", "ts": "/t", "time": {"unit": "s"}}, '{"v": 1, "t": true}', Reason.BAD_TIME),
        ({"each": "/r"}, "{}", Reason.UNPARSABLE),
    ],
)
def test_what_is_no_reading_says_why(rule: dict[str, Any], payload: str, reason: Reason) -> None:
    (found,) = take(rule, payload)
    assert isinstance(found, Refusal)
    assert found.reason == reason


def test_an_unknown_topic_and_a_retained_message_without_time_are_refused() -> None:
    for found in (*take({}, "1", "elsewhere"), *take({}, "1", retained=True)):
        assert isinstance(found, Refusal)
        assert found.reason in {Reason.UNMAPPED, Reason.NO_TIME}


def test_local_times_are_read_in_their_zone_and_refused_where_they_are_not_clear() -> None:
    rule = {"value": "/v", "ts": "/t", "time": {"zone": "Europe/Zurich"}}
    (clear,) = take(rule, '{"v": 1, "t": "2026-07-01T12:00:00"}')
    (stated,) = take(rule, '{"v": 1, "t": "2026-07-01T10:00:00Z"}')
    assert clear == stated
    for unclear in ("2026-10-25T02:30:00", "2026-03-29T02:30:00"):
        (found,) = take(rule, f'{{"v": 1, "t": "{unclear}"}}')
        assert isinstance(found, Refusal)
        assert "let the source send UTC" in found.detail


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_payload_is_taken_or_refused(payload: bytes) -> None:
    mapping = Mapping.model_validate({"json": [{**RULE, "value": "/v", "ts": "/t", "status": "/q"}]})
    assert list(Translator(mapping.json_).take("plant/m1/x", payload, arrival_us=NOW))


def test_filters_cover_the_rules() -> None:
    assert Mapping().filters == ("spBv1.0/#",)
    assert Mapping.model_validate({"json": [RULE, RULE]}).filters == ("plant/+/+",)
    assert Mapping.model_validate({"sparkplug": {}, "json": [{**RULE, "topic": "plant/{machine}/{tag}/#"}]}).filters == (
        "spBv1.0/#",
        "plant/+/+/#",
    )


STATED = "topic: a, asset_id: a, sensor_id: x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("json: [{topic: a}]", 'json[0].asset_id is missing: add it, like `asset_id: "{line}"`'),
        ("sparkplug: {asset: x}", "sparkplug.asset = 'x': there is no such field: write asset_id"),
        ("mqtt: 3", "mqtt = 3: there is no such field: there are sparkplug, json"),
        ("sparkplug: {asset_id: '{tag}'}", "sparkplug: '{tag}': no {tag} here; there are group, node, device, metric"),
        (f"json: [{{{STATED}, time: {{zone: Mars}}}}]", "json[0].time.zone = 'Mars': no time zone 'Mars' on this machine; use a name like"),
        (
            f"json: [{{{STATED}, time: {{unit: h}}}}]",
            "json[0].time.unit = 'h' is none of 'iso', 's', 'ms', 'us' or 'ns': write one",
        ),
        (f"json: [{{{STATED}, time: {{units: s}}}}]", "json[0].time.units = 's': there is no such field: write unit"),
        (f"json: [{{{STATED}, time: ms}}]", "json[0].time = 'ms' holds no fields: write `name: value` below it"),
        (f"json: [{{{STATED}, status_codes: {{ok: good}}}}]", "json[0].status_codes.ok = 'good' is no whole number"),
        (f"json: [{{{STATED}, ts: 5}}]", "json[0].ts = 5 is no text: put it in quotes"),
        ("json: {topic: a}", "json = {'topic': 'a'} is no list: begin each entry with `- `"),
        ("json: [{topic: a, asset_id: {line}, sensor_id: x}]", "json[0].asset_id = {'line': None} is no text: put it in quotes"),
        ("json: [{topic: '', asset_id: a, sensor_id: x}]", "json[0].topic = '' is empty"),
        ("json: [{topic: 'a/{b}', asset_id: '{c}', sensor_id: x}]", "json[0]: {c} is neither a level of topic 'a/{b}' nor a pointer"),
        ("json: [{topic: 'a/{b-c}', asset_id: a, sensor_id: x}]", "json[0]: topic 'a/{b-c}': {b-c} must be a name of its own"),
        ("json: [{topic: '{b}/{b}', asset_id: a, sensor_id: x}]", "json[0]: topic '{b}/{b}': {b} must be a name of its own"),
        ("- sparkplug", "the file = ['sparkplug'] holds no fields"),
        ("json: [", ":1: not YAML (expected the node content, but found '<stream end>'): a text with { or : stands in quotes"),
        ("a: b\njson: {x}.y: 1", ":2: not YAML"),
    ],
)
def test_a_wrong_mapping_names_file_place_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(text)
    with pytest.raises(MappingError) as error:
        load(path)
    assert str(error.value).startswith(str(path))
    assert told in str(error.value)
    assert "pydantic" not in str(error.value)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text("json: [{topic: a, sensor_id: 5}]")
    with pytest.raises(MappingError) as error:
        load(path)
    assert len(str(error.value).splitlines()) == 2
