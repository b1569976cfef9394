"""The squared envelope spectrum: how the strength of high-frequency vibration beats.

A damaged bearing rings a resonance at each impact; the rate of the impacts stands in the spectrum of the envelope, not in that
of the vibration (R. B. Randall, J. Antoni: Rolling element bearing diagnostics - a tutorial, MSSP 25, 2011).

The band is chosen among a few fixed ones by its spectral kurtosis (J. Antoni, MSSP 20, 2006): 0 for Gaussian noise, -1 for a
steady tone, greater for impacts. Deterministic: same values, same band. Costs milliseconds: for stored frames and open episodes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.spectrum import ENBW_LINES, Floats, Spectrum, power
from processors.waveform import RATE_PER_HZ

BAND_LOW_HZ: Final = 500.0  # below stand the strong lines of the shaft
PARTS: Final = (1, 2, 3, 4, 6, 8)  # the usable range is tried whole, halved, ...
TAPER: Final = 0.05  # of the frame at either end: without it strong low lines leak into the band


@dataclass(frozen=True, slots=True)
class Band:
    """A band from low_hz to high_hz and its spectral kurtosis."""

    low_hz: float
    high_hz: float
    kurtosis: float


@dataclass(frozen=True, slots=True)
class Envelope:
    """The spectrum of the squared envelope in (m/s2)2, kind envelope, up to the width of the band; and the band."""

    spectrum: Spectrum
    band: Band


@dataclass(frozen=True, slots=True)
class NoEnvelope:
    """There is no envelope, and why."""

    reason: str


def envelope(values: Floats, rate_hz: float, width_hz: float = 1000.0, band_hz: tuple[float, float] | None = None) -> Envelope | NoEnvelope:
    """Squared envelope spectrum of an acceleration waveform.

    Args:
        values: acceleration in m/s2, finite.
        rate_hz: values per second.
        width_hz: least width of the band, so that the envelope can tell of frequencies up to it.
        band_hz: lowest and highest frequency of the band; None: the candidate with the most telling kurtosis.

    >>> t = np.arange(16384) / 16384
    >>> found = envelope((1 + np.sin(2 * np.pi * 90 * t)) * np.sin(2 * np.pi * 4000 * t), 16384.0, band_hz=(3000.0, 5000.0))
    >>> int(found.spectrum.amplitude.argmax() * found.spectrum.df_hz)
    90
    """
    tried = [band_hz] if band_hz else bands(rate_hz, width_hz)
    if not tried:
        need = (BAND_LOW_HZ + width_hz) * RATE_PER_HZ
        return NoEnvelope(f"{rate_hz:g} values per second leave no band of {width_hz:.0f} Hz: record {need:.0f} or more")
    lines = np.fft.rfft((values - values.mean()) * _taper(len(values)))
    judged = [_judge(lines, rate_hz / len(values), low, high) for low, high in tried]
    best = max(judged, key=lambda found: found[1])[0]
    return Envelope(_squared(lines, rate_hz / len(values), best), best)


def bands(rate_hz: float, width_hz: float) -> list[tuple[float, float]]:
    """Candidate bands: the range that the rate leaves usable, in equal parts not narrower than width_hz.

    >>> bands(10_240.0, 1500.0)
    [(500.0, 4000.0), (500.0, 2250.0), (2250.0, 4000.0)]
    """
    high_hz = rate_hz / RATE_PER_HZ
    whole = high_hz - BAND_LOW_HZ
    found: list[tuple[float, float]] = []
    for parts in PARTS:
        width = whole / parts
        if width >= width_hz:
            found += [(BAND_LOW_HZ + i * width, BAND_LOW_HZ + (i + 1) * width) for i in range(parts)]
    return found


def _judge(lines: npt.NDArray[np.complex128], df_hz: float, low_hz: float, high_hz: float) -> tuple[Band, float]:
    """A band with its kurtosis, and the kurtosis as multiple of what noise alone scatters."""
    part = lines[round(low_hz / df_hz) : round(high_hz / df_hz)]
    whole = np.abs(np.fft.ifft(part)) ** 2
    edge = math.ceil(TAPER * len(whole))
    square = whole[edge : len(whole) - edge]
    mean = float(square.mean())
    kurtosis = float(np.mean(square * square)) / mean**2 - 2.0 if mean > 0.0 else 0.0
    return Band(low_hz, high_hz, kurtosis), kurtosis * math.sqrt(len(square)) / 2.0


def _squared(lines: npt.NDArray[np.complex128], df_hz: float, band: Band) -> Spectrum:
    part = lines[round(band.low_hz / df_hz) : round(band.high_hz / df_hz)]
    padded = np.zeros(2 * len(part), dtype=np.complex128)  # twice the rate: the square has twice the width
    padded[: len(part)] = part
    analytic = np.fft.ifft(padded) * (2.0 * len(padded) / (2 * (len(lines) - 1)))
    found = power(np.abs(analytic) ** 2)[: len(part)]
    return Spectrum("envelope", "(m/s2)2", 0.0, df_hz, np.sqrt(ENBW_LINES * found), ENBW_LINES)


def floor(amplitude: Floats, around: int) -> Floats:
    """Local noise floor: the median of the amplitudes up to `around` lines away on either side.

    >>> floor(np.array([1.0, 1.0, 9.0, 1.0, 1.0]), 2).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    around = min(around, len(amplitude) - 1)
    padded = np.pad(amplitude, around, mode="reflect")
    found: Floats = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1), axis=1)
    return found


def peaks(found: Spectrum, count: int, ratio_min: float, around: int = 50) -> Sequence[tuple[float, float]]:
    """The strongest lines that stand ratio_min times above the local noise floor: (frequency, ratio), strongest first.

    >>> lines = np.ones(200); lines[90] = 12.0
    >>> peaks(Spectrum("envelope", "", 0.0, 0.5, lines, 1.5), 3, 5.0)
    [(45.0, 12.0)]
    """
    ratio = found.amplitude / np.maximum(floor(found.amplitude, around), np.finfo(float).tiny)
    inner = ratio[1:-1]
    tops = np.flatnonzero((inner >= ratio_min) & (inner >= ratio[:-2]) & (inner > ratio[2:])) + 1
    order = tops[np.argsort(-ratio[tops], kind="stable")][:count]
    return [(found.first_hz + float(top) * found.df_hz, float(ratio[top])) for top in order]


def _taper(size: int) -> Floats:
    """1 in the middle, half a cosine down to 0 at either end."""
    edge = math.ceil(TAPER * size)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / edge)
    found = np.ones(size)
    found[:edge], found[size - edge :] = ramp, ramp[::-1]
    return found
