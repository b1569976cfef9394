"""Names for the lines of a spectrum: which of them a shaft, its blades and gears, or a damaged bearing would show.

A name says where a line lies, not that the machine is damaged: for that the lines of one part must stand together, which
`processors/diagnosis.py` judges from the envelope.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.bearing import CAGE, ELEMENT, INNER, OUTER, SLIP, Bearing, orders, shaft_orders
from processors.envelope import floor
from processors.spectrum import LOWEST, Spectrum

AROUND: Final = 50  # lines on either side for the noise floor
STANDS_OUT: Final = 4.0  # times the median amplitude around
HARMONICS: Final = 4
MEASURED: Final = 0.005  # how far a line of the shaft may lie beside its order when the speed was measured
SHORT: Final = {OUTER: "BPFO", INNER: "BPFI", ELEMENT: "2x BSF", CAGE: "FTF"}
SHOWN: Final = {"blades": "blade pass", "mesh": "gear mesh"}
NAMES_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a line with a name may lie: order in multiples of the speed, tolerance as share."""

    name: str
    order: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Named:
    """A line that stands out: its frequency, amplitude, this over the local median, order (nan: speed unknown), and its name."""

    hz: float
    amplitude: float
    ratio: float
    order: float
    name: str


def shaft(gear_teeth: Sequence[int] = (), blades: int | None = None, tolerance: float = MEASURED) -> list[Candidate]:
    """Lines of the shaft with its blades and gears.

    >>> [candidate.name for candidate in shaft((20, 40), 6)]
    ['1x', '2x', '3x', 'blade pass', 'gear mesh 1']
    """
    found = []
    for name, order in shaft_orders(gear_teeth, blades).items():
        word, _, number = name.partition(" ")
        found.append(Candidate(f"{SHOWN.get(word, word)} {number}".strip(), order, tolerance))
    return found


def bearing(geometry: Bearing, slip: float = SLIP) -> list[Candidate]:
    """Lines of a bearing's parts with their harmonics; a rolling element's lies at twice its spin (BSF).

    >>> [candidate.name for candidate in bearing(Bearing(9, 7.94, 39.04))[:3]]
    ['BPFO', '2 BPFO', '3 BPFO']
    """
    return [
        Candidate(SHORT[part] if harmonic == 1 else f"{harmonic} {SHORT[part]}", harmonic * order, slip)
        for part, order in orders(geometry).items()
        for harmonic in range(1, HARMONICS + 1)
    ]


def strongest(found: Spectrum, count: int, shaft_hz: float | None = None, candidates: Sequence[Candidate] = ()) -> list[Named]:
    """The strongest lines that stand out of the noise around them, strongest first, with names where the speed is known.

    >>> lines = np.ones(200); lines[50] = 20.0; lines[100] = 9.0
    >>> found = strongest(Spectrum("velocity", "mm/s", 0.0, 0.5, lines, 1.5), 5, 25.0, shaft())
    >>> [(line.hz, line.name) for line in found]
    [(25.0, '1x'), (50.0, '2x')]
    """
    amplitude = found.amplitude
    ratio = amplitude / np.maximum(floor(amplitude, AROUND), np.finfo(float).tiny)
    inner = amplitude[1:-1]
    tops = np.flatnonzero((ratio[1:-1] >= STANDS_OUT) & (inner >= amplitude[:-2]) & (inner > amplitude[2:])) + 1
    tops = tops[tops >= LOWEST]  # below remains of a constant
    best = tops[np.argsort(-amplitude[tops], kind="stable")][:count]
    return [_named(found, int(top), float(ratio[top]), shaft_hz, candidates) for top in best]


def table(candidates: Sequence[Candidate], shaft_hz: float) -> Mapping[str, float]:
    """Frequency of every name.

    >>> table(shaft(), 25.0)
    {'1x': 25.0, '2x': 50.0, '3x': 75.0}
    """
    return {candidate.name: candidate.order * shaft_hz for candidate in candidates}


def _named(found: Spectrum, top: int, ratio: float, shaft_hz: float | None, candidates: Sequence[Candidate]) -> Named:
    hz = found.first_hz + top * found.df_hz
    near: dict[str, float] = {}
    for candidate in candidates if shaft_hz else ():
        place = candidate.order * (shaft_hz or 0.0)
        away = abs(hz - place)
        if away <= max(candidate.tolerance * place, found.df_hz):
            near[candidate.name] = away
    names = sorted(near, key=lambda name: near[name])[:NAMES_MAX]
    return Named(hz, float(found.amplitude[top]), ratio, hz / shaft_hz if shaft_hz else float("nan"), " or ".join(names))
