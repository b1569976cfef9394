import math

from structlog.testing import capture_logs

from bridge.reading import Point, Reason, Refusal
from bridge.tally import Tally
from telemetry import metrics
from telemetry.health import Health
from tests.bridge.building import reading


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_refusals_are_counted_shown_and_logged_at_a_bounded_rate() -> None:
    clock, health = Clock(), Health()
    tally = Tally("test", health, clock)
    with capture_logs() as lines:
        for _ in range(100):
            tally.sift("a/b", [Refusal(Reason.NOT_A_NUMBER, "'x'")])
        clock.now = 11.0
        tally.sift("a/b", [Refusal(Reason.NOT_A_NUMBER, "'y'"), Refusal(Reason.NO_TIME, "z")])
    assert [(line["event"], line["not_shown"]) for line in lines] == [
        ("refused_not_a_number", 0),
        ("refused_not_a_number", 99),
        ("refused_no_time", 0),
    ]
    assert metrics.value("maint_bridge_refused_total", protocol="test", reason="not_a_number") == 101
    tally.look()
    assert health.snapshot()["payloads"] == health.snapshot()["payloads"] | {
        "ok": False,
        "reason": "refused: no_time 1, not_a_number 101; last a/b: z",
    }
    clock.now = 1000.0
    tally.look()
    assert health.snapshot()["payloads"]["ok"]


def test_ids_and_times_the_platform_could_not_take_are_refused_here() -> None:
    tally = Tally("test", Health(), Clock())
    wrong = [
        Point("", "s", 0, 1.0),
        Point("a", "s" * 201, 0, 1.0),
        Point("a", "s\n", 0, 1.0),
        Point("a", "s", -1, 1.0),
        Point("a", "s", 2**63, 1.0),
    ]
    (record,) = tally.sift("t", [*wrong, Point("a", "s", 5, math.nan, 0x80000000, 7)])
    assert tally.refused == {Reason.BAD_NAME: 3, Reason.BAD_TIME: 2}
    found = reading(record)
    assert math.isnan(found.pop("value"))
    assert found == {"asset_id": "a", "sensor_id": "s", "ts": 5, "status": 0x80000000, "seq": 7}
