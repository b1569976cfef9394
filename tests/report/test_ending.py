from dataclasses import replace
from typing import Any

from report.ending import ended
from report.series import HOUR_US, Series
from tests.report.building import noise, series


def cut(name: str, last: int, **more: Any) -> Series:
    whole = series(noise(5, 1, 3000), sensor=name)
    return replace(whole, ts=whole.ts[:last], value=whole.value[:last], **more)


def test_a_sensor_that_falls_silent_before_the_end_is_named_with_its_hours() -> None:
    whole, dead = cut("P1.flow", 3000), cut("P1.temp", 1440)
    [finding] = ended([whole, dead])
    assert (finding.kind, finding.sure, finding.sensors) == ("ended", "certain", ("P1.temp",))
    assert finding.what == "ends 26 h before the others: last value at 2024-01-01 23:59:00Z"
    assert (finding.until_us or 0) - (finding.since_us or 0) == 26 * HOUR_US
    assert "no episode" in finding.remedy


def test_those_that_end_together_are_one_finding() -> None:
    parts = [cut("P1.flow", 3000), *(cut(f"P1.x{number}", 1440 + number) for number in range(3)), cut("P1.late", 2000)]
    assert [finding.sensors for finding in ended(parts)] == [("P1.x0", "P1.x1", "P1.x2"), ("P1.late",)]


def test_a_few_minutes_and_a_stated_interval_by_exception_are_no_end() -> None:
    quiet = cut("P1.level", 2900, reporting="by_exception", period_s=3600.0)
    assert ended([cut("P1.flow", 3000), cut("P1.temp", 2992), quiet]) == []
    assert [finding.sure for finding in ended([cut("P1.flow", 3000), replace(quiet, period_s=600.0)])] == ["possible"]


def test_an_asset_that_ends_before_the_others_and_one_without_values() -> None:
    [finding] = ended([cut("P1.flow", 3000), cut("P2.flow", 1500), cut("P3.flow", 0)])
    assert (finding.asset, finding.sensors) == ("P2", ("P2.flow",))
    assert finding.what.startswith("ends 25 h before the other assets")
    assert ended([cut("P3.flow", 0)]) == ended([]) == []
    assert [item.sensors for item in ended([cut("P1.flow", 3000), cut("P1.once", 1)])] == [("P1.once",)]
