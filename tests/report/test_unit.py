import numpy as np
import pytest

from report.level import steps
from report.unit import CONVERSIONS, Conversion, implausible, jumped, median
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
        ("temperature", "degC", 104.0, [35.0, 40.0], "degF"),
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
