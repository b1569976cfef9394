"""Acceleration of pumps at 12.8 kHz: shaft, vanes, noise, and the impacts of a damaged bearing. Every machine has its own numbers."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import fftconvolve

from models.table import FloatArray
from processors.bearing import INNER, OUTER, Bearing, orders

RATE_HZ: Final = 12800.0
ROWS: Final = 12800
BEARING: Final = Bearing(9, 7.94, 39.04)  # 6205
CLASSES: Final = ("healthy", OUTER, INNER)
SLIP: Final = 0.01


@dataclass(frozen=True, slots=True)
class Frame:
    """One second of a machine: values in m/s2, speed of the shaft, which part is damaged, which machine."""

    values: FloatArray
    shaft_hz: float
    damage: str
    machine: int


def frames(seed: int, machines: int, each: int = 6) -> list[Frame]:
    """Frames of machines; the damage of a machine is one of three, equally often, its size grows from frame to frame."""
    random = np.random.default_rng(seed)
    found = []
    for machine in range(machines):
        damage = CLASSES[machine % len(CLASSES)]
        speed, ring = random.uniform(22.0, 26.0), random.uniform(2200.0, 4200.0)
        decay, noise = random.uniform(500.0, 1200.0), random.uniform(0.5, 2.0)
        for number in range(each):
            size = random.uniform(0.8, 2.0) * 1.5**number
            shaft_hz = speed * random.uniform(0.98, 1.02)
            values = running(random, shaft_hz, noise) + (
                size * impacts(random, shaft_hz, damage, ring, decay) if damage != CLASSES[0] else 0.0
            )
            found.append(Frame(values, shaft_hz, damage, machine))
    return found


def running(random: np.random.Generator, shaft_hz: float, noise: float) -> FloatArray:
    """Shaft, its double, vanes; noise with some flow in it, which also brings knocks of no bearing."""
    time = np.arange(ROWS) / RATE_HZ
    values = random.normal(0.0, noise, ROWS)
    for order, size in ((1.0, 1.0), (2.0, 0.5), (5.0, 1.5), (6.0, 1.0)):
        values += random.uniform(0.3, 1.0) * size * np.sin(2.0 * np.pi * order * shaft_hz * time + random.uniform(0.0, 6.0))
    for place in random.integers(0, ROWS - 100, random.poisson(8)).tolist():
        values[place : place + 60] += random.uniform(2.0, 8.0) * noise * np.exp(-np.arange(60) / 15.0) * random.choice([-1.0, 1.0])
    return values


def impacts(random: np.random.Generator, shaft_hz: float, damage: str, ring_hz: float, decay: float) -> FloatArray:
    """Ringing after each impact; the damage of an inner ring turns through the load."""
    period = 1.0 / (orders(BEARING)[damage] * shaft_hz)
    times = np.cumsum(period * random.normal(1.0, SLIP, int(1.2 / period)))
    times = times[times < ROWS / RATE_HZ]
    strength = random.uniform(0.7, 1.3, len(times))
    if damage == INNER:
        strength *= np.maximum(0.5 + 0.5 * np.cos(2.0 * np.pi * shaft_hz * times), 0.1)
    hits = np.zeros(ROWS)
    np.add.at(hits, (times * RATE_HZ).astype(np.int64), strength)
    after = np.arange(400) / RATE_HZ
    return np.asarray(fftconvolve(hits, np.exp(-decay * after) * np.sin(2.0 * np.pi * ring_hz * after))[:ROWS] * 3.0, np.float64)
