import zlib
from typing import Any

import pytest

from schemas.codec import encode
from schemas.diagnosis import HOUR_US, Diagnosis, Message, diagnose
from schemas.identifiers import partition_of

NOW_US = 1_795_380_123_456_000
KEY = b"pump-7"
PARTITIONS = 24


def look(message: dict[str, Any] | None = None, **reading: Any) -> Diagnosis:
    """What is said of a reading sent just now, with these differences."""
    value = encode("Reading", {"sensor_id": "P1.vib", "ts": NOW_US - 50_000, "value": 1.5, **reading})
    fields = {"value": value, "key": KEY, "partition": partition_of(KEY, PARTITIONS), "partitions": PARTITIONS, "timestamp_us": NOW_US}
    return diagnose(Message(**{**fields, **(message or {})}), expected=("Reading", "Mark"))


def test_nothing_to_say() -> None:
    found = look()
    assert found.outcome == "accepted"
    assert found.name == "Reading"
    assert diagnose(Message(encode("Mark", {"kind": "tick", "version": 1})), expected=("Reading", "Mark")).outcome == "accepted"


@pytest.mark.parametrize(
    ("message", "reason", "word"),
    [
        ({"value": b'{"sensor_id": "P1"}'}, "undecodable", "JSON"),
        ({"value": None}, "undecodable", "null"),
        ({"value": b"\x0cP1.vib\x00", "headers": [("__value_schema_id", b"\x01")]}, "unknown_schema", "header __value_schema_id"),
        (
            {"value": encode("Anomaly", {**dict.fromkeys(())}) if False else encode("Mark", {"kind": "tick", "version": 1})[:-1]},
            "undecodable",
            "Mark",
        ),
        ({"key": None}, "wrong_key", "no key"),
        ({"key": b""}, "wrong_key", "empty"),
        ({"key": b'"pump-7"'}, "wrong_key", "JSON"),
        ({"key": b"\xff"}, "wrong_key", "UTF-8"),
        ({"key": b"x" * 201}, "wrong_key", "201"),
        ({"partition": 1 + partition_of(KEY, PARTITIONS)}, "wrong_key", "another partitioner"),
        ({"partition": zlib.crc32(KEY) % PARTITIONS}, "wrong_key", "CRC32"),
    ],
)
def test_messages_that_are_refused(message: dict[str, Any], reason: str, word: str) -> None:
    found = look(message)
    assert found.outcome == "refused"
    assert found.findings[0].reason == reason
    assert word in found.findings[0].detail
    assert found.findings[0].remedy


def test_a_record_of_another_topic() -> None:
    frame = encode("Frame", {"sensor_id": "a", "ts": NOW_US, "sample_rate_hz": 1.0, "kind": "samples", "values": b""})
    assert look({"value": frame}).findings[0].reason == "unknown_schema"


@pytest.mark.parametrize(
    ("ts", "reason", "word"),
    [
        (NOW_US // 1_000, "bad_timestamp", "milliseconds"),
        (NOW_US // 1_000_000, "bad_timestamp", "seconds"),
        (NOW_US * 1_000, "bad_timestamp", "nanoseconds"),
        (0, "bad_timestamp", "before the year 2000"),
        (2**63 - 1, "bad_timestamp", "ahead"),
        (NOW_US + 20 * 60_000_000 + 7, "bad_timestamp", "ahead"),
        (NOW_US + 2 * HOUR_US - 900_000, "bad_timestamp", "+2 h"),
        (NOW_US + 11 * HOUR_US // 2 - 900_000, "bad_timestamp", "+5.5 h"),
        (NOW_US - 5 * HOUR_US - 900_000, "", "-5 h"),
    ],
)
def test_times(ts: int, reason: str, word: str) -> None:
    (finding,) = look(ts=ts).findings
    assert finding.reason == reason
    assert word in finding.detail


@pytest.mark.parametrize("late_us", [0, 1_000_000, 20 * 60_000_000, HOUR_US // 2, 30 * HOUR_US])
def test_being_late_is_no_fault(late_us: int) -> None:
    assert look(ts=NOW_US - late_us).outcome == "accepted"


def test_doubtful_contents_are_stored() -> None:
    assert look(value=float("nan")).outcome == "doubtful"
    assert look(status=-1).outcome == "doubtful"
    assert look(sensor_id="").outcome == "refused"


def test_an_unknown_key_is_not_judged() -> None:
    assert look({"key": None, "keyed": False}).outcome == "accepted"
