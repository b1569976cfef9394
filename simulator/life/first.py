"""Variant A, to tune on: pumps, fans and compressors; exponential, stepwise, plateau, intermittent and self-masking wear."""

import numpy as np

from simulator.life.machine import AMBIENT, LOAD, SPEED, Channel, Duty, Floats, Machine, Mode
from simulator.life.recursion import lagged, wander

STEEP = 4.0
INRUSH_S = 6.0  # a start is seen only if a reading falls into it


def exponential(u: Floats, random: np.random.Generator) -> Floats:  # noqa: ARG001  the signature of every growth
    """Slow at first."""
    return np.asarray(np.expm1(STEEP * u) / np.expm1(STEEP))


def stepwise(u: Floats, random: np.random.Generator) -> Floats:
    """A few jumps."""
    at = np.sort(random.uniform(0.1, 0.95, 5))
    return np.asarray(np.searchsorted(at, u) / 5.0)


def plateau(u: Floats, random: np.random.Generator) -> Floats:
    """Quick, then long the same, then quick again."""
    first, height = random.uniform(0.15, 0.3), random.uniform(0.25, 0.45)
    rise = np.minimum(u / first, 1.0) * height
    return np.asarray(rise + np.clip((u - 0.85) / 0.15, 0.0, 1.0) * (1.0 - height))


def intermittent(u: Floats, random: np.random.Generator) -> Floats:
    """Comes and goes, more and more often there."""
    phase = 40.0 * u + random.uniform(0, 6.28)
    return np.asarray(u * (np.sin(phase) + 2.2 * u > 0.6))


def masking(u: Floats, random: np.random.Generator) -> Floats:
    """Rises, then hides for a while as the surface is smoothed, then rises for good."""
    dip = 0.35 * np.exp(-(((u - random.uniform(0.5, 0.65)) / 0.1) ** 2))
    return np.asarray(np.maximum(u**1.5 - dip, 0.0))


_SPEED = Channel(SPEED, "speed", "%", 100.0, 0.15, 0.1, -5.0, 120.0)
_LOAD = Channel(LOAD, "load", "%", 100.0, 0.8, 0.1, -10.0, 150.0)
_AMBIENT = Channel(AMBIENT, "temperature", "degC", 20.0, 0.2, 0.1, -40.0, 80.0)
_VIBRATION = Channel("vibration", "vibration", "mm/s", 1.8, 0.05, 0.01, 0.0, 25.0, (None, None, 4.5, 7.1))
_BEARING = Channel("bearing_temperature", "temperature", "degC", 38.0, 0.012, 0.1, -40.0, 150.0, (None, None, 85.0, 95.0))
_CURRENT = Channel("current", "current", "A", 42.0, 0.012, 0.1, 0.0, 150.0, (None, None, 58.0, 66.0))
_PRESSURE = Channel("pressure", "pressure", "bar", 5.5, 0.008, 0.01, 0.0, 16.0, (None, None, 8.5, 9.5))
_DRAUGHT = Channel("draught", "pressure", "kPa", 2.2, 0.012, 0.01, 0.0, 6.0, (None, None, 4.0, 4.6))
_GAS = Channel("discharge_temperature", "temperature", "degC", 72.0, 0.009, 0.1, -40.0, 250.0, (None, None, 140.0, 155.0))

_BEARING_WEAR = Mode(
    "bearing_wear", "bearing", "wear", 2.0, 40_000, 1400, 0.6, exponential, {"vibration": 1.9, "bearing_temperature": 0.4, "current": 0.02}
)
_IMBALANCE = Mode("imbalance", "rotor", "wear", 1.3, 65_000, 900, 0.7, stepwise, {"vibration": 1.1})
_LOOSENESS = Mode("looseness", "foundation", "wear", 1.2, 80_000, 700, 0.8, intermittent, {"vibration": 0.9})
_WINDING = Mode("winding_short", "winding", "sudden", 1.1, 52_000)
_SHAFT = Mode("shaft_break", "shaft", "sudden", 1.0, 64_000)
_RELIEF = Mode("relief_valve_stuck", "relief valve", "hidden", 1.3, 55_000)
_COUPLING = Mode("coupling_fatigue", "coupling", "invisible", 2.0, 45_000, 800)

PUMP = Machine(
    "pump",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _PRESSURE),
    (
        _BEARING_WEAR,
        _IMBALANCE,
        Mode("impeller_wear", "impeller", "wear", 2.2, 42_000, 2200, 0.5, plateau, {"pressure": -0.16, "current": -0.07}),
        Mode("seal_leak", "seal", "wear", 1.6, 50_000, 500, 0.7, masking, {"pressure": -0.09, "bearing_temperature": 0.12}),
        _WINDING,
        _SHAFT,
        _RELIEF,
        _COUPLING,
    ),
    paired=True,
)
FAN = Machine(
    "fan",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _DRAUGHT),
    (
        _BEARING_WEAR,
        _IMBALANCE,
        _LOOSENESS,
        Mode("blade_fouling", "blades", "wear", 1.8, 45_000, 1600, 0.5, plateau, {"draught": -0.14, "vibration": 0.5, "current": -0.05}),
        _WINDING,
        _SHAFT,
        _COUPLING,
        Mode("damper_stuck", "damper", "hidden", 1.3, 50_000),
    ),
)
COMPRESSOR = Machine(
    "compressor",
    (_SPEED, _LOAD, _AMBIENT, _VIBRATION, _BEARING, _CURRENT, _GAS),
    (
        _BEARING_WEAR,
        _LOOSENESS,
        Mode("valve_leak", "valve", "wear", 1.7, 30_000, 600, 0.7, exponential, {"discharge_temperature": 0.22, "current": 0.06}),
        Mode("cooler_fouling", "cooler", "wear", 2.0, 30_000, 1800, 0.5, masking, {"discharge_temperature": 0.16}),
        _WINDING,
        _SHAFT,
        _RELIEF,
        _COUPLING,
    ),
    variable=False,
    shifts=True,
)


class First:
    """Equations of variant A: power laws of speed, heat that follows the load, normal noise with some memory."""

    name = "A"
    machines = (PUMP, FAN, COMPRESSOR)

    def signals(self, machine: Machine, duty: Duty, damage: Floats, random: np.random.Generator, period_s: float) -> Floats:
        """True values [channels, n]."""
        values = np.empty_like(damage)
        for row, channel in enumerate(machine.channels):
            values[row] = self._channel(channel, duty, damage[row], random, period_s)
        return values

    def _channel(self, channel: Channel, duty: Duty, damage: Floats, random: np.random.Generator, period_s: float) -> Floats:
        white = random.standard_normal(len(damage))
        direct = {SPEED: 100.0 * duty.speed, LOAD: 100.0 * duty.load, AMBIENT: duty.ambient}
        if channel.name in direct:
            return np.asarray(direct[channel.name] + channel.noise * white * (duty.running | (channel.name == AMBIENT)))
        size = channel.nominal * float(random.lognormal(0.0, 0.12))
        noise = channel.noise * (0.8 * white + 0.6 * wander(random, damage.shape, 1200.0, period_s))
        healthy = 1.0 + damage
        match channel.name:
            case "vibration":
                return np.asarray(np.where(duty.running, size * (0.3 + 0.7 * duty.speed**1.5) * healthy * (1 + noise), 0.05))
            case "current":
                inrush = np.where((duty.since_start == 0) & (random.random(len(damage)) < INRUSH_S / period_s), 2.0, 1.0)
                return np.asarray(duty.running * size * (0.35 + 0.65 * duty.load) * healthy * inrush * (1 + noise))
            case "pressure" | "draught":
                return np.asarray(size * duty.speed**2 * (1.1 - 0.1 * duty.load) * healthy * (1 + noise))
            case _:
                rise = np.where(duty.running, size * (0.45 + 0.55 * duty.load) * healthy, 0.0)
                return duty.ambient + lagged(rise, 2400.0, period_s) + size * noise
