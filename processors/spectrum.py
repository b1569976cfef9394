"""Lines of a vibration waveform: power and amplitude spectra, integration to velocity and displacement, lines looked up.

Hann window: its side lobes fall fast (18 dB an octave), so that nothing strong reaches the low lines, which integration lifts.
A straight line, fitted with the window as weight, is taken off first: a constant and a steady drift vanish.

A window spreads a line of the machine over its neighbours, and the mean of 1/f2 over them is more than 1/f2 of the line.
With the second and fourth moment of a Hann line, 1/3 in lines squared and to the fourth power (wherever between two lines the
machine's line falls), the weights of `integrals` take this back. The weights are linear in power: right for lines and for noise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ENBW_LINES: Final = 1.5  # equivalent noise bandwidth of a Hann window: squares of amplitudes count each line 1.5 times
LOWEST: Final = 2  # what remains of a constant fills the lines 0 and 1
LOBE: Final = 2  # a machine's line fills this many lines on either side
SPREAD: Final = {0: (0.0, 0.0), 1: (1.0, -5.0 / 3.0), 2: (10.0 / 3.0, -35.0 / 3.0)}  # by integrations, from the moments 1/3
LINES_MAX: Final = 1600
UNITS: Final = {"acceleration": (0, 1.0, "m/s2"), "velocity": (1, 1e3, "mm/s"), "displacement": (2, 1e6, "um")}


@dataclass(frozen=True, slots=True)
class Spectrum:
    """One-sided amplitude spectrum.

    Attributes:
        kind: acceleration, velocity, displacement or envelope.
        unit: of the amplitudes.
        first_hz, df_hz: frequency of the first line, distance of the lines.
        amplitude: rms value per line, float64, not negative: a sine on line k shows its rms value there (once or twice
            integrated up to 1.7 / k ** 2 less: `line` gathers the neighbours and has it right).
        enbw_lines: sum(amplitude ** 2) / enbw_lines is the mean square of the signal.
    """

    kind: str
    unit: str
    first_hz: float
    df_hz: float
    amplitude: Floats
    enbw_lines: float


def power(values: Floats) -> Floats:
    """Mean square per line of a Hann window, straight line taken off; the lines sum to the (windowed) mean square.

    Args:
        values: equidistant, finite; n of them give n // 2 + 1 lines.

    >>> found = power(np.sin(2 * np.pi * 8 * np.arange(256) / 256))
    >>> int(found.argmax()), round(float(found.sum()), 5)
    (8, 0.5)
    """
    hann, tilted, total, tilt = _window(len(values))
    level = float(np.sum(values * hann)) / total
    slope = float(np.sum(values * tilted)) / tilt
    lines = np.fft.rfft((values - level) * hann - slope * tilted)
    found: Floats = lines.real**2 + lines.imag**2
    found *= 2.0 / (len(values) * 0.375 * len(values))  # the squares of a Hann window sum to 3/8 n
    found[0] *= 0.5
    if len(values) % 2 == 0:
        found[-1] *= 0.5
    return found


def integrals(lines: int, integrations: int) -> Floats:
    """What each line's power is multiplied with for one or two integrations over time, at a line distance of 1 / (2 pi) Hz.

    The lines below LOWEST hold no signal: 0. In rms a sine comes out right to 1e-3 from line 5 (velocity) or 6 (displacement)
    upwards, to 2e-5 from line 25.

    >>> integrals(5, 1).round(4).tolist()
    [0.0, 0.0, 0.2135, 0.1011, 0.059]
    """
    return _integrals(lines, integrations)


def spectrum(values: Floats, rate_hz: float, kind: str = "acceleration") -> Spectrum:
    """Amplitude spectrum of an acceleration waveform.

    Args:
        values: acceleration in m/s2, finite.
        rate_hz: values per second.
        kind: acceleration (m/s2), velocity (mm/s) or displacement (um).

    >>> found = spectrum(10 * np.sin(2 * np.pi * 50 * np.arange(8192) / 8192), 8192.0, "velocity")
    >>> found.unit, round(float(found.amplitude[50]), 2)
    ('mm/s', 22.5)
    """
    integrations, factor, unit = UNITS[kind]
    found, df_hz = power(values), rate_hz / len(values)
    if integrations:
        found = found * integrals(len(found), integrations) / (2.0 * np.pi * df_hz) ** (2 * integrations)
    return Spectrum(kind, unit, 0.0, df_hz, factor * np.sqrt(ENBW_LINES * found), ENBW_LINES)


def total(found: Spectrum, low_hz: float = 0.0, high_hz: float = math.inf) -> float:
    """The rms value of all lines from low_hz to below high_hz.

    >>> round(total(spectrum(np.sin(np.arange(4096)), 1000.0)), 4)
    0.7071
    """
    begin, end = (_at(found, hz) for hz in (low_hz, high_hz))
    return math.sqrt(float(np.sum(found.amplitude[begin:end] ** 2)) / found.enbw_lines)


def line(found: Spectrum, hz: float, tolerance: float = 0.0) -> tuple[float, float]:
    """Frequency and rms value of the strongest line within hz * (1 - tolerance .. 1 + tolerance), and one line beside.

    The neighbours that the window fills are gathered: a sine between two lines has its true value, too.
    Returns (nan, nan) beyond the spectrum.

    >>> where, rms = line(spectrum(np.sin(2 * np.pi * 50.4 * np.arange(4096) / 4096), 4096.0), 50.0, 0.02)
    >>> round(where, 1), round(rms, 3)
    (50.4, 0.707)
    """
    squares = found.amplitude**2
    begin = max(math.floor((hz * (1.0 - tolerance) - found.first_hz) / found.df_hz), 0)
    end = min(math.ceil((hz * (1.0 + tolerance) - found.first_hz) / found.df_hz) + 1, len(squares))
    if begin >= end:
        return math.nan, math.nan
    top = begin + int(np.argmax(squares[begin:end]))
    first = max(top - LOBE, 0)
    lobe = squares[first : top + LOBE + 1]
    energy = float(np.sum(lobe))
    where = float(np.sum(lobe * np.arange(first, first + len(lobe)))) / energy if energy > 0.0 else float(top)
    return found.first_hz + where * found.df_hz, math.sqrt(energy / found.enbw_lines)


def levels(found: Spectrum, orders: Mapping[str, float], shaft_hz: float, tolerance: float = 0.0) -> dict[str, float]:
    """The rms value of each named line, given in multiples of the speed; nan beyond the spectrum.

    >>> turning = spectrum(np.sin(2 * np.pi * 25 * np.arange(4096) / 1024), 1024.0)
    >>> {name: round(rms, 3) for name, rms in levels(turning, {"1x": 1.0, "2x": 2.0}, 25.0).items()}
    {'1x': 0.707, '2x': 0.0}
    """
    return {name: line(found, order * shaft_hz, tolerance)[1] for name, order in orders.items()}


def compact(found: Spectrum, highest_hz: float = math.inf, lines_max: int = LINES_MAX) -> Spectrum:
    """The spectrum up to highest_hz in at most lines_max lines; neighbours are joined by their energy, which is kept.

    >>> small = compact(spectrum(np.sin(np.arange(65536)), 1000.0), lines_max=1000)
    >>> len(small.amplitude), small.enbw_lines, round(total(small), 4)
    (993, 1.0, 0.7071)
    """
    end = _at(found, highest_hz)
    joined = math.ceil(end / lines_max)
    if joined <= 1:
        return replace(found, amplitude=found.amplitude[:end])
    squares = np.zeros(math.ceil(end / joined) * joined)
    squares[:end] = found.amplitude[:end] ** 2 / found.enbw_lines
    amplitude = np.sqrt(squares.reshape(-1, joined).sum(axis=1))
    first_hz = found.first_hz + (joined - 1) / 2 * found.df_hz
    return Spectrum(found.kind, found.unit, first_hz, found.df_hz * joined, amplitude, 1.0)


def record(asset_id: str, sensor_id: str, ts_us: int, found: Spectrum) -> dict[str, Any]:
    """What is stored of a spectrum: plain values, amplitudes as little-endian float32.

    >>> kept = record("pump-7", "pump-7.DE.vib", 1_700_000_000_000_000, spectrum(np.zeros(64), 64.0))
    >>> kept["kind"], kept["unit"], kept["df_hz"], len(kept["amplitude_f4"])
    ('acceleration', 'm/s2', 1.0, 132)
    """
    return {
        "asset_id": asset_id,
        "sensor_id": sensor_id,
        "ts": ts_us,
        "kind": found.kind,
        "unit": found.unit,
        "first_hz": found.first_hz,
        "df_hz": found.df_hz,
        "enbw_lines": found.enbw_lines,
        "amplitude_f4": found.amplitude.astype("<f4").tobytes(),
    }


def _at(found: Spectrum, hz: float) -> int:
    """Index of the first line at or above a frequency."""
    place = (hz - found.first_hz) / found.df_hz - 1e-9
    return len(found.amplitude) if place > len(found.amplitude) else max(math.ceil(place), 0)


@lru_cache(maxsize=16)
def _window(size: int) -> tuple[Floats, Floats, float, float]:
    """Periodic Hann window, the window times a centred time, sum of the first, sum of the second times the time."""
    time = (np.arange(size) - size / 2) / size
    hann = 0.5 + 0.5 * np.cos(2.0 * np.pi * time)
    tilted = hann * time
    for array in (hann, tilted):
        array.flags.writeable = False
    return hann, tilted, float(np.sum(hann)), float(np.sum(tilted * time))


@lru_cache(maxsize=16)
def _integrals(lines: int, integrations: int) -> Floats:
    second, fourth = SPREAD[integrations]
    inverse = 1.0 / np.arange(1, lines + 1)[: lines - 1] ** 2.0 if lines > 1 else np.zeros(0)
    found = np.zeros(lines)
    found[1:] = inverse**integrations * (1.0 - second * inverse - fourth * inverse**2)
    found[:LOWEST] = 0.0
    found.flags.writeable = False
    return found
