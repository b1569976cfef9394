from dataclasses import replace

import numpy as np
import pytest

from report.level import steps
from report.unit import CONVERSIONS, Conversion, implausible, jumped, median, quantity, unstated
from tests.report.building import noise, series

SENSORS = {"temperature": ("P1.temperature", 60.0, 0.4), "vibration": ("P1.vibration", 2.0, 0.1), "pressure": ("P1.pressure", 4.0, 0.05)}


@pytest.mark.parametrize("conversion", CONVERSIONS, ids=lambda item: f"{item.old}-{item.new}")
def test_every_change_of_unit_on_the_way_is_named(conversion: Conversion) -> None:
    sensor, level, spread = SENSORS[conversion.quantity]
    values = noise(level, spread)
    values[1200:] = conversion.factor * values[1200:] + conversion.shift
    rows = series(values, sensor=sensor, unit=conversion.old)
    [finding] = jumped(rows, steps(rows), [])
    assert f"{conversion.old} to {conversion.new}" in finding.what
    assert (finding.sure, finding.since_us, finding.until_us) == ("likely", rows.ts[1200], None)


def test_a_unit_that_comes_back_has_an_end() -> None:
    values = noise(60, 0.4)
    values[500:900] = values[500:900] * 1.8 + 32
    rows = series(values, sensor="P1.temperature", unit="degC")
    [finding] = jumped(rows, steps(rows), [])
    assert (finding.since_us, finding.until_us) == (rows.ts[500], rows.ts[900])


def test_another_size_of_step_is_none_and_neither_is_one_of_the_whole_machine() -> None:
    values = noise(60, 0.4)
    values[1000:] += 30
    rows = series(values, sensor="P1.temperature", unit="degC")
    assert jumped(rows, steps(rows), []) == []
    values[1000:] = noise(140, 0.4, 1000)
    rows = series(values, sensor="P1.temperature", unit="degC")
    assert len(jumped(rows, steps(rows), [])) == 1
    speed = series(np.r_[noise(0, 1, 1000), noise(1480, 1, 1000)], sensor="P1.speed")
    assert jumped(rows, steps(rows), [speed]) == []


@pytest.mark.parametrize(
    ("name", "unit", "level", "siblings", "meant"),
    [
        ("temperature", "degC", 140.0, [], "degF"),
        ("temperature", "", 131.0, [61.0, 82.0], "degF"),
        ("temperature", "degC", 333.0, [], "K"),
        ("temperature", "degF", 12.0, [], "degC"),
        ("temperature", "K", 60.0, [], "degC"),
        ("vibration", "in/s", 2.4, [], "mm/s"),
        ("vibration", "mm/s", 0.02, [], "in/s"),
    ],
)
def test_a_level_of_another_unit_is_named(name: str, unit: str, level: float, siblings: list[float], meant: str) -> None:
    rows = series(noise(level, 0.01 * level), sensor=f"P1.{name}", unit=unit)
    [finding] = implausible(rows, median(rows), siblings)
    assert f"correct its unit to {meant}" in finding.remedy


@pytest.mark.parametrize(
    ("name", "unit", "level", "siblings"),
    [
        ("temperature", "degC", 85.0, [55.0, 61.0]),
        ("temperature", "degF", 140.0, [150.0, 131.0]),
        ("vibration", "mm/s", 2.4, []),
        ("pressure", "bar", 12.0, [1.8, 30.0]),
        ("flow", "m3/h", 1e5, []),
    ],
)
def test_usual_levels_are_not(name: str, unit: str, level: float, siblings: list[float]) -> None:
    rows = series(noise(level, 0.01 * level), sensor=f"P1.{name}", unit=unit)
    assert implausible(rows, median(rows), siblings) == []


@pytest.mark.parametrize(
    ("unit", "level", "siblings", "other"), [("degC", 104.0, [35.0, 40.0], "degF"), ("degF", 107.0, [180.0, 260.0], "degC")]
)
def test_where_two_units_are_possible_both_are_said_and_what_decides(unit: str, level: float, siblings: list[float], other: str) -> None:
    rows = series(noise(level, 0.01 * level), sensor="P1.bearing temp", unit=unit, column="bearing temp")
    [finding] = implausible(rows, median(rows), siblings)
    assert finding.sure == "possible"
    assert finding.remedy.startswith(f"{unit} and {other} are both possible; what decides: the label")
    assert finding.remedy.endswith(f"`--unit 'bearing temp={other}'`")


def test_a_name_in_a_command_is_quoted() -> None:
    rows = series(noise(140.0, 1.0), sensor="P1.temp (°C)", unit="degC", column="temp (°C)")
    [finding] = implausible(rows, median(rows), [])
    assert finding.remedy == "correct its unit to degF: `--unit 'temp (°C)=degF'`"
    [finding] = implausible(replace(rows, column=""), median(rows), [])
    assert finding.remedy == "correct its unit to degF: column unit of the catalogue"


def test_a_unit_tells_the_quantity_where_the_name_does_not() -> None:
    rows = series([1.0], sensor="P1.speed [mm/s]", unit="mm/s")
    assert quantity(rows) == "vibration"
    assert quantity(replace(rows, unit="r/min")) == quantity(replace(rows, unit="")) == "speed"
    assert quantity(series([1.0], sensor="P1.Bearing DE", unit="°F")) == "temperature"


def test_temperatures_without_unit_are_told_where_degf_would_do_as_well() -> None:
    both, cold = (series(noise(level, 1.0), sensor=f"P1.{name}_temp") for name, level in (("de", 105.0), ("inlet", 12.0)))
    [finding] = unstated("P1", [both, cold])
    assert finding.what == "2 of 2 sensors have no unit; degC and degF are both possible by the level of de_temp (105)"
    assert "cooled down" in finding.remedy
