from datetime import UTC, datetime

import pytest

from simulator.replay.clock import Clock, TimeError

ZURICH = "Europe/Zurich"


def utc(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def test_local_times_follow_summer_and_winter() -> None:
    clock = Clock(ZURICH)
    assert clock.read("2024-01-15 12:00:00") == utc("2024-01-15 11:00")
    assert clock.read("2024-07-15 12:00:00.25") == utc("2024-07-15 10:00:00.250000")


def test_an_offset_of_its_own_wins_over_the_zone() -> None:
    assert Clock(ZURICH).read("2024-07-15T12:00:00Z") == utc("2024-07-15 12:00")
    assert Clock(ZURICH).read("2024-07-15T12:00:00-05:00") == utc("2024-07-15 17:00")


def test_a_time_that_never_was_is_refused_shifted_or_skipped() -> None:
    with pytest.raises(TimeError, match=r"02:30:00 never was in Europe/Zurich .* --gap forward or --gap skip"):
        Clock(ZURICH).read("2024-03-31 02:30:00")
    assert Clock(ZURICH, gap="forward").read("2024-03-31 02:30:00") == utc("2024-03-31 01:30")  # 03:30 summer time
    assert Clock(ZURICH, gap="skip").read("2024-03-31 02:30:00") is None
    assert Clock(ZURICH).read("2024-03-31 01:59:59") == utc("2024-03-31 00:59:59")
    assert Clock(ZURICH).read("2024-03-31 03:00:00") == utc("2024-03-31 01:00")


def test_a_time_that_was_twice_is_refused_or_chosen() -> None:
    with pytest.raises(TimeError, match=r"02:30:00 was twice .* --overlap first, second, or order"):
        Clock(ZURICH).read("2024-10-27 02:30:00")
    assert Clock(ZURICH, overlap="first").read("2024-10-27 02:30:00") == utc("2024-10-27 00:30")
    assert Clock(ZURICH, overlap="second").read("2024-10-27 02:30:00") == utc("2024-10-27 01:30")


@pytest.mark.parametrize("step_min", [10, 30, 60])
def test_the_order_of_the_rows_decides_which_of_the_two_hours_it_is(step_min: int) -> None:
    start, step = utc("2024-10-26 22:00"), step_min * 60_000_000
    truth = [start + n * step for n in range(6 * 60 // step_min)]
    offsets = [2 if moment < utc("2024-10-27 01:00") else 1 for moment in truth]
    walls = [
        datetime.fromtimestamp(moment / 1e6 + hours * 3600, UTC).replace(tzinfo=None) for moment, hours in zip(truth, offsets, strict=True)
    ]
    clock = Clock(ZURICH, overlap="order")
    assert [clock.read(wall.isoformat(), "a") for wall in walls] == truth


def test_sensors_are_ordered_each_for_itself() -> None:
    clock = Clock(ZURICH, overlap="order")
    assert clock.read("2024-10-27 02:30:00", "a") == utc("2024-10-27 00:30")
    assert clock.read("2024-10-27 02:10:00", "b") == utc("2024-10-27 00:10")
    assert clock.read("2024-10-27 02:20:00", "a") == utc("2024-10-27 01:20")
    assert clock.read("2024-10-27 02:20:00", "b") == utc("2024-10-27 00:20")


@pytest.mark.parametrize(
    ("form", "cell"), [("s", "1700000000"), ("s", "1700000000.0"), ("ms", "1700000000000"), ("us", "1700000000000000")]
)
def test_numbers_since_1970(form: str, cell: str) -> None:
    assert Clock(form=form).read(cell) == 1_700_000_000_000_000


def test_patterns_and_wrong_cells() -> None:
    assert Clock(form="%d.%m.%Y %H:%M").read("15.01.2024 12:30") == utc("2024-01-15 12:30")
    with pytest.raises(TimeError, match="does not fit"):
        Clock(form="%d.%m.%Y").read("2024-01-15")
    with pytest.raises(TimeError, match="no number of ms since 1970"):
        Clock(form="ms").read("noon")


def test_an_unknown_zone_is_told() -> None:
    with pytest.raises(TimeError, match="no time zone 'Mars/Base' on this machine"):
        Clock("Mars/Base")
