"""Where vibration is measured, what a window says of it, and how long something must hold to be a condition of the machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, Final

from processors import zones
from processors.machine import Machine
from processors.pattern.row import cells

Record = dict[str, Any]
State = dict[str, Any]

DETECTOR: Final = "vibration/zone"
WINDOW_S: Final = 600
HOLD: Final = 3  # windows on end
BAND: Final = 0.05  # of the limit: it is left only so far inside
LAPSE_US: Final = 86_400_000_000  # without a window that counts
GOOD_MIN: Final = 0.9  # share of Good readings of a window
VIBRATION: Final = "vibration"
VELOCITY, DISPLACEMENT = ":velocity_rms", ":displacement_rms"
CLASSLESS: Final = "general"  # what machines of no stated class are called


@dataclass(frozen=True, slots=True)
class Place:
    """A measuring point: its sensors by criterion (velocity, displacement), and how it is mounted."""

    name: str
    sensors: Mapping[str, str]
    support: str = ""


def places(machine: Machine) -> list[Place]:
    """Points of a machine that a standard may judge, by name: a sensor of frames, or a transmitter of rms values.

    >>> from processors.machine import Sensor
    >>> known = [Sensor("M.v", VIBRATION, unit="mm/s", statistic="rms"), Sensor("M.f:velocity_rms", VIBRATION), Sensor("M.g", VIBRATION)]
    >>> [(place.name, dict(place.sensors)) for place in places(Machine("M", sensors={each.name: each for each in known}))]
    [('M.f', {'velocity': 'M.f:velocity_rms'}), ('M.v', {'velocity': 'M.v'})]
    """
    found = []
    for name, sensor in machine.sensors.items():
        source = name.removesuffix(VELOCITY)
        if source != name:
            beside = {"displacement": source + DISPLACEMENT} if source + DISPLACEMENT in machine.sensors else {}
            found.append(Place(source, {"velocity": name} | beside, machine.sensors.get(source, sensor).support))
        elif sensor.quantity == VIBRATION and sensor.unit in zones.UNITS and sensor.statistic == "rms" and not sensor.by_exception:
            found.append(Place(name, {zones.UNITS[sensor.unit]: name}, sensor.support))
    return sorted(found, key=lambda place: place.name)


def values(place: Place, record: Record) -> dict[str, float]:
    """Root mean square of a window by criterion, of those that are known well enough."""
    found = {}
    for criterion, sensor in place.sensors.items():
        cell = cells(record, (f"{sensor}.rms", f"{sensor}.good"))
        if cell and cell[0] == cell[0] and cell[1] >= GOOD_MIN:
            found[criterion] = cell[0]
    return found


def point(measured: Mapping[str, float], factor: float = 1.0) -> zones.Point:
    """What the standard is asked about, with values that many times as high."""
    velocity, displacement = (measured[name] * factor if name in measured else None for name in ("velocity", "displacement"))
    return zones.Point(velocity, displacement, *zones.RANGE_HZ)


def judged(place: Place, machine: Machine) -> zones.Machine:
    """The machine as the standard sees it from this point."""
    plate, kind = machine.plate, None if machine.kind == CLASSLESS else machine.kind
    return zones.Machine(kind, plate.power_kw, plate.shaft_height_mm, plate.speed_rpm, place.support or plate.support, plate.group)


def evidence(told: State, record: Record, phase: str, value: float, ts: int) -> Record:
    """A record of evidence, without time of knowing and cause.

    Args:
        told: sensor_id, kind, since, severity, threshold and model; detector and expected where they are not those of a zone.
        record: the window that caused it.
        phase: on or off.
        value: of the sensor, NaN where nobody knows it.
        ts: microseconds since 1970.

    """
    return {
        "detector": DETECTOR,
        "expected": told["threshold"],
        **told,
        "asset_id": record["asset_id"],
        "gateway": "",
        "subject": "machine",
        "phase": phase,
        "ts": ts,
        "value": value,
        "surprise": nan,
        "historical": record["historical"],
        "mode": record["mode"],
        "contributions": {},
    }
