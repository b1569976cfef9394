"""Times to a limit on ramps whose time is known, and on machines that stay as they are."""

import numpy as np
import pytest

from processors.layout import Floats
from processors.reach import Reach, reach


def noise(dice: np.random.Generator, count: int, memory: float) -> Floats:
    made = dice.normal(size=count)
    for day in range(1, count):
        made[day] = memory * made[day - 1] + np.sqrt(1.0 - memory**2) * made[day]
    return made


def axis(count: int) -> Floats:
    return np.arange(count, 0, -1) * np.float64(-24.0) + 12.0


def ramp(dice: np.random.Generator, count: int, *, rise: float, memory: float = 0.0) -> tuple[Floats, Floats]:
    """Days of a deviation that rises by `rise` a day; scatter 1."""
    x = axis(count)
    return x, rise * (x - x[0]) / 24.0 + noise(dice, count, memory)


def asked(x: Floats, y: Floats, target: float, *, seed: int = 1) -> Reach | str:
    return reach(x, y, target, beyond=0.5, tests=10, seed=seed, coverage=0.9)


def test_the_interval_holds_nine_tenths_of_known_ramps() -> None:
    dice = np.random.default_rng(11)
    inside, answered, asked_for = 0, 0, 0
    for memory in (0.0, 0.3):
        for count in (30, 60):
            for number in range(25):
                rise, ahead = 8.0 / count, count * dice.uniform(0.3, 2.0)
                x, y = ramp(dice, count, rise=rise, memory=memory)
                found = asked(x, y, rise * (ahead + (-x[0] / 24.0)), seed=number)
                asked_for += 1
                if isinstance(found, Reach):
                    answered += 1
                    inside += found.low <= 24.0 * ahead <= found.high
    assert answered > 0.7 * asked_for
    assert 0.84 <= inside / answered <= 0.98  # 95 % binomial interval of 0.9 at this count


def test_a_machine_that_stays_as_it_is_gets_no_time() -> None:
    dice = np.random.default_rng(12)
    said = [asked(axis(60), 0.5 * noise(dice, 60, 0.3), side * 10.0) for _ in range(50) for side in (-1.0, 1.0)]
    assert sum(isinstance(each, Reach) for each in said) <= 1


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_half_a_year_of_daily_looks_at_noise_says_nothing(memory: float) -> None:
    dice, said = np.random.default_rng(1), 0
    for _ in range(6):
        y = noise(dice, 180, memory)
        days = range(20, 181, 2)
        said += any(
            isinstance(reach(axis(day), y[:day], side * 10.0, beyond=0.5, tests=1, seed=1, coverage=0.9), Reach)
            for day in days
            for side in (-1.0, 1.0)
        )
    assert said == 0  # 1 % at each look found a trend in more than half of such series


def test_what_steepened_lately_is_read_from_its_last_days() -> None:
    dice = np.random.default_rng(13)
    x = axis(120)
    y = np.maximum(x + 24.0 * 20.0, 0.0) / 24.0 * 0.5 + 0.2 * dice.normal(size=120)
    found = asked(x, y, 20.0)
    assert isinstance(found, Reach)
    assert found.count <= 40
    assert found.hours == pytest.approx(24.0 * 20.0, rel=0.2)


@pytest.mark.parametrize(
    ("y", "target", "reason"),
    [
        (np.arange(12.0), 20.0, "12 of 13 days"),
        (np.arange(30.0) * 0.01, 20.0, "no trend"),  # beneath what matters
        (np.arange(30.0), -20.0, "no trend"),  # away from this limit
        (np.full(30, 3.0), 20.0, "no trend"),
        (np.arange(30.0), 1000.0, "times as far ahead"),
    ],
)
def test_why_there_is_no_time(y: Floats, target: float, reason: str) -> None:
    found = asked(axis(len(y)), y, target)
    assert isinstance(found, str)
    assert reason in found


def test_beyond_the_limit_no_time_is_left() -> None:
    x, y = ramp(np.random.default_rng(14), 30, rise=1.0)
    found = asked(x, y, 20.0)
    assert isinstance(found, Reach)
    assert (found.hours, found.low) == (0.0, 0.0)


def test_equal_seeds_give_equal_bits() -> None:
    x, y = ramp(np.random.default_rng(15), 40, rise=0.4)
    assert asked(x, y, 30.0) == asked(x, y, 30.0) != asked(x, y, 30.0, seed=2)


def test_smooth_wear_that_speeds_up_is_a_trend_though_its_days_remember_one_another() -> None:
    x = axis(60)
    found = asked(x, 0.3 * np.exp((x - x[0]) / 24.0 / 15.0), 30.0)
    assert isinstance(found, Reach)
    assert found.hours > 24.0 * 60.0 * 0.1  # a straight line is late, never silent
