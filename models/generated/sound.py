"""Sound of pumps at 16 kHz: tones of the motor in broad flow noise; abnormal clips rattle, whistle or boil. One second a clip."""

from typing import Final

import numpy as np

from models.table import FloatArray

RATE_HZ: Final = 16000
ROWS: Final = 16000
ABNORMAL: Final = ("rattle", "whistle", "boiling")


def clip(random: np.random.Generator, machine: int, abnormal: str = "") -> FloatArray:
    """Values of one clip, about -1..1; a machine keeps its tones and its noise."""
    own = np.random.default_rng([17, machine])
    time = np.arange(ROWS) / RATE_HZ
    tilt, motor = own.uniform(0.4, 1.2), own.uniform(90.0, 130.0)
    values = _noise(random, tilt) * own.uniform(0.05, 0.1) * random.uniform(0.7, 1.4)
    for harmonic in range(1, 7):
        size = own.uniform(0.01, 0.05) * random.uniform(0.8, 1.2)
        values += size * np.sin(2.0 * np.pi * harmonic * motor * random.uniform(0.995, 1.005) * time + random.uniform(0.0, 6.0))
    size = random.uniform(0.5, 2.0)
    if abnormal == "rattle":
        beat = np.maximum(np.sin(2.0 * np.pi * random.uniform(8.0, 30.0) * time), 0.0) ** 8
        values += 0.03 * size * beat * random.normal(size=ROWS)
    elif abnormal == "whistle":
        values += 0.006 * size * np.sin(2.0 * np.pi * random.uniform(2500.0, 6000.0) * time)
    elif abnormal == "boiling":
        values += 0.03 * size * np.diff(_noise(random, 0.0), prepend=0.0)
    return values


def _noise(random: np.random.Generator, tilt: float) -> FloatArray:
    """Noise whose amplitude falls with the frequency to the power of the tilt, standard deviation 1."""
    lines = np.fft.rfft(random.normal(size=ROWS))
    lines *= np.maximum(np.arange(len(lines)), 20.0) ** -tilt
    values = np.fft.irfft(lines, ROWS)
    return np.asarray(values / values.std(), np.float64)
