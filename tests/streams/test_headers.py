from streams.headers import cloud_event, traced

RECORD = {"known_at": 1_790_000_000_123_000, "origin": {"topic_id": "abc", "partition": 3, "offset": 17, "nth": 2}}


def test_cloud_events_name_the_cause_and_the_time() -> None:
    headers = dict(cloud_event("Evidence", "/acquisition", RECORD))
    assert headers["ce_id"] == b"abc/3/17/2"
    assert headers["ce_type"] == b"maintenance.v1.Evidence"
    assert headers["ce_time"] == b"2026-09-21T14:13:20.123+00:00"


def test_one_case_is_one_trace_and_a_replay_gives_the_same() -> None:
    first = traced({**RECORD, "correlation_id": "case 1"})
    again = traced({**RECORD, "correlation_id": "case 1"})
    other = traced({"origin": {"topic_id": "abc", "partition": 3, "offset": 17, "nth": 3}, "correlation_id": "case 1"})
    assert str(first) == str(again)
    assert str(first).split("-")[1] == str(other).split("-")[1]
    assert str(first).split("-")[2] != str(other).split("-")[2]
