import math

import numpy as np
import pytest

from processors import naming
from processors.bearing import INNER, OUTER, orders
from processors.occasion import spectra
from processors.spectrum import Spectrum
from tests.processors.bearings import BALL, RATE_HZ, SHAFT_HZ, SIZE, damaged, imbalance, noise


@pytest.mark.parametrize(("part", "name"), [(OUTER, "BPFO"), (INNER, "BPFI")])
def test_the_strongest_line_of_a_damaged_bearing_has_its_name(part: str, name: str) -> None:
    envelope = spectra(damaged(part, 1, snr_db=0.0) + noise(1), RATE_HZ)[1][0]
    lines = naming.strongest(envelope, 5, SHAFT_HZ, naming.bearing(BALL))
    assert lines[0].name == name
    assert lines[0].order == pytest.approx(orders(BALL)[part], rel=0.02)


def test_the_first_line_of_the_shaft_is_the_strongest_of_the_velocity() -> None:
    velocity = spectra(imbalance(5.0) + 0.01 * noise(2), RATE_HZ)[0][0]
    first, second = naming.strongest(velocity, 2, SHAFT_HZ, naming.shaft())
    assert (first.name, second.name) == ("1x", "2x")
    assert first.hz == pytest.approx(SHAFT_HZ, abs=velocity.df_hz)


def test_without_a_speed_lines_have_no_name() -> None:
    velocity = spectra(imbalance(5.0) + 0.01 * noise(2), RATE_HZ)[0][0]
    (line,) = naming.strongest(velocity, 1, None, naming.shaft())
    assert (line.name, math.isnan(line.order)) == ("", True)


def test_two_names_for_one_place_are_both_said() -> None:
    lines = np.ones(400)
    lines[200] = 30.0
    found = Spectrum("velocity", "mm/s", 0.0, 0.5, lines, 1.5)
    candidates = [naming.Candidate("blade pass", 4.0, 0.01), naming.Candidate("BPFO", 3.96, 0.02)]
    assert naming.strongest(found, 1, 25.0, candidates)[0].name == "blade pass or BPFO"


def test_noise_alone_shows_few_lines() -> None:
    assert all(len(naming.strongest(found, 50)) <= 5 for found, _ in spectra(noise(3)[:SIZE], RATE_HZ))
