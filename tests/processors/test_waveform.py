import math

import numpy as np
import pytest

from processors.waveform import NAMES, SLOW_LOW_HZ, features, gaps, lowest_hz, reach
from tests.processors.oracle import motion

RATES = [(4096, 4096.0), (4096, 8192.0), (4096, 12_800.0), (16_384, 25_600.0), (5000, 10_000.0), (4095, 6000.0)]


@pytest.mark.parametrize(("size", "rate_hz"), RATES)
@pytest.mark.parametrize("hz", [50.0, 49.63, 24.77, 101.3, 997.0])
@pytest.mark.parametrize("phase", [0.0, 0.9, 2.2])
def test_a_sine_of_known_acceleration_gives_its_velocity_and_displacement(size: int, rate_hz: float, hz: float, phase: float) -> None:
    tones = [(hz, 10.0, phase)]
    found = features(motion.acceleration(tones, rate_hz, size), rate_hz)
    assert found["velocity_rms"] == pytest.approx(motion.velocity_rms(tones), rel=2e-4)
    assert found["displacement_rms"] == pytest.approx(motion.displacement_rms(tones), rel=1e-3)


@pytest.mark.parametrize("hz", [15.63, 16.0, 17.2, 18.75])
def test_five_lines_above_zero_are_enough(hz: float) -> None:
    tones = [(hz, 10.0, 0.4)]
    found = features(motion.acceleration(tones, 12_800.0, 4096), 12_800.0)  # lines 3.125 Hz apart
    assert found["velocity_rms"] == pytest.approx(motion.velocity_rms(tones), rel=1e-3)
    assert found["displacement_rms"] == pytest.approx(motion.displacement_rms(tones), rel=5e-3)


def test_a_line_at_the_low_limit_counts_whole() -> None:
    tones = [(10.0, 1.0, 1.0)]  # 600 r/min
    assert features(motion.acceleration(tones, 4096.0, 8192), 4096.0)["velocity_rms"] == pytest.approx(motion.velocity_rms(tones), rel=1e-3)


def test_tones_add_by_their_squares() -> None:
    tones = [(24.8, 0.8, 0.1), (49.6, 0.5, 1.0), (148.8, 2.0, 2.0), (1480.0, 30.0, 0.0), (4.0, 0.02, 0.0)]
    inside = tones[:3]
    found = features(motion.acceleration(tones, 12_800.0, 16_384), 12_800.0)
    assert found["velocity_rms"] == pytest.approx(motion.velocity_rms(inside), rel=1e-3)
    assert found["displacement_rms"] == pytest.approx(motion.displacement_rms(inside), rel=1e-3)


def test_slow_machines_count_from_2_hz() -> None:
    tones = [(5.1, 0.2, 0.5), (30.0, 0.2, 0.0)]
    values = motion.acceleration(tones, 2560.0, 8192)
    assert features(values, 2560.0)["velocity_rms"] == pytest.approx(motion.velocity_rms(tones[1:]), rel=1e-3)
    assert lowest_hz(300.0) == SLOW_LOW_HZ
    assert features(values, 2560.0, lowest_hz(300.0))["velocity_rms"] == pytest.approx(motion.velocity_rms(tones), rel=1e-3)


@pytest.mark.parametrize("size", [4096, 16_384])
def test_neither_an_offset_nor_a_drift_leaks(size: int) -> None:
    rate_hz, tones = 12_800.0, [(50.0, 1.0, 0.3)]
    t = np.arange(size) / rate_hz
    values = motion.acceleration(tones, rate_hz, size)
    drifts = {
        "offset": 1000.0 + 0 * t,
        "ramp": 500.0 * t,
        "warming": 5.0 * np.exp(-t / 3.0),
        "swell": 1.0 * np.sin(2 * np.pi * 0.2 * t + 1),
    }
    for name, drift in drifts.items():
        found = features(values + drift, rate_hz)
        assert found["velocity_rms"] == pytest.approx(motion.velocity_rms(tones), rel=1e-3), name
        assert found["displacement_rms"] == pytest.approx(motion.displacement_rms(tones), rel=3e-3), name


def test_noise_has_the_velocity_of_its_density() -> None:
    rate_hz, density = 12_800.0, 1e-4  # (m/s2)2 per Hz
    values = [np.random.default_rng(seed).normal(0, math.sqrt(density * rate_hz / 2), 32_768) for seed in range(20)]
    mean_square = np.mean([features(value, rate_hz)["velocity_rms"] ** 2 for value in values])
    df_hz = rate_hz / 32_768
    exact = 1e6 * density / (4 * math.pi**2) * (1 / (10.0 - 1.5 * df_hz) - 1 / 1000.0)  # lines stand for half a line on either side
    assert mean_square == pytest.approx(exact, rel=0.05)


def test_too_short_or_too_slow_is_told() -> None:
    assert gaps(4096, 12_800.0) == gaps(5000, 2560.0) == ()
    (short,) = gaps(2048, 25_600.0)
    assert short == "no velocity or displacement: 0.08 s reach down to 37.5 Hz, not to 10 Hz; record 0.3 s or more"
    assert "velocity_rms" not in features(np.ones(2048), 25_600.0)
    (slow,) = gaps(4096, 1000.0)
    assert slow == "velocity and displacement end at 391 Hz: 1000 values per second; for 1000 Hz record 2560 or more"
    assert "velocity_rms" in features(np.ones(4096), 1000.0)
    assert gaps(64, 20.0)[0].startswith("no velocity")
    assert "velocity_rms" not in features(np.ones(64), 20.0)
    assert reach(25_600, 25_600.0) == (3.0, 10_000.0)


def test_a_constant_is_no_vibration() -> None:
    assert max(features(np.full(8192, 9.81), 8192.0).values()) < 1e-12


def test_features_leave_the_values_alone_and_say_the_same_again() -> None:
    values = np.random.default_rng(5).normal(3.0, 1.0, 4096)
    before = values.copy()
    assert features(values, 8192.0) == features(values, 8192.0)
    assert np.array_equal(values, before)


def test_shape_features() -> None:
    values = np.random.default_rng(7).normal(2.0, 3.0, 65_536)
    found, centred = features(values, 8192.0), values - values.mean()
    assert found["acceleration_rms"] == pytest.approx(values.std(), rel=1e-12)
    assert found["acceleration_peak"] == np.abs(centred).max()
    assert found["kurtosis"] == pytest.approx(np.mean(centred**4) / values.std() ** 4, rel=1e-12)
    assert found["skew"] == pytest.approx(np.mean(centred**3) / values.std() ** 3, rel=1e-9)
    assert found["crest"] == pytest.approx(np.abs(centred).max() / values.std(), rel=1e-12)
    bands = math.sqrt(sum(found[name] ** 2 for name in ("band_low", "band_mid", "band_high")))
    assert bands == pytest.approx(found["acceleration_rms"], rel=0.01)


def test_all_names_of_features_are_known() -> None:
    assert features(np.random.default_rng(0).normal(size=65_536), 25_600.0).keys() == NAMES
