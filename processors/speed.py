"""The speed of a shaft as its own vibration shows it: catalogues know the rated speed, motors slip by some percent."""

from typing import Final

import numpy as np

from processors.envelope import floor
from processors.spectrum import Spectrum, line

HARMONICS: Final = 3
WITHIN: Final = 0.03
AROUND: Final = 50
STANDS_OUT: Final = 8.0  # times the median amplitude


def turning_hz(velocity: Spectrum, rated_hz: float, within: float = WITHIN) -> float | None:
    """Frequency of rotation near the rated one: of the strongest of the first three lines of the shaft; None if none stands out.

    Args:
        velocity: velocity spectrum, all lines (not a compact one).
        rated_hz: rated speed / 60.
        within: how far the speed may lie beside it, as share.

    >>> from processors.spectrum import spectrum
    >>> values = np.sin(2 * np.pi * 24.61 * np.arange(8192) / 4096) + np.random.default_rng(1).normal(0, 0.5, 8192)
    >>> round(turning_hz(spectrum(values, 4096.0, "velocity"), 25.0), 1)
    24.6
    """
    noise = floor(velocity.amplitude, AROUND)
    found = []
    for harmonic in range(1, HARMONICS + 1):
        hz, rms = line(velocity, harmonic * rated_hz, within)
        if np.isfinite(hz) and rms > STANDS_OUT * noise[round(hz / velocity.df_hz)]:
            found.append((rms, hz / harmonic))
    return max(found)[1] if found else None
