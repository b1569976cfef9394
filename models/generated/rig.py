"""A pump rig of eight channels at 1 Hz: coupled channels, slow thermal drift, eight kinds of fault. Own equations and constants."""

from typing import Final

import numpy as np
from scipy.signal import lfilter

from models.table import BoolArray, FloatArray, Table

CHANNELS: Final = (
    "acceleration_1_g",
    "acceleration_2_g",
    "current_a",
    "pressure_bar",
    "motor_temperature_c",
    "fluid_temperature_c",
    "voltage_v",
    "flow_l_min",
)
ROWS: Final = 1150
HEALTHY: Final = 400  # rows at the beginning of each recording
KINDS: Final = ("valve", "valve", "imbalance", "beating imbalance", "cavitation", "leak", "heat", "electric", "imbalance and leak")


def recordings(seed: int, count: int) -> Table:
    """Recordings with one fault each.

    Args:
        seed: equal seeds give equal recordings.
        count: of recordings.

    Returns:
        A table with the target `fault`, 0 or 1; one unit per recording, time in seconds.
    """
    random = np.random.default_rng(seed)
    made = [recording(random) for _ in range(count)]
    rows = np.concatenate([rows for rows, _, _ in made])
    return Table(
        dict(zip(CHANNELS, rows.T.copy(), strict=True)),
        {"fault": np.concatenate([fault for _, fault, _ in made]).astype(np.float64)},
        np.repeat(np.arange(count), ROWS),
        np.tile(np.arange(ROWS, dtype=np.float64), count),
        "s",
        tuple(f"{i}: {kind}" for i, (_, _, kind) in enumerate(made)),
    )


def recording(random: np.random.Generator) -> tuple[FloatArray, BoolArray, str]:
    """Rows (1150, 8), where the fault stands, and its kind."""
    kind = KINDS[int(random.integers(len(KINDS)))]
    begin = int(random.integers(500, 650))
    end = min(begin + int(random.integers(250, 420)), ROWS - 60)
    at = np.arange(ROWS)
    fault = (at >= begin) & (at < end)
    size = random.uniform(0.25, 1.0) * np.clip((at - begin) / random.integers(3, 120), 0.0, 1.0) * fault
    return _channels(random, _parts(random, kind, size)), fault, kind


def _parts(random: np.random.Generator, kind: str, size: FloatArray) -> dict[str, FloatArray]:
    """How far each part is from healthy, 0..1 per row."""
    none = np.zeros(ROWS)
    parts = dict.fromkeys(("valve", "imbalance", "cavitation", "leak", "heat", "electric"), none)
    if kind == "beating imbalance":
        beat = np.sin(np.arange(ROWS) / random.uniform(4.0, 30.0)) > 0.0
        return parts | {"imbalance": size * beat}
    if kind == "imbalance and leak":
        return parts | {"imbalance": 0.5 * size, "leak": 0.4 * size}
    return parts | {kind: size}


def _channels(random: np.random.Generator, parts: dict[str, FloatArray]) -> FloatArray:
    """What the sensors show: physics of the rig, then noise."""
    imbalance, cavitation, leak, heat, electric = (parts[name] for name in ("imbalance", "cavitation", "leak", "heat", "electric"))

    def noise(sd: float) -> FloatArray:
        return random.normal(0.0, sd, ROWS)

    def wander(memory: float, sd: float) -> FloatArray:
        walked: FloatArray = lfilter([1.0], [1.0, -memory], noise(sd))
        return walked

    opened, load, time = 1.0 - 0.6 * parts["valve"], 1.0 + wander(0.98, 0.002), np.arange(ROWS) / ROWS
    motor_drift, fluid_drift = random.normal(0.0, 1.2, 2)
    flow = 32.0 * load * opened**0.7 * (1.0 - 0.25 * leak - 0.2 * cavitation) + noise(0.35) * (1.0 + 3.0 * cavitation)
    pressure = 0.05 + 0.3 * (1.2 - 0.5 * opened) * load - 0.08 * cavitation - 0.05 * leak + noise(0.22) * (1.0 + cavitation)
    current = 1.4 + 0.9 * load * (0.6 + 0.4 * opened) + 0.4 * imbalance + 0.3 * electric + noise(0.25)
    first = 0.027 + 0.001 * wander(0.9, 0.3) + 0.008 * imbalance + 0.006 * cavitation * random.random(ROWS) + noise(0.0004)
    second = 0.040 + 0.001 * wander(0.9, 0.3) + 0.012 * imbalance + 0.010 * cavitation * random.random(ROWS) + noise(0.0006)
    voltage = 228.0 + wander(0.95, 2.0) - 6.0 * electric + noise(8.0)
    motor = 68.0 + motor_drift * time + 0.6 * np.cumsum(heat + 0.4 * electric) / 100.0 + wander(0.99, 0.02) + noise(0.08)
    fluid = 25.0 + fluid_drift * time + 0.4 * np.cumsum(heat) / 100.0 + wander(0.995, 0.004) + noise(0.01)
    first = first + random.normal(0.0, 0.0006) * time
    return np.column_stack([first, second, current, pressure, motor, fluid, voltage, flow])
