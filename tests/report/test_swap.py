import numpy as np

from report.level import steps
from report.series import Series
from report.swap import Part, swapped
from report.unit import median
from tests.report.building import noise, series


def part(rows: Series) -> Part:
    return rows, steps(rows), median(rows)


def pair(first: np.ndarray, second: np.ndarray, names: tuple[str, str] = ("P1.vibration_de", "P1.vibration_nde")) -> list[Part]:
    return [part(series(first, sensor=names[0])), part(series(second, sensor=names[1]))]


def exchanged(since: int, until: int | None = None) -> list[Part]:
    first, second = noise(2.4, 0.08), noise(1.3, 0.05, seed=2)
    rows = slice(since, until)
    first[rows], second[rows] = second[rows].copy(), first[rows].copy()
    return pair(first, second)


def test_an_exchange_is_named_from_its_first_reading_to_its_last() -> None:
    parts = exchanged(700, 1500)
    [finding] = swapped(parts)
    assert finding.sensors == ("P1.vibration_de", "P1.vibration_nde")
    assert (finding.since_us, finding.until_us) == (parts[0][0].ts[700], parts[0][0].ts[1500])
    assert swapped(exchanged(700))[0].until_us is None


def test_steps_that_are_no_exchange_are_not() -> None:
    first, second = noise(2.4, 0.08), noise(1.3, 0.05, seed=2)
    first[900:] += 3
    second[900:] += 2
    assert swapped(pair(first, second)) == []
    assert swapped(pair(noise(2.4, 0.08), noise(1.3, 0.05, seed=2))) == []


def test_names_that_fit_the_other_sensor_are_doubted() -> None:
    names = ("P1.temperature", "P1.vibration")
    [finding] = swapped(pair(noise(2.4, 0.1), noise(61, 0.4, seed=2), names))
    assert finding.since_us is None
    assert swapped(pair(noise(61, 0.4), noise(2.4, 0.1, seed=2), names)) == []
