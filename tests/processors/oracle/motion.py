"""What a sum of sines moves, exactly: rms velocity and displacement of known accelerations."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Tone = tuple[float, float, float]  # Hz, acceleration amplitude in m/s2, phase


def acceleration(tones: Sequence[Tone], rate_hz: float, size: int) -> npt.NDArray[np.float64]:
    """The waveform in m/s2."""
    t, found = np.arange(size) / rate_hz, np.zeros(size)
    for hz, amplitude, phase in tones:
        found += amplitude * np.sin(2 * np.pi * hz * t + phase)
    return found


def velocity_rms(tones: Sequence[Tone]) -> float:
    """In mm/s."""
    return 1e3 * math.sqrt(sum((amplitude / (2 * math.pi * hz)) ** 2 / 2 for hz, amplitude, _ in tones))


def displacement_rms(tones: Sequence[Tone]) -> float:
    """In um."""
    return 1e6 * math.sqrt(sum((amplitude / (2 * math.pi * hz) ** 2) ** 2 / 2 for hz, amplitude, _ in tones))


def lines(values: npt.NDArray[np.float64]) -> list[float]:
    """Mean square per line under a Hann window, straight from the definition: one sum per line, no FFT."""
    n = len(values)
    hann = [0.5 - 0.5 * math.cos(2 * math.pi * i / n) for i in range(n)]
    found = []
    for k in range(n // 2 + 1):
        real = sum(hann[i] * values[i] * math.cos(2 * math.pi * k * i / n) for i in range(n))
        imaginary = sum(hann[i] * values[i] * math.sin(2 * math.pi * k * i / n) for i in range(n))
        sides = 1 if k == 0 or 2 * k == n else 2
        found.append(sides * (real**2 + imaginary**2) / (n * sum(value * value for value in hann)))
    return found
