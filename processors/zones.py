"""Vibration zones A to D: the table of standards and limits, and why there is no zone when there is none.

A zone judges steady vibration on bearing housings or pedestals against the standard of the machine's kind:

- ISO 20816-3 (industrial machinery above 15 kW, 120 to 30,000 r/min). Group 1: above 300 kW, or electrical machines of 315 mm
  shaft height and more; group 2: above 15 to 300 kW, or 160 to below 315 mm. A support is rigid in a direction if its lowest
  natural frequency there lies at least 25 % above the frequency of rotation. Of velocity and displacement the worse counts;
  under 600 r/min both are needed, from 2 Hz on.
- ISO 10816-7 (rotodynamic pumps above 1 kW). Category I: high demands on reliability or safety; II: others. The support plays
  no part. Under 600 r/min it asks for the peak-to-peak displacement, too: its limits are not in the table.

Fans up to 300 kW on flexible supports have other limits (ISO 14694, with start-up, alarm and shut-down values instead of zones),
gear units (ISO 20816-9), reciprocating machines (ISO 20816-8) and positive-displacement compressors have other standards. Those
numbers are not in the table, because they could not be checked: no zone rather than a wrong one.

Nobody read the paid texts for this table; `source` names what each number was checked against. Public sources disagree on
whether ISO 20816-3:2022 still parts zone A from B; B/C and C/D, on which limits and alarms rest, are the same in all of them.
"""

import math
from dataclasses import dataclass
from typing import Final

A_TO_D: Final = "ABCD"
CHANGE: Final = 0.25  # of the limit B/C: a change that matters (ISO 10816-3:2009 5.3, ISO 20816-1 criterion II)
ALARM_MAX: Final = 1.25  # times the limit B/C: the highest alarm limit (ISO 10816-3:2009 5.4.1)
HIGH_HZ: Final = 1000.0
SLOW_RPM: Final = 600.0
RANGE_HZ: Final = (10.0, 1000.0)  # of transmitters (ISO 2954) and of frames; a narrower one shows less, so what is beyond stays beyond
UNITS: Final = {"mm/s": "velocity", "um": "displacement", "µm": "displacement", "μm": "displacement"}
GROUPS: Final = ("1", "2")
CATEGORIES: Final = ("I", "II")
ELSEWHERE: Final = {  # kind of machine -> where its limits stand
    "gearbox": "gear units are judged by ISO 20816-9",
    "reciprocating": "reciprocating machines are judged by ISO 20816-8",
    "wind_turbine": "wind turbines are judged by ISO 10816-21",
    "hydro": "hydraulic power sets are judged by ISO 20816-5",
}

SOURCE_3: Final = (
    "ISO 10816-3:2009 tables A.1 and A.2 (ISO 20816-3:2022 took them over). Velocity: as quoted for the identical GB/T 6075.3-2011, "
    "by Beckhoff TF3600 (group 1 rigid) and by the phonometry library; displacement: by the phonometry library alone"
)
SOURCE_7: Final = "ISO 10816-7:2009 annex A, as quoted from Europump, Pump Vibration Standards Guidelines (2013), and for GB/T 6075.7-2015"


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits of the zones A, B and C, by quantity; displacement is None where the standard gives none here."""

    standard: str
    machines: str
    velocity_mm_s: tuple[float, float, float]
    displacement_um: tuple[float, float, float] | None
    source: str


TABLE: Final = {
    ("1", "rigid"): Limits("ISO 20816-3", "group 1, rigid", (2.3, 4.5, 7.1), (29.0, 57.0, 90.0), SOURCE_3),
    ("1", "flexible"): Limits("ISO 20816-3", "group 1, flexible", (3.5, 7.1, 11.0), (45.0, 90.0, 140.0), SOURCE_3),
    ("2", "rigid"): Limits("ISO 20816-3", "group 2, rigid", (1.4, 2.8, 4.5), (22.0, 45.0, 71.0), SOURCE_3),
    ("2", "flexible"): Limits("ISO 20816-3", "group 2, flexible", (2.3, 4.5, 7.1), (37.0, 71.0, 113.0), SOURCE_3),
    ("I", "small"): Limits("ISO 10816-7", "pumps, category I, up to 200 kW", (2.5, 4.0, 6.6), None, SOURCE_7),
    ("I", "large"): Limits("ISO 10816-7", "pumps, category I, above 200 kW", (3.5, 5.0, 7.6), None, SOURCE_7),
    ("II", "small"): Limits("ISO 10816-7", "pumps, category II, up to 200 kW", (3.2, 5.1, 8.5), None, SOURCE_7),
    ("II", "large"): Limits("ISO 10816-7", "pumps, category II, above 200 kW", (4.2, 6.1, 9.5), None, SOURCE_7),
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What the catalogue says of a machine; None: it does not say.

    Attributes:
        kind: class of the asset: pump, fan, motor, gearbox, compressor, ...
        power_kw: rated power.
        shaft_height_mm: of electrical machines (IEC frame size); stands in for the power.
        speed_rpm: rated speed, or the lowest in use.
        support: rigid or flexible, in the measuring direction.
        group: machine_group of the catalogue: 1 or 2 (ISO 20816-3), I or II for pumps (ISO 10816-7); outranks the power.
    """

    kind: str | None = None
    power_kw: float | None = None
    shaft_height_mm: float | None = None
    speed_rpm: float | None = None
    support: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at a point in one direction; None: not measured.

    Attributes:
        velocity_mm_s, displacement_um: broad-band rms values.
        low_hz, high_hz: frequency range of both; None: unknown.
        statistic: rms, peak or other words; only rms is judged.
        rotating: measured on the shaft, not on a housing.
        by_exception: values are sent on change only: means over time are not what the standard speaks of.
        steady: the machine ran in steady state at rated speed.
    """

    velocity_mm_s: float | None = None
    displacement_um: float | None = None
    low_hz: float | None = None
    high_hz: float | None = None
    statistic: str = "rms"
    rotating: bool = False
    by_exception: bool = False
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone of a point.

    Attributes:
        letter: A (as new), B (long-term operation), C (not for long), D (may damage the machine).
        criterion: velocity or displacement: the one that gave the zone.
        value: of the criterion, mm/s or um.
        limits: A/B, B/C and C/D of the criterion.
        standard, machines, source: where they stand.
        note: what was left out of the judgement; empty if nothing.
    """

    letter: str
    criterion: str
    value: float
    limits: tuple[float, float, float]
    standard: str
    machines: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoZone:
    """There is no zone, and why."""

    reason: str


def zone(point: Point, machine: Machine) -> Zone | NoZone:
    """The zone of a point, by the worse of velocity and displacement.

    >>> motor = Machine("motor", power_kw=75.0, speed_rpm=1480.0, support="rigid")
    >>> found = zone(Point(velocity_mm_s=3.1, low_hz=10.0, high_hz=1000.0), motor)
    >>> found.letter, found.limits, found.machines
    ('C', (1.4, 2.8, 4.5), 'group 2, rigid')
    >>> zone(Point(velocity_mm_s=3.1, low_hz=10.0, high_hz=1000.0), Machine("motor", speed_rpm=1480.0, support="rigid"))
    NoZone(reason='power and shaft height are unknown: the group is open')
    """
    found = limits(machine)
    if isinstance(found, NoZone):
        return found
    reason = _unfit(point, machine, found)
    if reason:
        return NoZone(reason)
    grades = []
    if point.velocity_mm_s is not None:
        grades.append((_grade(point.velocity_mm_s, found.velocity_mm_s), "velocity", point.velocity_mm_s, found.velocity_mm_s))
    if point.displacement_um is not None and found.displacement_um:
        grades.append((_grade(point.displacement_um, found.displacement_um), "displacement", point.displacement_um, found.displacement_um))
    worst, criterion, value, bounds = max(grades, key=lambda grade: grade[0])
    note = "" if len(grades) == 2 or not found.displacement_um else f"{criterion} alone: the other quantity was not measured"
    return Zone(A_TO_D[worst], criterion, value, bounds, found.standard, found.machines, found.source, note)


def limits(machine: Machine) -> Limits | NoZone:  # noqa: PLR0911  one line per rule
    """The row of the table for a machine."""
    if machine.kind in ELSEWHERE:
        return NoZone(ELSEWHERE[machine.kind])
    if machine.speed_rpm is None:
        return NoZone("speed is unknown")
    if machine.kind == "pump":
        return _pump(machine)
    if not 120.0 <= machine.speed_rpm <= 30_000.0:
        return NoZone(f"{machine.speed_rpm:g} r/min: ISO 20816-3 holds from 120 to 30,000 r/min")
    group = _group(machine)
    if isinstance(group, NoZone):
        return group
    if machine.support not in {"rigid", "flexible"}:
        return NoZone("support is unknown: rigid or flexible in the measuring direction")
    if machine.kind == "fan" and machine.support == "flexible" and (machine.power_kw is None or machine.power_kw <= 300.0):
        return NoZone("fans up to 300 kW on flexible supports are judged by ISO 14694")
    return TABLE[group, machine.support]


def changed(value: float, baseline: float, limit_bc: float) -> bool:
    """Whether a value left its accepted baseline by more than 25 % of the limit B/C, up or down, in any zone.

    >>> changed(2.0, 1.2, 2.8), changed(1.9, 1.2, 2.8), changed(0.4, 1.2, 2.8)
    (True, False, True)
    """
    return abs(value - baseline) > CHANGE * limit_bc


def alarm_limit(baseline: float, limit_bc: float) -> float:
    """Where an alarm belongs: 25 % of the limit B/C above the accepted baseline, at most 1.25 times that limit.

    >>> round(alarm_limit(1.2, 2.8), 3), alarm_limit(3.4, 2.8)
    (1.9, 3.5)
    """
    return min(baseline + CHANGE * limit_bc, ALARM_MAX * limit_bc)


def _pump(machine: Machine) -> Limits | NoZone:
    if machine.group not in CATEGORIES:
        return NoZone("pump category is unknown: I or II of ISO 10816-7 as machine group")
    if machine.power_kw is None:
        return NoZone("power is unknown: ISO 10816-7 parts pumps at 200 kW")
    if machine.power_kw <= 1.0:
        return NoZone("ISO 10816-7 begins above 1 kW")
    if machine.speed_rpm is not None and machine.speed_rpm < SLOW_RPM:
        return NoZone("pump under 600 r/min: the peak-to-peak limits of ISO 10816-7 are not in the table")
    return TABLE[machine.group, "small" if machine.power_kw <= 200.0 else "large"]


def _group(machine: Machine) -> str | NoZone:  # noqa: PLR0911  one line per rule
    """1 or 2 of ISO 20816-3: as declared, else from the power, else from the shaft height."""
    if machine.group in GROUPS:
        return machine.group
    if machine.group is not None:
        return NoZone(f"machine group {machine.group} is none of ISO 20816-3: 1 or 2")
    if machine.kind is None or machine.kind == "compressor":
        kind = machine.kind or "machine of unknown class"
        return NoZone(f"{kind}: whether ISO 20816-3 covers it is for an engineer to say; declare the machine group")
    if machine.power_kw is not None:
        if not 15.0 < machine.power_kw <= 50_000.0:
            return NoZone(f"{machine.power_kw:g} kW: the table of ISO 20816-3 holds above 15 kW to 50 MW")
        return "1" if machine.power_kw > 300.0 else "2"
    if machine.shaft_height_mm is None:
        return NoZone("power and shaft height are unknown: the group is open")
    if machine.shaft_height_mm < 160.0:
        return NoZone(f"shaft height {machine.shaft_height_mm:g} mm: ISO 20816-3 begins at 160 mm")
    return "1" if machine.shaft_height_mm >= 315.0 else "2"


def _unfit(point: Point, machine: Machine, found: Limits) -> str:  # noqa: PLR0911  one line per rule
    """Why the measurement cannot be judged; empty if it can."""
    values = [value for value in (point.velocity_mm_s, point.displacement_um if found.displacement_um else None) if value is not None]
    if point.rotating:
        return "measured on a rotating part: these limits are for housings"
    if point.statistic != "rms":
        return f"{point.statistic} value: the limits are rms values"
    if point.by_exception:
        return "reported by exception: no rms value over a known time"
    if not point.steady:
        return "not in steady state"
    if not values:
        return "no velocity or displacement: acceleration needs a waveform to be integrated"
    if not all(math.isfinite(value) and value >= 0.0 for value in values):
        return "no finite value"
    slow = machine.speed_rpm is not None and machine.speed_rpm < SLOW_RPM
    if slow and len(values) < 2:
        return "under 600 r/min velocity and displacement are both needed"
    return _range(point, 2.0 if slow else 10.0)


def _range(point: Point, low_hz: float) -> str:
    if point.low_hz is None or point.high_hz is None:
        return "frequency range is unknown"
    if point.low_hz > low_hz or point.high_hz < HIGH_HZ:
        return f"measured from {point.low_hz:g} to {point.high_hz:g} Hz: {low_hz:g} to {HIGH_HZ:g} Hz are needed"
    return ""


def _grade(value: float, bounds: tuple[float, float, float]) -> int:
    """0 for A to 3 for D; a value at a limit belongs to the better zone."""
    return sum(value > bound for bound in bounds)
