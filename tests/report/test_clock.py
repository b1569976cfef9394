from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from report.clock import ZONES, ahead, lagging, wall_clock
from report.series import HOUR_US, Series
from tests.report.building import noise, series

MINUTE_US = 60_000_000


def local(zone: str, begin: datetime, days: int) -> Series:
    """Readings every two minutes whose times are those of a wall clock, as if they were UTC."""
    hours = [begin + timedelta(hours=at) for at in range(24 * days)]
    shown = [round(hour.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC).timestamp() * 1e6) for hour in hours]
    ts = (np.array(shown, np.int64)[:, None] + np.arange(30) * 2 * MINUTE_US).ravel()
    return series(noise(5, 1, len(ts)), ts=ts)


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_local_times_is_certain_and_names_the_zone(zone: str) -> None:
    [finding] = wall_clock("P1", [local(zone, datetime(2024, 1, 1, tzinfo=UTC), 366)])
    assert finding.sure == "certain"
    assert finding.count == 2
    assert f"--tz {zone}" in finding.remedy


def test_spring_alone_is_likely_and_autumn_alone_certain() -> None:
    [spring] = wall_clock("P1", [local("Europe/Berlin", datetime(2024, 3, 20, tzinfo=UTC), 20)])
    [autumn] = wall_clock("P1", [local("Europe/Berlin", datetime(2024, 10, 20, tzinfo=UTC), 20)])
    assert (spring.sure, autumn.sure) == ("likely", "certain")


def test_utc_has_no_such_hours() -> None:
    assert wall_clock("P1", [local("UTC", datetime(2024, 1, 1, tzinfo=UTC), 366)]) == []
    assert wall_clock("P1", []) == []


def test_the_right_zone_needs_no_rows_in_order() -> None:
    rows = local("Europe/Berlin", datetime(2024, 10, 20, tzinfo=UTC), 20)
    ordered = series(rows.value, ts=np.sort(rows.ts))
    assert [item.sure for item in wall_clock("P1", [ordered])] == ["certain"]


def test_readings_newer_than_their_file() -> None:
    assert ahead("P1", 3 * HOUR_US, 3 * HOUR_US) == []
    [finding] = ahead("P1", 5 * HOUR_US, 3 * HOUR_US)
    assert "UTC+2" in finding.remedy


@pytest.mark.parametrize(("lag_us", "count"), [(2 * HOUR_US + MINUTE_US, 1), (2 * HOUR_US + 5 * MINUTE_US, 0), (MINUTE_US, 0)])
def test_live_readings_whole_hours_late(lag_us: int, count: int) -> None:
    rows = series(noise(5, 1, 100), lag_us=np.full(100, lag_us))
    assert len(lagging(rows)) == count
    assert lagging(series(noise(5, 1, 100))) == []
