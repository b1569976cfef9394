"""Features of a vibration waveform: plain numpy, one frame at a time.

Velocity and displacement come from acceleration by integration in the frequency domain (processors/spectrum.py), between
10 and 1000 Hz, or from 2 Hz for machines under 600 r/min (ISO 20816-1; ISO 10816-3:2009 annex A). A band of them is one line
wider on either side, for a Hann window spreads a line at the limit over its neighbours.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from processors.spectrum import LOWEST, Floats, integrals, power

VALUES_MIN: Final = 64
LOW_HZ: Final = 10.0
SLOW_LOW_HZ: Final = 2.0
SLOW_RPM: Final = 600.0
HIGH_HZ: Final = 1000.0
RATE_PER_HZ: Final = 2.56  # what an anti-aliasing filter leaves usable: rate / 2.56, by custom of the trade
BANDS: Final = {"band_low": (2.0, 10.0), "band_mid": (10.0, 1000.0), "band_high": (1000.0, np.inf)}  # lowest and highest Hz
NAMES: Final = frozenset(BANDS) | {  # of all features there are
    "acceleration_rms", "acceleration_peak", "kurtosis", "skew", "crest", "velocity_rms", "displacement_rms",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """Lines of a band: begin to below end, each with its weight (a number for all: nothing to integrate)."""

    name: str
    begin: int
    end: int
    weight: Floats | float


def features(values: Floats, rate_hz: float, low_hz: float = LOW_HZ) -> dict[str, float]:
    """Features of an acceleration waveform.

    Args:
        values: acceleration in m/s2, finite, at least VALUES_MIN.
        rate_hz: values per second.
        low_hz: lowest frequency of velocity and displacement: what `lowest_hz` says of the machine's speed.

    Returns:
        acceleration_rms and acceleration_peak (m/s2); kurtosis (3 for a normal distribution), skew and crest (no unit, 0 for
        a constant); velocity_rms (mm/s) and displacement_rms (um) between low_hz and 1000 Hz; the rms acceleration (m/s2) of
        the bands low (2 to 10 Hz), mid (to 1000 Hz) and high. What the frame is too short or too slow for is left out:
        `gaps` says what and why.

    >>> t = np.arange(8192) / 8192
    >>> found = features(10 * np.sin(2 * np.pi * 50 * t), 8192)
    >>> round(found["velocity_rms"], 2), round(found["crest"], 2), round(found["kurtosis"], 2)
    (22.51, 1.41, 1.5)
    """
    centred = values - values.mean()
    rms = float(np.sqrt((centred * centred).mean()))
    shape = centred / rms if rms else centred  # powers of large numbers would overflow
    peak = float(max(centred.max(), -centred.min()))
    found = {
        "acceleration_rms": rms,
        "acceleration_peak": peak,
        "kurtosis": float(np.mean(shape**4)),
        "skew": float(np.mean(shape**3)),
        "crest": 0.0 if rms == 0 else peak / rms,
    }
    lines = power(values)
    for band in _slices(len(values), rate_hz, low_hz):
        found[band.name] = float(np.sqrt(np.sum(lines[band.begin : band.end] * band.weight)))
    return found


def lowest_hz(speed_rpm: float | None) -> float:
    """Where the velocity of a machine of this speed begins; unknown speed: 10 Hz.

    >>> lowest_hz(1480.0), lowest_hz(400.0), lowest_hz(None)
    (10.0, 2.0, 10.0)
    """
    return SLOW_LOW_HZ if speed_rpm is not None and speed_rpm < SLOW_RPM else LOW_HZ


def reach(size: int, rate_hz: float) -> tuple[float, float]:
    """Lowest and highest frequency that a frame of size values can tell of.

    >>> reach(4096, 12_800.0)
    (9.375, 5000.0)
    """
    return (LOWEST + 1) * rate_hz / size, rate_hz / RATE_PER_HZ


def covered(size: int, rate_hz: float, low_hz: float = LOW_HZ) -> tuple[float, float] | None:
    """Frequency range of velocity and displacement in the features of a frame; None if it has none.

    >>> covered(4096, 12_800.0), covered(4096, 1600.0), covered(4096, 25_600.0)
    ((10.0, 1000.0), (10.0, 625.0), None)
    """
    return (low_hz, min(HIGH_HZ, rate_hz / RATE_PER_HZ)) if _resolved(size, rate_hz, low_hz) else None


def gaps(size: int, rate_hz: float, low_hz: float = LOW_HZ) -> tuple[str, ...]:
    """What a frame of size values cannot say of velocity and displacement, each with the remedy.

    >>> gaps(4096, 12_800.0)
    ()
    >>> gaps(4096, 25_600.0)
    ('no velocity or displacement: 0.16 s reach down to 18.8 Hz, not to 10 Hz; record 0.3 s or more',)
    >>> gaps(4096, 1600.0)
    ('velocity and displacement end at 625 Hz: 1600 values per second; for 1000 Hz record 2560 or more',)
    """
    lowest, highest = reach(size, rate_hz)
    found = []
    if not _resolved(size, rate_hz, low_hz):
        need_s = (LOWEST + 1) / low_hz
        found.append(
            f"no velocity or displacement: {size / rate_hz:.3g} s reach down to {lowest:.3g} Hz, not to {low_hz:g} Hz; "
            f"record {need_s:.3g} s or more"
        )
    elif highest < HIGH_HZ:
        found.append(
            f"velocity and displacement end at {highest:.0f} Hz: {rate_hz:g} values per second; "
            f"for {HIGH_HZ:.0f} Hz record {HIGH_HZ * RATE_PER_HZ:.0f} or more"
        )
    return tuple(found)


def _resolved(size: int, rate_hz: float, low_hz: float) -> bool:
    """Whether a line at low_hz stands clear of the lines that a constant fills, in a band that the rate reaches."""
    return (LOWEST + 1) * rate_hz / size <= low_hz * (1.0 + 1e-9) < rate_hz / RATE_PER_HZ


@lru_cache(maxsize=32)
def _slices(size: int, rate_hz: float, low_hz: float) -> tuple[Slice, ...]:
    """The lines behind each feature of a band; bands without a line are missing."""
    lines, df_hz = size // 2 + 1, rate_hz / size
    found = []
    if _resolved(size, rate_hz, low_hz):
        begin = max(int(np.ceil(low_hz / df_hz - 1e-9)) - 1, LOWEST)
        end = min(int(np.floor(HIGH_HZ / df_hz + 1e-9)) + 2, lines)
        for name, integrations, factor in (("velocity_rms", 1, 1e3), ("displacement_rms", 2, 1e6)):
            weight = integrals(lines, integrations)[begin:end] * (factor / (2.0 * np.pi * df_hz) ** integrations) ** 2
            found.append(Slice(name, begin, end, weight))
    for name, (low, high) in BANDS.items():
        begin = max(int(np.ceil(low / df_hz - 1e-9)), LOWEST)
        end = int(np.ceil(min(high / df_hz, float(lines)) - 1e-9))
        if begin < end:
            found.append(Slice(name, begin, end, 1.0))
    return tuple(found)
