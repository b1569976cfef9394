"""Synthetic vibration of bearings and shafts, with known causes: impulse trains with slip, a resonance, noise. Seeded."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.bearing import CAGE, ELEMENT, INNER, Bearing, orders

Floats = npt.NDArray[np.float64]
RATE_HZ = 20_480.0
SIZE = 40_960
SHAFT_HZ = 29.3
BALL = Bearing(9, 7.94, 39.04)  # the size of a 6205
ROLLER = Bearing(16, 8.4, 71.5, 15.17)


@dataclass(frozen=True, slots=True)
class Rig:
    """A machine: its bearing, speed, how far its lines lie beside, the scatter of the impacts, and what they ring (Hz, 1/s)."""

    bearing: Bearing = BALL
    shaft_hz: float = SHAFT_HZ
    slip: float = -0.008
    jitter: float = 0.01
    resonance_hz: float = 3_200.0
    damping: float = 600.0


RIG = Rig()


def noise(seed: int) -> Floats:
    """White noise, rms 1."""
    return np.random.default_rng([seed, 1]).normal(0.0, 1.0, SIZE)


def imbalance(amplitude: float, shaft_hz: float = SHAFT_HZ) -> Floats:
    """The shaft's first line and a little of the second."""
    turn = 2.0 * np.pi * shaft_hz * np.arange(SIZE) / RATE_HZ
    found: Floats = amplitude * (np.sin(turn + 0.3) + 0.2 * np.sin(2.0 * turn + 1.0))
    return found


def looseness(amplitude: float, seed: int, per_turn: float = 0.5) -> Floats:
    """Knocks, some stronger than others, that ring the resonance; and a clipped first line."""
    times = np.arange(0.0, SIZE / RATE_HZ, 1.0 / (SHAFT_HZ * per_turn))
    strength = 1.0 + 0.3 * np.random.default_rng([seed, 3]).normal(size=len(times))
    shape = np.maximum(imbalance(1.0), -0.3)
    found: Floats = amplitude * (rung(times, strength) + shape)
    return found


def damaged(part: str, seed: int, *, snr_db: float, rig: Rig = RIG) -> Floats:
    """A damaged part in noise of rms 1: impacts' power over the noise's is snr_db."""
    rng = np.random.default_rng([seed, 2])
    line_hz = orders(rig.bearing)[part] * rig.shaft_hz * (1.0 + rig.slip)
    gaps = (1.0 + rig.jitter * rng.normal(size=int(SIZE / RATE_HZ * line_hz * 1.2))) / line_hz
    times = rng.uniform(0.0, 1.0 / line_hz) + np.cumsum(gaps)
    turn_hz = {INNER: rig.shaft_hz, ELEMENT: orders(rig.bearing)[CAGE] * rig.shaft_hz}.get(part)
    strength = 1.0 + 0.8 * np.cos(2.0 * np.pi * turn_hz * times) if turn_hz else np.ones(len(times))
    signal = rung(times, strength, rig)
    found: Floats = signal / np.sqrt(np.mean(signal**2)) * 10.0 ** (snr_db / 20.0) + noise(seed)
    return found


def rung(times: Floats, strength: Floats, rig: Rig = RIG) -> Floats:
    """A resonance rung by impacts at the given times in s."""
    found, clock = np.zeros(SIZE), np.arange(SIZE) / RATE_HZ
    for when, how in zip(times, strength, strict=True):
        begin = int(np.ceil(when * RATE_HZ))
        end = min(begin + int(8.0 / rig.damping * RATE_HZ), SIZE)
        if begin < end:
            past = clock[begin:end] - when
            found[begin:end] += how * np.exp(-rig.damping * past) * np.sin(2.0 * np.pi * rig.resonance_hz * past)
    return found
