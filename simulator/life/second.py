"""Variant B, to judge by: other equations and other noise than any plant a detector was tuned on; gearboxes, pitting, slipping belts.

Written before detectors were tuned and not changed since. Nobody tunes on it: see seeds.toml.
"""

import numpy as np

from simulator.life.machine import AMBIENT, LOAD, SPEED, Channel, Duty, Floats, Machine, Mode
from simulator.life.recursion import lagged, wander

MEMORIES_S = (600.0, 7200.0, 86_400.0)  # of the noise
SHARES = (0.55, 0.35, 0.3)
FREEDOM = 5  # degrees of freedom of its white part
RESONANCE, WIDTH = 0.78, 0.06  # of the speed


def power(u: Floats, random: np.random.Generator) -> Floats:
    """A power of time, with bursts that grow as it does."""
    burst = 0.08 * np.sqrt(u) * np.repeat(random.standard_normal(len(u) // 24 + 1), 24)[: len(u)]
    return np.asarray(np.maximum(u ** random.uniform(2.0, 3.5) + burst * (u > 0), 0.0))


def logistic(u: Floats, random: np.random.Generator) -> Floats:
    """Nothing, then quick, then slow."""
    middle = random.uniform(0.45, 0.75)
    return np.asarray(1.0 / (1.0 + np.exp(-14.0 * (u - middle))))


def saw(u: Floats, random: np.random.Generator) -> Floats:
    """Builds up and falls off again, each time higher."""
    teeth = int(random.integers(3, 7))
    return np.asarray(u * (0.55 + 0.45 * ((teeth * u) % 1.0)))


def shocks(u: Floats, random: np.random.Generator) -> Floats:
    """Many small jumps of random size."""
    count = int(random.integers(12, 30))
    at, size = np.sort(random.uniform(0.0, 1.0, count) ** 0.6), random.gamma(0.7, 1.0, count)
    climbed = np.concatenate([[0.0], np.cumsum(size) / size.sum()])
    return np.asarray(climbed[np.searchsorted(at, u)])


_SPEED = Channel(SPEED, "speed", "%", 100.0, 0.2, 0.1, -5.0, 120.0)
_LOAD = Channel(LOAD, "load", "%", 100.0, 1.1, 0.1, -10.0, 150.0)
_AMBIENT = Channel(AMBIENT, "temperature", "degC", 20.0, 0.25, 0.1, -40.0, 80.0)
_VIBRATION = Channel("vibration", "vibration", "mm/s", 1.6, 0.06, 0.01, 0.0, 25.0, (None, None, 4.5, 7.1))
_BEARING = Channel("bearing_temperature", "temperature", "degC", 34.0, 0.015, 0.1, -40.0, 150.0, (None, None, 85.0, 95.0))
_CURRENT = Channel("current", "current", "A", 55.0, 0.015, 0.1, 0.0, 200.0, (None, None, 78.0, 88.0))
_PRESSURE = Channel("pressure", "pressure", "bar", 7.0, 0.01, 0.01, 0.0, 16.0, (None, None, 10.5, 12.0))
_DRAUGHT = Channel("draught", "pressure", "kPa", 1.8, 0.014, 0.01, 0.0, 6.0, (None, None, 3.4, 4.0))
_GAS = Channel("discharge_temperature", "temperature", "degC", 80.0, 0.01, 0.1, -40.0, 250.0, (None, None, 145.0, 160.0))
_OIL = Channel("oil_temperature", "temperature", "degC", 42.0, 0.012, 0.1, -40.0, 150.0, (None, None, 90.0, 100.0))

_BEARING_WEAR = Mode("bearing_wear", "bearing", "wear", 1.8, 52_000, 1100, 0.7, power, {"vibration": 1.7, "bearing_temperature": 0.3})
_IMBALANCE = Mode("imbalance", "rotor", "wear", 1.2, 75_000, 800, 0.7, shocks, {"vibration": 1.4})
_LOOSENESS = Mode("looseness", "foundation", "wear", 1.2, 94_000, 600, 0.8, saw, {"vibration": 1.0})
_WINDING = Mode("winding_short", "winding", "sudden", 1.0, 65_000)
_SHAFT = Mode("shaft_break", "shaft", "sudden", 1.1, 70_000)
_RELIEF = Mode("relief_valve_stuck", "relief valve", "hidden", 1.2, 70_000)
_COUPLING = Mode("coupling_fatigue", "coupling", "invisible", 1.8, 52_000, 700)
_COMMON = (_BEARING_WEAR, _WINDING, _SHAFT, _COUPLING)

PUMP = Machine(
    "pump",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _PRESSURE),
    (
        *_COMMON,
        _RELIEF,
        _IMBALANCE,
        Mode("impeller_wear", "impeller", "wear", 2.0, 55_000, 1900, 0.5, logistic, {"pressure": -0.14, "current": -0.06}),
        Mode("seal_leak", "seal", "wear", 1.5, 60_000, 500, 0.8, saw, {"pressure": -0.1, "bearing_temperature": 0.14}),
    ),
    paired=True,
)
FAN = Machine(
    "fan",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _DRAUGHT),
    (
        *_COMMON,
        _LOOSENESS,
        Mode("belt_slip", "belt", "wear", 1.6, 45_000, 400, 0.8, shocks, {"draught": -0.2, "current": -0.08}),
        Mode("blade_fouling", "blades", "wear", 1.8, 58_000, 1500, 0.5, logistic, {"draught": -0.13, "vibration": 0.6}),
        Mode("damper_stuck", "damper", "hidden", 1.2, 60_000),
    ),
)
COMPRESSOR = Machine(
    "compressor",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _GAS),
    (
        *_COMMON,
        _RELIEF,
        _LOOSENESS,
        Mode("valve_leak", "valve", "wear", 1.6, 38_000, 700, 0.7, shocks, {"discharge_temperature": 0.2, "current": 0.07}),
        Mode("cooler_fouling", "cooler", "wear", 2.0, 38_000, 1600, 0.5, power, {"discharge_temperature": 0.18}),
    ),
    variable=False,
    shifts=True,
)
GEARBOX = Machine(
    "gearbox",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _OIL),
    (
        *_COMMON,
        _LOOSENESS,
        Mode("gear_pitting", "gear", "wear", 2.0, 42_000, 1300, 0.6, power, {"vibration": 1.3, "oil_temperature": 0.22}),
        Mode("oil_ageing", "oil", "wear", 2.2, 40_000, 2000, 0.5, logistic, {"oil_temperature": 0.2, "bearing_temperature": 0.12}),
        Mode("oil_pump_standby", "oil pump", "hidden", 1.2, 62_000),
    ),
)


class Second:
    """A resonance, heat in two masses, damage that grows with speed or load, heavy-tailed noise of three memories."""

    name = "B"
    machines = (PUMP, FAN, COMPRESSOR, GEARBOX)

    def signals(self, machine: Machine, duty: Duty, damage: Floats, random: np.random.Generator, period_s: float) -> Floats:
        """True values [channels, n]."""
        found = [self._channel(channel, duty, damage[row], random, period_s) for row, channel in enumerate(machine.channels)]
        return np.stack(found)

    def _channel(self, channel: Channel, duty: Duty, damage: Floats, random: np.random.Generator, period_s: float) -> Floats:
        noise = channel.noise * _noise(random, len(damage), period_s)
        direct = {SPEED: 100.0 * duty.speed, LOAD: 100.0 * duty.load, AMBIENT: duty.ambient}
        if channel.name in direct:
            return np.asarray(direct[channel.name] + noise * (duty.running | (channel.name == AMBIENT)))
        size = channel.nominal * float(random.gamma(60.0, 1.0 / 60.0))
        match channel.name:
            case "vibration":
                peak = 0.35 * np.exp(-(((duty.speed - RESONANCE) / WIDTH) ** 2))
                level = 0.45 + 0.3 * duty.speed + 0.25 * duty.load**2 + peak
                shaken = level + damage * (0.35 + 0.65 * duty.speed**2)
                return np.asarray(np.where(duty.running, size * shaken * np.exp(noise), 0.04))
            case "current":
                drawn = np.sqrt(0.12 + 0.88 * duty.load**2) * (1.0 + damage * duty.load)
                return np.asarray(duty.running * size * drawn * (1.0 + noise))
            case "pressure" | "draught":
                lift = duty.speed**2 * (1.15 - 0.2 * duty.load**2) + damage * duty.speed
                return np.asarray(np.maximum(size * lift, 0.0) * (1.0 + noise))
            case _:
                rise = np.where(duty.running, size * (0.35 + 0.65 * duty.load**1.4) * (1.0 + damage), 0.0)
                masses = 0.6 * lagged(rise, 900.0, period_s) + 0.4 * lagged(rise, 9000.0, period_s)
                return np.asarray(0.85 * duty.ambient + 2.0 + masses + size * noise)


def _noise(random: np.random.Generator, count: int, period_s: float) -> Floats:
    """Heavy-tailed white noise and three memories, of about unit variance."""
    white = random.standard_t(FREEDOM, count) * np.sqrt((FREEDOM - 2) / FREEDOM)
    slow = [share * wander(random, (count,), memory_s, period_s) for share, memory_s in zip(SHARES, MEMORIES_S, strict=True)]
    return np.asarray(0.7 * white + np.sum(slow, axis=0))
