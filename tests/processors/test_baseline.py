import numpy as np
import numpy.typing as npt
import pytest

from processors import reference
from processors.baseline import Bounds, Proposal, Refusal, align, propose
from processors.options import Options, parameters
from processors.outcome import Flag

PERIOD_US = 200_000_000
DAY = 432  # readings


def times(days: int) -> npt.NDArray[np.int64]:
    return 1_700_006_400_000_000 + PERIOD_US * np.arange(days * DAY, dtype=np.int64)


def noise(count: int, seed: int = 1, keep: float = 0.0) -> npt.NDArray[np.float64]:
    random = np.random.default_rng(seed)
    found: npt.NDArray[np.float64] = random.standard_normal(count) * np.sqrt(1.0 - keep**2)
    for step in range(1, count):
        found[step] += keep * found[step - 1]
    return found


def flags(count: int) -> npt.NDArray[np.int64]:
    return np.zeros(count, np.int64)


def accepted(found: Proposal | Refusal) -> Proposal:
    assert isinstance(found, Proposal)
    return found


def test_level_and_scales_are_robust() -> None:
    ts = times(10)
    value = 5.0 + 0.2 * noise(len(ts))
    value[::50] += 100.0
    found = accepted(propose(ts, value, flags(len(ts))))
    assert found.normal == pytest.approx(5.0, abs=0.02)
    assert found.spread == pytest.approx(0.2, rel=0.1)
    assert (found.begin, found.end, found.readings) == (ts[0], ts[-1], len(ts))


def test_white_noise_keeps_the_scale_of_its_means() -> None:
    ts = times(20)
    assert accepted(propose(ts, noise(len(ts)), flags(len(ts)))).sway == pytest.approx(1 / np.sqrt(3), rel=0.25)


@pytest.mark.parametrize("keep", [0.9, 0.99])
def test_the_period_itself_raises_no_drift(keep: float) -> None:
    ts = times(60)
    value = noise(len(ts), keep=keep)
    found = accepted(propose(ts, value, flags(len(ts))))
    above = below = highest = 0.0
    for mean in value.reshape(-1, 3).mean(axis=1):
        u = np.clip((mean - found.normal) / found.sway, -6, 6)
        above, below = max(0.0, above + u - 1), max(0.0, below - u - 1)
        highest = max(highest, above, below)
    assert highest < 0.6 * reference.bar(parameters(Options())[0], 60.0)


def test_drivers_are_found_although_the_machine_was_warming_up() -> None:
    ts = times(30)
    count = len(ts)
    ambient = 15.0 + 5.0 * np.sin(2 * np.pi * np.arange(count) / DAY) + 0.1 * noise(count, 2)
    load = 60.0 + 5.0 * noise(count, 3, keep=0.99)
    cold = np.exp(-(np.arange(count) % DAY) / 20.0)  # every morning, when it is also colder outside
    value = 30.0 + 1.0 * ambient + 0.2 * load - 8.0 * cold + 0.3 * noise(count, 4)
    found = accepted(propose(ts, value, flags(count), {"pump.ambient": ambient, "pump.load": load}))
    shares = {share.sensor_id: share for share in found.drivers}
    assert shares["pump.ambient"].slope == pytest.approx(1.0, abs=0.03)
    assert shares["pump.load"].slope == pytest.approx(0.2, abs=0.01)
    assert shares["pump.load"].centre == pytest.approx(np.median(load))


def test_what_explains_nothing_is_left_out() -> None:
    ts = times(10)
    constant = np.full(len(ts), 7.0)
    found = accepted(propose(ts, noise(len(ts)), flags(len(ts)), {"a": constant, "b": noise(len(ts), 2)}))
    assert found.drivers == ()


def test_a_constant_sensor_has_the_scale_of_its_resolution() -> None:
    ts = times(3)
    found = accepted(propose(ts, np.full(len(ts), 2.0), flags(len(ts)), bounds=Bounds(resolution=0.1)))
    assert found.spread == pytest.approx(0.03)
    assert found.sway > 0.0


def test_less_than_a_day_is_refused() -> None:
    ts = times(1)[:-3]
    found = propose(ts, noise(len(ts)), flags(len(ts)))
    assert isinstance(found, Refusal)
    assert found.reasons == ("23.8 h of settled readings, at least 24 h are needed",)


def test_transients_and_unsound_readings_do_not_count() -> None:
    ts = times(3)
    marked = flags(len(ts))
    marked[: 2 * DAY + 10] |= int(Flag.TRANSIENT)
    assert isinstance(propose(ts, noise(len(ts)), marked), Refusal)


@pytest.mark.parametrize(
    ("bounds", "beyond", "reason"),
    [
        (Bounds(), 1, "1 readings beyond a limit"),
        (Bounds(zone_c=4.5), 0, "zone C or D, which begins at 4.5"),
        (Bounds(peers=(1.0, 1.1, 0.9, 1.2, 0.8)), 0, "robust sigmas from its class (1)"),
    ],
)
def test_rules_that_a_person_may_overrule(bounds: Bounds, beyond: int, reason: str) -> None:
    ts = times(3)
    marked = flags(len(ts))
    marked[:beyond] |= int(Flag.LIMIT)
    found = propose(ts, 5.0 + noise(len(ts)), marked, bounds=bounds)
    assert isinstance(found, Refusal)
    assert found.proposal is not None
    assert reason in found.reasons[0]


def test_few_peers_say_nothing() -> None:
    ts = times(3)
    accepted(propose(ts, 5.0 + noise(len(ts)), flags(len(ts)), bounds=Bounds(peers=(1.0, 1.1, 0.9))))


def test_a_slow_sensor_is_judged_by_its_single_readings() -> None:
    ts = times(40)[::3]
    found = propose(ts, noise(len(ts)), flags(len(ts)))
    assert isinstance(found, Proposal)
    assert found.sway == pytest.approx(found.spread, rel=0.3)


def test_drivers_are_taken_at_or_before_the_reading() -> None:
    assert align(np.array([1, 5, 9]), np.array([2, 5]), np.array([7.0, 8.0])).tolist()[1:] == [8.0, 8.0]
    assert np.isnan(align(np.array([1]), np.array([], np.int64), np.array([]))).all()


def test_readings_an_hour_apart_count_their_hours() -> None:
    ts = np.arange(30) * 3_600_000_000
    assert isinstance(propose(ts, 5.0 + np.random.default_rng(1).normal(size=30), np.zeros(30, np.int64)), Proposal)
    assert isinstance(propose(ts[:20], np.arange(20.0), np.zeros(20, np.int64)), Refusal)


def test_half_a_day_can_be_forced_and_an_hour_cannot() -> None:
    ts = times(1)[:216]
    found = propose(ts, 5.0 + noise(216), np.zeros(216, np.int64))
    assert isinstance(found, Refusal)
    assert found.reasons == ("12.0 h of settled readings, at least 24 h are needed",)
    assert found.proposal is not None
    little = propose(ts[:18], 5.0 + noise(18), np.zeros(18, np.int64))
    assert isinstance(little, Refusal)
    assert little.proposal is None
