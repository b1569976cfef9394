import pytest

from catalogue import coverage
from catalogue.classes import CLASSES, DETECTORS, Class, every, load
from catalogue.columns import BY_NAME
from catalogue.units import fits
from processors import grade, lines
from processors.condition import DETECTORS as BUILT


@pytest.mark.parametrize("machine", every(), ids=lambda machine: machine.name)
def test_a_class_is_complete(machine: Class) -> None:
    suffixes = [sensor.suffix for sensor in machine.sensors]
    assert len(suffixes) == len(set(suffixes))
    assert all(fits(sensor.quantity, sensor.unit) for sensor in machine.sensors)
    assert all(sensor.direction in {None, *BY_NAME["direction"].choices} for sensor in machine.sensors)
    assert {suffix for pair in machine.pairs for suffix in pair} <= set(suffixes)
    assert len({failure.name for failure in machine.failures}) == len(machine.failures)
    assert machine.notes
    for failure in machine.failures:
        assert failure.action.endswith(".")
        assert failure.source
        assert failure.low_h is None or (failure.high_h is not None and 0 < failure.low_h < failure.high_h)
        assert {symptom.detector for symptom in failure.symptoms} <= set(DETECTORS)


@pytest.mark.parametrize("machine", every(), ids=lambda machine: machine.name)
def test_every_class_says_what_nothing_announces(machine: Class) -> None:
    assert any(not failure.symptoms and failure.low_h is None for failure in machine.failures)


def test_only_detectors_that_run_watch() -> None:
    assert set(DETECTORS) <= {*BUILT, grade.DETECTOR, lines.DETECTOR}
    assert {row["detector"] for row in coverage.symptoms()} <= set(DETECTORS)


def test_an_unknown_class_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match=CLASSES[0]):
        load("mill")
