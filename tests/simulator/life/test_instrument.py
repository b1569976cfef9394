import numpy as np
import pytest

from simulator.life.instrument import DAY_S, SHARES, Trouble, corrupt, kept, troubles
from simulator.life.machine import Channel

PERIOD_S = 600
CHANNEL = Channel("vibration", "vibration", "mm/s", 2.0, 0.05, 0.01, 0.0, 25.0)


@pytest.mark.parametrize("kind", [kind for kind in SHARES if kind != "local time"])
def test_a_fault_changes_its_own_time_only(kind: str) -> None:
    sound = 2.0 + 0.1 * np.random.default_rng(1).normal(size=(2, 1000))
    values = sound.copy()
    corrupt(values, Trouble(0, kind, 2 * DAY_S, 4 * DAY_S), CHANNEL, np.random.default_rng(2), PERIOD_S)
    begin, end = 2 * DAY_S // PERIOD_S, 4 * DAY_S // PERIOD_S
    assert (values[:, :begin] == sound[:, :begin]).all()
    assert (values[:, end:] == sound[:, end:]).all()
    assert (values[0, begin:end] != sound[0, begin:end]).any()
    assert (values[1] == sound[1]).all() == (kind != "swapped")


def test_instruments_are_sound_while_baselines_are_taken() -> None:
    found = [each for seed in range(200) for each in troubles(7, 365 * DAY_S, np.random.default_rng(seed), quiet_s=70 * DAY_S)]
    assert found
    assert min(each.begin_s for each in found) >= 70 * DAY_S


def test_by_exception_keeps_changes_and_a_heartbeat() -> None:
    values = np.concatenate([np.full(20, 1.0), np.full(20, 2.0)])
    assert kept(values, CHANNEL, 9).tolist() == [0, 9, 18, 20, 27, 36]
