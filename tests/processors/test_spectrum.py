import math

import numpy as np
import pytest

from processors import spectrum
from tests.processors.oracle import motion


def noise(size: int, seed: int = 3) -> spectrum.Floats:
    return np.random.default_rng(seed).normal(0.0, 2.0, size)


def hann_mean_square(values: spectrum.Floats) -> float:
    n = len(values)
    time = np.arange(n) - n / 2
    hann = 0.5 + 0.5 * np.cos(2 * np.pi * time / n)
    slope, level = np.polyfit(time, values, 1, w=np.sqrt(hann))  # the weights of polyfit are squared
    tapered = (values - level - slope * time) * hann
    return float(np.sum(tapered**2) / np.sum(hann**2))


@pytest.mark.parametrize("size", [64, 255, 4096, 10_001])
def test_lines_sum_to_the_mean_square(size: int) -> None:
    values = noise(size) + 7.0 + np.linspace(0.0, 3.0, size)
    found = spectrum.spectrum(values, 1000.0)
    assert spectrum.total(found) ** 2 == pytest.approx(hann_mean_square(values), rel=1e-9)
    assert float(spectrum.power(values).sum()) == pytest.approx(hann_mean_square(values), rel=1e-9)


@pytest.mark.parametrize("size", [64, 65])
def test_lines_are_what_the_definition_says(size: int) -> None:
    values = noise(size)
    time = np.arange(size) - size / 2
    hann = 0.5 + 0.5 * np.cos(2 * np.pi * time / size)
    slope, level = np.polyfit(time, values, 1, w=np.sqrt(hann))
    assert spectrum.power(values) == pytest.approx(motion.lines(values - level - slope * time), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("kind", "factor", "integrations"), [("acceleration", 1.0, 0), ("velocity", 1e3, 1), ("displacement", 1e6, 2)])
@pytest.mark.parametrize("hz", [100.0, 100.2, 100.37, 100.5])
def test_a_line_has_its_rms_value_wherever_it_stands(kind: str, factor: float, integrations: int, hz: float) -> None:
    values = motion.acceleration([(hz, 3.0, 0.7)], 8192.0, 8192)
    where, rms = spectrum.line(spectrum.spectrum(values, 8192.0, kind), 100.0, 0.01)
    assert where == pytest.approx(hz, abs=0.02)
    assert rms == pytest.approx(factor * 3.0 / math.sqrt(2) / (2 * math.pi * hz) ** integrations, rel=1e-3)


def test_a_line_beyond_the_spectrum_is_no_number() -> None:
    assert all(math.isnan(value) for value in spectrum.line(spectrum.spectrum(noise(256), 256.0), 200.0, 0.02))


def test_silence_has_lines_of_zero() -> None:
    assert spectrum.line(spectrum.spectrum(np.zeros(256), 256.0), 50.0) == (50.0, 0.0)


def test_total_of_a_part() -> None:
    values = motion.acceleration([(50.0, 3.0, 0.0), (120.0, 4.0, 0.0)], 1024.0, 4096)
    found = spectrum.spectrum(values, 1024.0)
    assert spectrum.total(found, 100.0, 200.0) == pytest.approx(4.0 / math.sqrt(2), rel=1e-4)
    assert spectrum.total(found, 2000.0) == 0.0


@pytest.mark.parametrize("lines_max", [100, 700, 1600])
def test_a_compact_spectrum_keeps_energy_and_places(lines_max: int) -> None:
    values = noise(16_384) + motion.acceleration([(1000.0, 20.0, 0.0)], 8192.0, 16_384)
    whole = spectrum.spectrum(values, 8192.0, "velocity")
    small = spectrum.compact(whole, lines_max=lines_max)
    assert len(small.amplitude) <= lines_max
    assert spectrum.total(small) == pytest.approx(spectrum.total(whole), rel=1e-12)
    assert spectrum.line(small, 1000.0, 0.02)[0] == pytest.approx(1000.0, abs=small.df_hz)
    assert small.first_hz == pytest.approx((small.df_hz - whole.df_hz) / 2)


def test_a_spectrum_is_cut_at_the_highest_frequency() -> None:
    whole = spectrum.spectrum(noise(4096), 25_600.0)
    cut = spectrum.compact(whole, 1000.0)
    assert (cut.df_hz, cut.enbw_lines, len(cut.amplitude)) == (whole.df_hz, 1.5, 160)
    assert np.array_equal(cut.amplitude, whole.amplitude[:160])
    assert len(spectrum.compact(whole, 10_000.0).amplitude) == 1600  # what 4096 values are worth


def test_a_record_holds_plain_values() -> None:
    found = spectrum.compact(spectrum.spectrum(noise(4096), 8192.0), 1000.0)
    record = spectrum.record("pump-7", "pump-7.DE.vib", 1_700_000_000_000_000, found)
    assert {name: record[name] for name in ("kind", "unit", "df_hz", "first_hz", "enbw_lines")} == {
        "kind": "acceleration",
        "unit": "m/s2",
        "df_hz": 2.0,
        "first_hz": 0.0,
        "enbw_lines": 1.5,
    }
    assert np.frombuffer(record["amplitude_f4"], "<f4") == pytest.approx(found.amplitude, rel=1e-6)
