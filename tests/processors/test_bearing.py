import pytest

from processors.bearing import CAGE, ELEMENT, FAULTS, INNER, OUTER, Bearing, modulation, orders, problem, shaft_orders


def test_orders_of_a_known_bearing() -> None:
    """SKF 6205-2RS as the Case Western Reserve University bearing data centre states it, in multiples of the speed."""
    found = orders(Bearing(9, 0.3126 * 25.4, 1.537 * 25.4))
    expected = {INNER: 5.4152, OUTER: 3.5848, CAGE: 0.39828, ELEMENT: 4.7135}
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("bearing", [Bearing(9, 7.94, 39.04), Bearing(16, 8.4, 71.5, 15.17), Bearing(21, 20.0, 180.0, 40.0)])
def test_orders_hold_together(bearing: Bearing) -> None:
    found = orders(bearing)
    assert found[OUTER] + found[INNER] == pytest.approx(bearing.elements)  # each element passes one point of either ring
    assert found[OUTER] == pytest.approx(bearing.elements * found[CAGE])
    assert set(found) == set(modulation(bearing)) == set(FAULTS)
    assert problem(bearing) == ""


@pytest.mark.parametrize(
    ("bearing", "said"),
    [
        (Bearing(9, 0.0, 39.0), "elements of 0 mm"),
        (Bearing(9, 40.0, 39.0), "elements of 40 mm"),
        (Bearing(2, 7.9, 39.0), "2 elements"),
        (Bearing(17, 7.9, 39.0), "17 elements"),
        (Bearing(9, 7.9, 39.0, 90.0), "contact angle 90 degrees"),
    ],
)
def test_impossible_geometry_is_told(bearing: Bearing, said: str) -> None:
    assert problem(bearing).startswith(said)


def test_shaft_orders_without_gears_and_blades() -> None:
    assert shaft_orders() == {"1x": 1.0, "2x": 2.0, "3x": 3.0}


def test_a_gear_without_partner_meshes_with_nothing() -> None:
    assert shaft_orders((23, 69, 19)) == {"1x": 1.0, "2x": 2.0, "3x": 3.0, "mesh 1": 23.0}
