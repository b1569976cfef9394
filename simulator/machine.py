"""Classes of machines: what each one measures, and what each fault does to those measurements.

Pure tables. Nominal values and effects are textbook figures for machines of 10 to 100 kW; effects are shares of the
nominal value at severity 1. A fault moves several quantities together, as physics demands: a blocked pump loses flow and
current and gains pressure; a worn bearing shakes, gets warm and costs a little current.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

Shape = Literal["step", "ramp", "wear"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One measured quantity of a machine.

    value = nominal * (idle + (1 - idle) * load**exponent) + ambient * (ambient - 20 degC) + noise, followed with
    time constant lag_s. Limits and range are in the channel's unit.
    """

    name: str
    quantity: str
    unit: str
    nominal: float
    noise: float
    resolution: float
    low: float
    high: float
    idle: float = 1.0
    exponent: float = 1.0
    ambient: float = 0.0
    lag_s: float = 0.0
    limits: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)  # LL, L, H, HH


@dataclass(frozen=True, slots=True)
class Effect:
    """Shift of a channel as share of its nominal value, and factor of its noise, both at severity 1."""

    shift: float = 0.0
    noise: float = 1.0


@dataclass(frozen=True, slots=True)
class Mode:
    """A way a machine fails: how severity grows and which channels it moves."""

    shape: Shape
    effects: dict[str, Effect]


@dataclass(frozen=True, slots=True)
class Machine:
    """A class of machines: channels in the order they are installed, and the modes it can fail in."""

    name: str
    channels: tuple[Channel, ...]
    modes: tuple[str, ...] = field(default=())


VIBRATION = Channel("vibration", "vibration", "mm/s", 1.4, 0.05, 0.001, 0.0, 25.0, idle=0.8, limits=(None, None, 4.5, 7.1))
AXIAL = replace(VIBRATION, name="vibration_axial", nominal=0.9)
BEARING_TEMPERATURE = Channel(
    "bearing_temperature",
    "temperature",
    "degC",
    58.0,
    0.15,
    0.01,
    -20.0,
    150.0,
    idle=0.7,
    ambient=0.8,
    lag_s=300,
    limits=(None, None, 85.0, 95.0),
)
WINDING_TEMPERATURE = replace(
    BEARING_TEMPERATURE, name="winding_temperature", nominal=82.0, noise=0.2, high=200.0, limits=(None, None, 130.0, 145.0)
)
OIL_TEMPERATURE = replace(BEARING_TEMPERATURE, name="oil_temperature", nominal=62.0)
CURRENT = Channel("motor_current", "current", "A", 22.0, 0.25, 0.01, 0.0, 50.0, idle=0.45, exponent=2.0, limits=(None, None, 30.0, 34.0))
PRESSURE = Channel(
    "discharge_pressure", "pressure", "bar", 4.2, 0.03, 0.001, 0.0, 10.0, idle=0.3, exponent=2.0, limits=(2.0, 2.6, 6.0, 7.0)
)
SUCTION = Channel("suction_pressure", "pressure", "bar", 0.9, 0.012, 0.001, -1.0, 4.0, limits=(0.2, 0.4, None, None))
FLOW = Channel("flow", "flow", "m3/h", 60.0, 0.5, 0.01, 0.0, 120.0, idle=0.0, limits=(20.0, 30.0, None, None))
SPEED = Channel("speed", "speed", "r/min", 1480.0, 1.0, 0.1, 0.0, 3600.0, idle=0.9)
TORQUE = Channel("torque", "torque", "N m", 140.0, 1.2, 0.1, 0.0, 400.0, idle=0.3)
POWER = Channel("power", "power", "kW", 11.0, 0.1, 0.01, 0.0, 40.0, idle=0.3, exponent=2.0)
OIL_PRESSURE = Channel("oil_pressure", "pressure", "bar", 2.4, 0.02, 0.001, 0.0, 6.0, limits=(1.0, 1.4, None, None))
GAS_TEMPERATURE = replace(BEARING_TEMPERATURE, name="discharge_temperature", nominal=96.0, high=220.0, limits=(None, None, 140.0, 155.0))
STATIC_PRESSURE = replace(PRESSURE, unit="kPa", nominal=1.8, noise=0.015, high=5.0, limits=(None, None, 3.2, 3.8))
GAS_PRESSURE = replace(PRESSURE, nominal=7.5, high=16.0, limits=(4.5, 5.5, 9.5, 10.5))
AIR_FLOW = replace(FLOW, unit="m3/s", nominal=8.0, noise=0.06, resolution=0.001, high=16.0, limits=(2.5, 4.0, None, None))

MACHINES = {
    machine.name: machine
    for machine in (
        Machine(
            "pump",
            (VIBRATION, BEARING_TEMPERATURE, CURRENT, PRESSURE, FLOW, SPEED, SUCTION, WINDING_TEMPERATURE, AXIAL, POWER),
            ("bearing_wear", "imbalance", "misalignment", "cavitation", "blockage"),
        ),
        Machine(
            "motor",
            (VIBRATION, BEARING_TEMPERATURE, CURRENT, WINDING_TEMPERATURE, TORQUE, SPEED, AXIAL, POWER),
            ("bearing_wear", "imbalance", "misalignment", "winding_fault"),
        ),
        Machine(
            "fan",
            (VIBRATION, BEARING_TEMPERATURE, CURRENT, STATIC_PRESSURE, AIR_FLOW, SPEED, AXIAL, WINDING_TEMPERATURE, POWER),
            ("bearing_wear", "imbalance", "blockage"),
        ),
        Machine(
            "gearbox",
            (VIBRATION, BEARING_TEMPERATURE, OIL_TEMPERATURE, OIL_PRESSURE, TORQUE, SPEED, AXIAL, POWER),
            ("bearing_wear", "gear_wear", "misalignment", "oil_loss"),
        ),
        Machine(
            "compressor",
            (
                VIBRATION,
                BEARING_TEMPERATURE,
                CURRENT,
                GAS_PRESSURE,
                GAS_TEMPERATURE,
                SPEED,
                FLOW,
                OIL_PRESSURE,
                AXIAL,
                POWER,
            ),
            ("bearing_wear", "imbalance", "valve_leak"),
        ),
    )
}

MODES = {
    "bearing_wear": Mode(
        "wear",
        {
            "vibration": Effect(3.2, 3.0),
            "vibration_axial": Effect(1.5, 2.0),
            "bearing_temperature": Effect(0.55),
            "motor_current": Effect(0.05),
            "oil_temperature": Effect(0.12),
        },
    ),
    "imbalance": Mode(
        "step",
        {"vibration": Effect(2.6, 1.5), "vibration_axial": Effect(0.4), "bearing_temperature": Effect(0.06), "motor_current": Effect(0.02)},
    ),
    "misalignment": Mode(
        "step",
        {"vibration": Effect(1.0, 1.3), "vibration_axial": Effect(2.2), "bearing_temperature": Effect(0.18), "motor_current": Effect(0.04)},
    ),
    "cavitation": Mode(
        "step",
        {
            "vibration": Effect(1.5, 5.0),
            "discharge_pressure": Effect(-0.12, 5.0),
            "suction_pressure": Effect(-0.4, 4.0),
            "flow": Effect(-0.16, 4.0),
            "motor_current": Effect(-0.08, 2.0),
            "power": Effect(-0.08, 2.0),
        },
    ),
    "blockage": Mode(
        "ramp",
        {
            "flow": Effect(-0.45, 1.5),
            "discharge_pressure": Effect(0.16),
            "motor_current": Effect(-0.14),
            "power": Effect(-0.14),
            "vibration": Effect(0.35, 1.5),
            "bearing_temperature": Effect(0.06),
        },
    ),
    "winding_fault": Mode(
        "wear",
        {
            "winding_temperature": Effect(0.55),
            "motor_current": Effect(0.14, 1.5),
            "power": Effect(0.10),
            "bearing_temperature": Effect(0.05),
        },
    ),
    "gear_wear": Mode(
        "wear",
        {"vibration": Effect(2.8, 3.0), "oil_temperature": Effect(0.3), "torque": Effect(0.04, 4.0), "bearing_temperature": Effect(0.1)},
    ),
    "oil_loss": Mode(
        "ramp",
        {
            "oil_pressure": Effect(-0.6, 1.5),
            "oil_temperature": Effect(0.3),
            "bearing_temperature": Effect(0.4),
            "vibration": Effect(0.6, 1.5),
        },
    ),
    "valve_leak": Mode(
        "step",
        {
            "discharge_pressure": Effect(-0.16, 1.5),
            "discharge_temperature": Effect(0.2),
            "flow": Effect(-0.15),
            "motor_current": Effect(0.06),
        },
    ),
}


def installed(machine: Machine, count: int) -> tuple[Channel, ...]:
    """The first `count` channels of a machine; beyond its list they repeat as redundant instruments (suffix _2, _3, ...)."""
    whole = len(machine.channels)
    return tuple(_instrument(machine.channels[index % whole], index // whole) for index in range(count))


def moved(mode: str, channel: Channel) -> Effect:
    """What a mode does to a channel; redundant instruments see the same machine."""
    stem, _, suffix = channel.name.rpartition("_")
    name = stem if suffix.isdigit() else channel.name
    return MODES[mode].effects.get(name, Effect())


def _instrument(channel: Channel, repeat: int) -> Channel:
    return channel if repeat == 0 else replace(channel, name=f"{channel.name}_{repeat + 1}")
