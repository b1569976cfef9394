import numpy as np
import pytest

from processors.bearing import OUTER, orders
from processors.envelope import Envelope, NoEnvelope, bands, envelope, peaks
from processors.spectrum import line
from tests.processors import bearings

RATE_HZ = bearings.RATE_HZ


def enveloped(values: bearings.Floats, band_hz: tuple[float, float] | None = None) -> Envelope:
    found = envelope(values, RATE_HZ, band_hz=band_hz)
    assert isinstance(found, Envelope)
    return found


@pytest.mark.parametrize("hz", [37.0, 93.31, 240.5])
def test_the_beat_of_a_carrier_has_its_exact_amplitude(hz: float) -> None:
    """(1 + m cos b)^2 / 2 * 4 ... the analytic signal's square is A2 (1 + m cos b)2: the line at b has the amplitude 2 m A2."""
    t = np.arange(32_768) / RATE_HZ
    found = enveloped(3.0 * (1 + 0.4 * np.cos(2 * np.pi * hz * t)) * np.cos(2 * np.pi * 3000.7 * t), (2000.0, 4000.0))
    where, rms = line(found.spectrum, hz, 0.01)
    assert where == pytest.approx(hz, abs=0.05)
    assert rms == pytest.approx(2 * 0.4 * 9.0 / np.sqrt(2), rel=5e-3)


def test_a_steady_tone_beats_with_nothing() -> None:
    t = np.arange(32_768) / RATE_HZ
    found = enveloped(np.sin(2 * np.pi * 3000.3 * t) + 50.0 * np.sin(2 * np.pi * 29.17 * t), (2000.0, 4000.0))
    assert found.band.kurtosis == pytest.approx(-1.0, abs=0.01)
    assert line(found.spectrum, 100.0, 0.5)[1] < 0.03  # the tapered ends remain


def test_the_band_of_the_resonance_is_chosen() -> None:
    for seed in range(10):
        found = enveloped(bearings.damaged(OUTER, seed, snr_db=-6.0) + bearings.imbalance(20.0))
        assert found.band.low_hz < bearings.RIG.resonance_hz < found.band.high_hz
        assert found.band.kurtosis > 0.1


def test_the_same_values_give_the_same_envelope() -> None:
    values = bearings.damaged(OUTER, 1, snr_db=-6.0)
    one, two = enveloped(values), enveloped(values.copy())
    assert one.band == two.band
    assert one.spectrum.amplitude.tobytes() == two.spectrum.amplitude.tobytes()


def test_the_line_of_the_outer_ring_stands_out() -> None:
    found = enveloped(bearings.damaged(OUTER, 3, snr_db=0.0))
    expected = orders(bearings.BALL)[OUTER] * bearings.SHAFT_HZ
    (hz, ratio), *_ = peaks(found.spectrum, 3, 8.0)
    assert hz == pytest.approx(expected, rel=0.02)
    assert ratio > 20.0


def test_a_rate_without_a_band_is_told() -> None:
    assert envelope(np.zeros(4096), 2560.0) == NoEnvelope("2560 values per second leave no band of 1000 Hz: record 3840 or more")


def test_silence_has_an_envelope_of_zero() -> None:
    found = enveloped(np.zeros(8192))
    assert found.spectrum.amplitude.max() == found.band.kurtosis == 0.0
    assert list(peaks(found.spectrum, 3, 8.0)) == []


def test_candidates_are_not_narrower_than_asked() -> None:
    found = bands(RATE_HZ, 1000.0)
    assert min(high - low for low, high in found) >= 1000.0
    assert len(found) == len(set(found)) == 1 + 2 + 3 + 4 + 6
