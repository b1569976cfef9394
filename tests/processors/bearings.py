"""Synthetic vibration of bearings and shafts, with known causes: impulse trains with slip, a resonance, noise. Seeded."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from processors.bearing import CAGE, ELEMENT, INNER, OUTER, Bearing, orders

Floats = npt.NDArray[np.float64]
RATE_HZ = 20_480.0
SIZE = 40_960
SHAFT_HZ = 29.3
BALL = Bearing(9, 7.94, 39.04)  # the size of a 6205
ROLLER = Bearing(16, 8.4, 71.5, 15.17)
RESONANCE_HZ = 3_200.0
DAMPING = 600.0  # 1/s
SLIP = -0.008


def noise(seed: int, size: int = SIZE) -> Floats:
    """White noise, rms 1."""
    return np.random.default_rng([seed, 1]).normal(0.0, 1.0, size)


def imbalance(amplitude: float, size: int = SIZE, shaft_hz: float = SHAFT_HZ) -> Floats:
    """The shaft's first line and a little of the second."""
    turn = 2.0 * np.pi * shaft_hz * np.arange(size) / RATE_HZ
    found: Floats = amplitude * (np.sin(turn + 0.3) + 0.2 * np.sin(2.0 * turn + 1.0))
    return found


def looseness(amplitude: float, seed: int, size: int = SIZE, per_turn: float = 0.5) -> Floats:
    """One knock in 1 / per_turn turns, some stronger than others, that ring the resonance; and a clipped first line."""
    times = np.arange(0.0, size / RATE_HZ, 1.0 / (SHAFT_HZ * per_turn))
    strength = 1.0 + 0.3 * np.random.default_rng([seed, 3]).normal(size=len(times))
    shape = np.maximum(imbalance(1.0, size), -0.3)
    found: Floats = amplitude * (rung(times, strength, size) + shape)
    return found


def damaged(part: str, seed: int, *, snr_db: float, bearing: Bearing = BALL, jitter: float = 0.01) -> Floats:
    """A damaged part in noise of rms 1: impacts' power over the noise's is snr_db."""
    rng = np.random.default_rng([seed, 2])
    line_hz = orders(bearing)[part] * SHAFT_HZ * (1.0 + SLIP)
    gaps = (1.0 + jitter * rng.normal(size=int(SIZE / RATE_HZ * line_hz * 1.2))) / line_hz
    times = rng.uniform(0.0, 1.0 / line_hz) + np.cumsum(gaps)
    turn_hz = {OUTER: 0.0, INNER: SHAFT_HZ, ELEMENT: orders(bearing)[CAGE] * SHAFT_HZ, CAGE: 0.0}[part]
    strength = 1.0 + 0.8 * np.cos(2.0 * np.pi * turn_hz * times) if turn_hz else np.ones(len(times))
    signal = rung(times, strength, SIZE)
    found: Floats = signal / np.sqrt(np.mean(signal**2)) * 10.0 ** (snr_db / 20.0) + noise(seed)
    return found


def rung(times: Floats, strength: Floats | Sequence[float], size: int) -> Floats:
    """A resonance rung by impacts at the given times in s."""
    found, clock = np.zeros(size), np.arange(size) / RATE_HZ
    for when, how in zip(times, strength, strict=True):
        begin = int(np.ceil(when * RATE_HZ))
        end = min(begin + int(8.0 / DAMPING * RATE_HZ), size)
        if begin < end:
            past = clock[begin:end] - when
            found[begin:end] += how * np.exp(-DAMPING * past) * np.sin(2.0 * np.pi * RESONANCE_HZ * past)
    return found
