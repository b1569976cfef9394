"""Lines of a rotating machine: of the shaft, its blades and gears, and of each damaged part of a rolling bearing.

With n elements of diameter d on a pitch circle D under the contact angle a, inner ring turning at f, outer ring at rest, no slip
(R. B. Randall, Vibration-based Condition Monitoring, 2011, chapter 2; ISO 13373-3:2015, rolling element bearings), r = d / D cos a:

    outer ring (BPFO)  n f (1 - r) / 2          inner ring (BPFI)  n f (1 + r) / 2
    cage (FTF)           f (1 - r) / 2          spin (BSF)         f D / (2 d) (1 - r^2)

A damaged element strikes both rings in each spin: its line stands at twice BSF. Elements slip: real lines lie 1 to 2 % beside.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SLIP: Final = 0.02
OUTER, INNER, ELEMENT, CAGE = "outer ring", "inner ring", "rolling element", "cage"
FAULTS: Final = (OUTER, INNER, ELEMENT, CAGE)


@dataclass(frozen=True, slots=True)
class Bearing:
    """Geometry of a rolling bearing, one row: elements of diameter_mm on pitch_mm, contact angle in degrees."""

    elements: int
    diameter_mm: float
    pitch_mm: float
    angle_deg: float = 0.0


def orders(bearing: Bearing) -> dict[str, float]:
    """Line of each damaged part, in multiples of the speed of rotation.

    >>> {part: round(order, 3) for part, order in orders(Bearing(9, 7.94, 39.04)).items()}
    {'outer ring': 3.585, 'inner ring': 5.415, 'rolling element': 4.713, 'cage': 0.398}
    """
    ratio = bearing.diameter_mm / bearing.pitch_mm * math.cos(math.radians(bearing.angle_deg))
    return {
        OUTER: bearing.elements * (1.0 - ratio) / 2.0,
        INNER: bearing.elements * (1.0 + ratio) / 2.0,
        ELEMENT: bearing.pitch_mm / bearing.diameter_mm * (1.0 - ratio**2),
        CAGE: (1.0 - ratio) / 2.0,
    }


def modulation(bearing: Bearing) -> dict[str, float]:
    """What parts the sidebands of each part's line, in multiples of the speed: how often the damage enters the load zone.

    >>> modulation(Bearing(9, 7.94, 39.04))["inner ring"]
    1.0
    """
    cage = orders(bearing)[CAGE]
    return {OUTER: 1.0, INNER: 1.0, ELEMENT: cage, CAGE: 1.0}


def shaft_orders(gear_teeth: Sequence[int] = (), blades: int | None = None) -> dict[str, float]:
    """Lines of shaft, blades and gears, in multiples of the speed of the shaft with the first gear.

    Args:
        gear_teeth: in the order of power flow, in pairs that mesh; the second of a pair sits on the shaft of the next pair's first.
        blades: of the rotor.

    >>> shaft_orders((20, 40, 17, 34), 6)
    {'1x': 1.0, '2x': 2.0, '3x': 3.0, 'blades': 6.0, 'mesh 1': 20.0, 'mesh 2': 8.5}
    """
    found = {"1x": 1.0, "2x": 2.0, "3x": 3.0}
    if blades:
        found["blades"] = float(blades)
    speed = 1.0
    for number, (driving, driven) in enumerate(zip(gear_teeth[::2], gear_teeth[1::2], strict=False), 1):
        found[f"mesh {number}"] = speed * driving
        speed *= driving / driven
    return found


def problem(bearing: Bearing) -> str:
    """Why no bearing can have this geometry; empty if one can.

    >>> problem(Bearing(9, 39.04, 7.94))
    'elements of 39.04 mm on a pitch circle of 7.94 mm'
    """
    if not 0.0 < bearing.diameter_mm < bearing.pitch_mm:
        return f"elements of {bearing.diameter_mm:g} mm on a pitch circle of {bearing.pitch_mm:g} mm"
    if bearing.elements < 3 or bearing.elements * bearing.diameter_mm > math.pi * bearing.pitch_mm:
        return f"{bearing.elements} elements of {bearing.diameter_mm:g} mm on a pitch circle of {bearing.pitch_mm:g} mm"
    return "" if 0.0 <= bearing.angle_deg < 90.0 else f"contact angle {bearing.angle_deg:g} degrees"
