import math
from dataclasses import replace
from typing import Any

import pytest

from processors.waveform import covered, features, lowest_hz
from processors.zones import TABLE, Limits, Machine, NoZone, Point, Zone, alarm_limit, changed, limits, zone
from tests.processors.oracle import motion

MOTOR = Machine("motor", power_kw=75.0, speed_rpm=1480.0, support="rigid")
PUMP = Machine("pump", power_kw=90.0, speed_rpm=2950.0, group="II")
POINT = Point(velocity_mm_s=1.0, low_hz=10.0, high_hz=1000.0)


def graded(point: Point = POINT, machine: Machine = MOTOR) -> Zone:
    found = zone(point, machine)
    assert isinstance(found, Zone), found
    return found


@pytest.mark.parametrize(
    ("power_kw", "support", "velocity", "displacement"),
    [
        (301.0, "rigid", (2.3, 4.5, 7.1), (29.0, 57.0, 90.0)),
        (301.0, "flexible", (3.5, 7.1, 11.0), (45.0, 90.0, 140.0)),
        (300.0, "rigid", (1.4, 2.8, 4.5), (22.0, 45.0, 71.0)),
        (15.1, "flexible", (2.3, 4.5, 7.1), (37.0, 71.0, 113.0)),
    ],
)
def test_industrial_machines(power_kw: float, support: str, velocity: Any, displacement: Any) -> None:
    found = limits(replace(MOTOR, power_kw=power_kw, support=support))
    assert isinstance(found, Limits)
    assert (found.velocity_mm_s, found.displacement_um, found.standard) == (velocity, displacement, "ISO 20816-3")


@pytest.mark.parametrize(
    ("power_kw", "category", "velocity"),
    [
        (200.0, "I", (2.5, 4.0, 6.6)),
        (200.1, "I", (3.5, 5.0, 7.6)),
        (1.5, "II", (3.2, 5.1, 8.5)),
        (900.0, "II", (4.2, 6.1, 9.5)),
    ],
)
def test_pumps(power_kw: float, category: str, velocity: Any) -> None:
    found = limits(replace(PUMP, power_kw=power_kw, group=category))
    assert isinstance(found, Limits)
    assert (found.velocity_mm_s, found.standard) == (velocity, "ISO 10816-7")


def test_every_row_rises_and_names_its_source() -> None:
    for row in TABLE.values():
        for bounds in filter(None, (row.velocity_mm_s, row.displacement_um)):
            assert 0.0 < bounds[0] < bounds[1] < bounds[2]
        assert row.standard.split()[1].partition("-")[0] in {"20816", "10816"}
        assert row.source.startswith("ISO")


@pytest.mark.parametrize(("velocity", "letter"), [(0.0, "A"), (1.4, "A"), (1.41, "B"), (2.8, "B"), (2.81, "C"), (4.5, "C"), (4.51, "D")])
def test_a_limit_belongs_to_the_better_zone(velocity: float, letter: str) -> None:
    found = graded(replace(POINT, velocity_mm_s=velocity))
    assert (found.letter, found.criterion, found.value) == (letter, "velocity", velocity)
    assert found.note == "velocity alone: the other quantity was not measured"


@pytest.mark.parametrize(
    ("velocity", "displacement", "expected"), [(1.0, 50.0, "C displacement"), (5.0, 50.0, "D velocity"), (2.0, 30.0, "B velocity")]
)
def test_the_worse_counts(velocity: float, displacement: float, expected: str) -> None:
    found = graded(replace(POINT, velocity_mm_s=velocity, displacement_um=displacement))
    assert (f"{found.letter} {found.criterion}", found.note) == (expected, "")


def test_the_shaft_height_stands_in_for_the_power() -> None:
    motor = replace(MOTOR, power_kw=None)
    assert [graded(machine=replace(motor, shaft_height_mm=height)).machines for height in (315.0, 314.0, 160.0)] == [
        "group 1, rigid",
        "group 2, rigid",
        "group 2, rigid",
    ]


def test_the_declared_group_outranks_the_power() -> None:
    assert graded(machine=replace(MOTOR, group="1")).machines == "group 1, rigid"


def test_slow_machines_are_measured_lower_and_by_both() -> None:
    slow = replace(MOTOR, speed_rpm=400.0)
    both = Point(velocity_mm_s=1.0, displacement_um=30.0, low_hz=2.0, high_hz=1000.0)
    assert graded(both, slow).letter == "B"
    assert zone(replace(both, displacement_um=None), slow) == NoZone("under 600 r/min velocity and displacement are both needed")
    assert zone(replace(both, low_hz=10.0), slow) == NoZone("measured from 10 to 1000 Hz: 2 to 1000 Hz are needed")


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        (replace(MOTOR, speed_rpm=None), "speed is unknown"),
        (replace(MOTOR, speed_rpm=100.0), "100 r/min: ISO 20816-3 holds from 120 to 30,000 r/min"),
        (replace(MOTOR, speed_rpm=math.nan), "nan r/min: ISO 20816-3 holds from 120 to 30,000 r/min"),
        (replace(MOTOR, power_kw=None), "power and shaft height are unknown: the group is open"),
        (replace(MOTOR, power_kw=11.0), "11 kW: the table of ISO 20816-3 holds above 15 kW to 50 MW"),
        (replace(MOTOR, power_kw=None, shaft_height_mm=132.0), "shaft height 132 mm: ISO 20816-3 begins at 160 mm"),
        (replace(MOTOR, support=None), "support is unknown: rigid or flexible in the measuring direction"),
        (replace(MOTOR, group="II"), "machine group II is none of ISO 20816-3: 1 or 2"),
        (replace(MOTOR, kind=None), "declare the machine group"),
        (replace(MOTOR, kind="compressor"), "compressor: whether ISO 20816-3 covers it"),
        (replace(MOTOR, kind="gearbox"), "gear units are judged by ISO 20816-9"),
        (replace(MOTOR, kind="fan", support="flexible"), "ISO 14694"),
        (replace(PUMP, group=None), "pump category is unknown"),
        (replace(PUMP, group="1"), "pump category is unknown"),
        (replace(PUMP, power_kw=None), "power is unknown: ISO 10816-7 parts pumps at 200 kW"),
        (replace(PUMP, power_kw=0.9), "begins above 1 kW"),
        (replace(PUMP, speed_rpm=500.0), "pump under 600 r/min"),
    ],
)
def test_no_zone_for_a_machine(machine: Machine, reason: str) -> None:
    found = zone(POINT, machine)
    assert isinstance(found, NoZone)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (replace(POINT, rotating=True), "measured on a rotating part: these limits are for housings"),
        (replace(POINT, statistic="peak"), "peak value: the limits are rms values"),
        (replace(POINT, by_exception=True), "reported by exception: no rms value over a known time"),
        (replace(POINT, steady=False), "not in steady state"),
        (replace(POINT, velocity_mm_s=None), "no velocity or displacement: acceleration needs a waveform to be integrated"),
        (replace(POINT, velocity_mm_s=math.nan), "no finite value"),
        (replace(POINT, velocity_mm_s=-1.0), "no finite value"),
        (replace(POINT, low_hz=None), "frequency range is unknown"),
        (replace(POINT, high_hz=400.0), "measured from 10 to 400 Hz: 10 to 1000 Hz are needed"),
    ],
)
def test_no_zone_for_a_measurement(point: Point, reason: str) -> None:
    assert zone(point, MOTOR) == NoZone(reason)


def test_a_displacement_says_nothing_of_a_pump() -> None:
    assert isinstance(zone(replace(POINT, velocity_mm_s=None, displacement_um=20.0), PUMP), NoZone)
    assert graded(replace(POINT, displacement_um=900.0), PUMP).letter == "A"


def test_a_change_matters_in_any_zone() -> None:
    assert not changed(0.9, 0.2, 2.8)
    assert changed(0.91, 0.2, 2.8)
    assert changed(0.2, 0.91, 2.8)


def test_an_alarm_stays_near_zone_c() -> None:
    assert alarm_limit(0.5, 4.5) == pytest.approx(1.625)
    assert alarm_limit(5.0, 4.5) == pytest.approx(5.625)


@pytest.mark.parametrize(("amplitude", "letter"), [(0.3, "A"), (0.5, "B"), (0.8, "C"), (1.2, "D")])
def test_a_waveform_reaches_its_zone(amplitude: float, letter: str) -> None:
    size, rate_hz = 8192, 12_800.0
    found = features(motion.acceleration([(24.7, amplitude, 0.3)], rate_hz, size) + 9.81, rate_hz, lowest_hz(1480.0))
    low_hz, high_hz = covered(size, rate_hz) or (None, None)
    point = Point(found["velocity_rms"], found["displacement_rms"], low_hz, high_hz)
    assert graded(point).letter == letter
