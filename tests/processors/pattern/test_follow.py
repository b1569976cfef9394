"""The follower against the same rules in plain Python, and as a stream."""

import numpy as np

from processors.pattern.follow import Follower, Memory, Tuning, begin, calibrate, follow

TUNING = Tuning(drift=1.0, high=2.0, low=1.0, rows_on=2, rows_off=3, follow=0.01)
Rows = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def rig() -> tuple[Rows, Rows]:
    random = np.random.default_rng(1)
    rows = random.normal(size=(500, 4)) @ random.normal(size=(4, 4)) + 5.0
    rows[400:450, 1] += 12.0
    return rows[:300], rows[300:]


def oracle(rows: Rows, follower: Follower, tuning: Tuning) -> tuple[Rows, list[bool]]:
    smooth = centre = np.zeros(rows.shape[1])
    volatility, scores, alarms = np.ones(rows.shape[1]), [], []
    over = under = 0
    active = False
    for number, row in enumerate(rows):
        z = np.clip((row - follower.scale.centre) / follower.scale.spread - centre, -12.0, 12.0)
        smooth = z if number == 0 else smooth + tuning.weight * (z - smooth)
        volatility = volatility + tuning.weight * ((z - smooth) ** 2 - volatility)
        restless = (np.maximum(np.log(volatility + 0.05), 0.0) ** 2).sum()
        sums = ((follower.within @ smooth) ** 2).sum(), ((follower.beside @ smooth) ** 2).sum(), restless
        scores.append(np.array(sums) / follower.limits)
        largest = scores[-1].max()
        over = over + 1 if largest > tuning.high else (over if active and largest >= tuning.low else 0)
        under = under + 1 if largest < tuning.low else (0 if largest > tuning.high else under)
        active = (active or over >= tuning.rows_on) and not (under >= tuning.rows_off)
        alarms.append(active)
        step = tuning.follow * (0.1 if active or largest >= tuning.high else 1.0)
        centre, smooth = centre + step * smooth, smooth - step * smooth
    return np.array(scores), alarms


def test_the_kernel_agrees_with_plain_python() -> None:
    healthy, rows = rig()
    follower = calibrate(healthy, TUNING)
    found = follow(rows, follower, TUNING, begin(4))
    scores, alarms = oracle(rows, follower, TUNING)
    assert np.allclose(found.scores, scores, rtol=1e-9)
    assert found.alarm.tolist() == alarms
    assert found.alarm[100:150].mean() > 0.9
    assert found.alarm[:100].mean() < 0.1


def test_row_by_row_equals_the_whole_recording() -> None:
    healthy, rows = rig()
    follower, memory = calibrate(healthy, TUNING), begin(4)
    parts = [follow(row[None], follower, TUNING, memory) for row in rows]
    whole = follow(rows, follower, TUNING, begin(4))
    assert np.concatenate([part.scores for part in parts]).tolist() == whole.scores.tolist()
    assert np.concatenate([part.alarm for part in parts]).tolist() == whole.alarm.tolist()


def test_contributions_sum_to_t2_plus_spe() -> None:
    healthy, rows = rig()
    found = follow(rows, calibrate(healthy, TUNING), TUNING, begin(4))
    assert np.allclose(found.contributions.sum(axis=1), found.scores[:, 0] + found.scores[:, 1], rtol=1e-9)
    assert found.contributions[120].argmax() == 1


def test_the_memory_is_constant() -> None:
    memory = begin(4)
    assert isinstance(memory, Memory)
    assert (memory.channels.shape, memory.counts.shape) == ((3, 4), (4,))
