"""Features of a vibration waveform: plain numpy, one frame at a time.

Velocity and displacement come from acceleration by integration in the frequency domain, between 10 and 1000 Hz
(ISO 20816-1). The mean is taken off and a Hann window keeps leakage of the low lines, which integration lifts, out of the band.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

VALUES_MIN: Final = 64
BANDS: Final = {  # lowest and highest Hz, integrations, factor to the unit
    "velocity_rms": (10.0, 1000.0, 1, 1e3),
    "displacement_rms": (10.0, 1000.0, 2, 1e6),
    "band_low": (2.0, 10.0, 0, 1.0),
    "band_mid": (10.0, 1000.0, 0, 1.0),
    "band_high": (1000.0, np.inf, 0, 1.0),
}


def features(values: npt.NDArray[np.float64], rate_hz: float) -> dict[str, float]:
    """Features of an acceleration waveform.

    Args:
        values: acceleration in m/s2, finite, at least VALUES_MIN.
        rate_hz: values per second.

    Returns:
        acceleration_rms and acceleration_peak (m/s2); kurtosis (3 for a normal distribution), skew and crest (no unit, 0 for
        a constant); velocity_rms (mm/s) and displacement_rms (um) between 10 and 1000 Hz; the rms acceleration (m/s2) of
        the bands low, mid and high. A band without a spectral line is left out.

    >>> t = np.arange(8192) / 8192
    >>> found = features(10 * np.sin(2 * np.pi * 50 * t), 8192)
    >>> round(found["velocity_rms"], 2), round(found["crest"], 2), round(found["kurtosis"], 2)
    (22.51, 1.41, 1.5)
    """
    centred = values - values.mean()
    rms = float(np.sqrt(np.mean(centred * centred)))
    peak = float(np.max(np.abs(centred)))
    frequency, power = spectrum(centred, rate_hz)
    found = {
        "acceleration_rms": rms,
        "acceleration_peak": peak,
        "kurtosis": 0.0 if rms == 0 else float(np.mean(centred**4)) / rms**4,
        "skew": 0.0 if rms == 0 else float(np.mean(centred**3)) / rms**3,
        "crest": 0.0 if rms == 0 else peak / rms,
    }
    for name, (low, high, integrations, unit) in BANDS.items():
        inside = (frequency >= low) & (frequency < high)
        if inside.any():
            found[name] = unit * float(np.sqrt(np.sum(power[inside] / (2.0 * np.pi * frequency[inside]) ** (2 * integrations))))
    return found


def spectrum(centred: npt.NDArray[np.float64], rate_hz: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Frequencies (Hz) and mean-square acceleration per line; the lines sum to the mean square of the signal.

    >>> frequency, power = spectrum(np.sin(2 * np.pi * 8 * np.arange(256) / 256), 256.0)
    >>> float(frequency[power.argmax()]), round(float(power.sum()), 6)
    (8.0, 0.5)
    """
    window = np.hanning(len(centred) + 1)[:-1]  # periodic
    lines = np.fft.rfft(centred * window)
    power = (lines.real**2 + lines.imag**2) / (len(centred) * np.sum(window * window))
    power[1:] *= 2.0  # the negative frequencies
    if len(centred) % 2 == 0:
        power[-1] *= 0.5
    return np.arange(len(power), dtype=np.float64) * (rate_hz / len(centred)), power
