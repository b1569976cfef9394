import numpy as np
import pytest

from processors.baseline import Bounds, Proposal, Refusal, propose
from processors.hold import DAY_US, Readings, longest_us, sampled, step
from processors.outcome import MODE_SHIFT, Flag
from processors.reference import BLOCK_US

NAN = float("nan")


def readings(*found: tuple[float, float, int]) -> Readings:
    """Minute, value, flags of each."""
    minutes, values, flags = zip(*found, strict=True)
    return Readings(np.array([int(each * 60_000_000) for each in minutes]), np.array(values), np.array(flags))


def values(found: Readings) -> dict[int, float]:
    return dict(zip((found.ts // BLOCK_US).tolist(), found.value.tolist(), strict=True))


def test_a_value_holds_until_the_next_and_no_longer_than_a_day() -> None:
    found = sampled(readings((-5, 1.0, 0), (25, 2.0, 0), (26, 3.0, 0)), 0, 2 * DAY_US, longest_us(None))
    assert [values(found)[span] for span in range(4)] == [1.0, 1.0, 3.0, 3.0]
    assert max(values(found)) == 146, "a day after minute 26"


def test_nothing_holds_from_a_reading_without_a_sound_value_on() -> None:
    assert values(sampled(readings((1, 1.0, 0), (15, NAN, 0), (35, 2.0, 0)), 0, 5 * BLOCK_US, DAY_US)) == {0: 1.0, 3: 2.0, 4: 2.0}


def test_a_limit_that_was_passed_between_samples_was_passed() -> None:
    beyond = int(Flag.LIMIT)
    found = sampled(readings((1, 1.0, 0), (12, 9.0, beyond), (13, 1.0, 0), (35, 9.0, beyond)), 0, 6 * BLOCK_US, DAY_US)
    assert ((found.flags & beyond) != 0).tolist() == [False, True, False, True, True, True]


def test_the_mode_is_that_of_the_window_for_the_value_holds_on_when_the_machine_stops() -> None:
    starts = np.array([0, 2, 4]) * BLOCK_US
    modes = np.array([2 << MODE_SHIFT, int(Flag.TRANSIENT), 1 << MODE_SHIFT])
    found = sampled(readings((1, 1.0, 2 << MODE_SHIFT)), 0, 6 * BLOCK_US, DAY_US, (starts, modes))
    assert (found.flags >> MODE_SHIFT).tolist() == [2, 2, 0, 0, 1, 1]
    assert ((found.flags & int(Flag.TRANSIENT)) != 0).tolist() == [False, False, True, True, False, False]
    assert (sampled(readings((1, 1.0, 2 << MODE_SHIFT)), 0, BLOCK_US, DAY_US).flags >> MODE_SHIFT).tolist() == [2]


def test_nothing_comes_of_nothing() -> None:
    empty = Readings(np.array([], np.int64), np.array([]), np.array([], np.int64))
    assert len(sampled(empty, 0, DAY_US, DAY_US).ts) == 0
    assert step(np.array([NAN])) == 0.0


def steady() -> Readings:
    """Seven days with some four readings a day, most of them in one busy hour far off."""
    rng = np.random.default_rng(3)
    calm = [(day * 1440 + hour * 60, 50.0 + 0.2 * int(rng.integers(-1, 2)), 0) for day in range(7) for hour in (0, 8, 16)]
    busy = [(3 * 1440 + 600 + each, 60.0, 0) for each in range(59)]
    back = [(3 * 1440 + 660, 50.0, 0)]
    return readings(*sorted([*calm, *busy, *back]))


def test_time_counts_and_not_the_number_of_readings() -> None:
    raw = steady()
    assert isinstance(propose(raw.ts, raw.value, raw.flags), Refusal), "by readings there are too few spans"
    found = sampled(raw, 0, 7 * DAY_US, longest_us(None))
    change = step(raw.value)
    made = propose(found.ts, found.value, found.flags, bounds=Bounds(step=change))
    assert isinstance(made, Proposal)
    assert made.normal == pytest.approx(50.0, abs=0.21)
    assert made.sway >= change == pytest.approx(0.2, abs=0.21), "what changes without a report is no deviation"
    assert made.readings == 7 * 144


def test_a_value_that_never_changed_needs_a_resolution() -> None:
    found = sampled(readings((0, 50.0, 0), (1440, 50.0, 0)), 0, 2 * DAY_US, DAY_US)
    refused = propose(found.ts, found.value, found.flags, bounds=Bounds(step=0.0))
    assert isinstance(refused, Refusal)
    assert "resolution" in refused.reasons[0]
    made = propose(found.ts, found.value, found.flags, bounds=Bounds(resolution=0.5, step=0.0))
    assert isinstance(made, Proposal)
    assert (made.normal, made.spread, made.sway) == (50.0, 0.5, 0.5)
