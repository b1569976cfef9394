"""Which part of a bearing is damaged: lines of the envelope spectrum against the geometry, each name with its chance.

The line of a part may lie SLIP beside its computed place, but its harmonics lie at multiples of one frequency. Under noise the
power of a line over its local mean is exponentially distributed, the sum over harmonics a gamma: the best sum within the slip
gives the chance that noise does the same anywhere in it. A part is named if that chance is small and two harmonics stand out.
Lines of the shaft (multiples of half its speed: looseness, rub, imbalance) never count for a bearing.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.bearing import CAGE, FAULTS, OUTER, SLIP, Bearing, modulation, orders, problem
from processors.envelope import Envelope, floor, peaks
from processors.spectrum import LOBE, Floats, Spectrum

HARMONICS: Final = 4
SURPRISE_MIN: Final = 5.0  # a chance of 1e-5 per part and frame
STANDS_OUT: Final = 2.5  # times the median amplitude: 1.3 % of the lines of noise
AROUND: Final = 50  # lines on either side for the noise floor
VARIES_MAX: Final = 0.02  # a frame whose speed varied more has no lines
STEPS: Final = 2 * HARMONICS  # places tried per line: the highest harmonic moves by half a line
SIDEBANDS: Final = 2
BESIDE_MIN: Final = 0.5  # of the first part's strongest line: what a second one must show, for slip smears strong lines
CAGE_SHARE: Final = 0.5  # of the strongest line of other parts: what each line of a damaged cage shows at least
CAGE_LINES_MIN: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a damaged part: its harmonic, frequency, order of the speed, amplitude ((m/s2)2), and this over the local median."""

    harmonic: int
    hz: float
    order: float
    amplitude: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A damaged part.

    Attributes:
        part: outer ring, inner ring, rolling element or cage.
        slip: how far its line lies beside the computed place, as share.
        alternatives: other parts whose line may lie at the same place; the sidebands decided for this one.
        surprise: -log10 of the chance that noise alone shows such lines anywhere within the slip; at least SURPRISE_MIN.
        lines: those that stand out.
        sidebands: how many of the four next to its first line stand out.
    """

    part: str
    slip: float
    alternatives: tuple[str, ...]
    surprise: float
    lines: tuple[Line, ...]
    sidebands: int

    @property
    def strength(self) -> float:
        """Amplitude of the strongest line."""
        return max((line.amplitude for line in self.lines), default=0.0)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, the strongest first; and what could not be asked, and why."""

    findings: tuple[Finding, ...]
    statements: tuple[str, ...]


def diagnose(envelope: Envelope, bearing: Bearing, speed_rpm: float | None, varies: float = 0.0, slip: float = SLIP) -> Diagnosis:
    """Damaged parts of a bearing.

    Args:
        envelope: of the acceleration at the bearing.
        bearing: its geometry.
        speed_rpm: of the inner ring while the frame was taken, right to 0.5 % (processors/speed.py); None: unknown.
        varies: greatest deviation from it within the frame, as share.
        slip: how far a line may lie beside its computed place, as share.

    >>> from processors.envelope import envelope
    >>> noise = np.random.default_rng(1).normal(size=40_960)
    >>> diagnose(envelope(noise, 20_480.0), Bearing(9, 7.94, 39.04), 1758.0)
    Diagnosis(findings=(), statements=())
    """
    refused = _refused(bearing, speed_rpm, varies)
    if refused or speed_rpm is None:
        return Diagnosis((), (refused, *_nameless(envelope.spectrum)))
    search = _Search(envelope.spectrum, bearing, speed_rpm / 60.0, slip)
    statements = {part: search.blind(part) for part in FAULTS}
    first = _explained(search.named(part for part in FAULTS if not statements[part]))
    findings = []
    if first:
        findings.append(search.settled(max(first, key=lambda finding: finding.surprise)))
        search.forget(findings[0])
        again = search.named(finding.part for finding in first if finding.part not in {findings[0].part, *findings[0].alternatives})
        findings += [finding for finding in again if finding.strength >= BESIDE_MIN * findings[0].strength]
    return Diagnosis(tuple(findings), tuple(statement for statement in statements.values() if statement))


def _explained(found: list[Finding]) -> list[Finding]:
    """Without parts whose lines come from another.

    A damaged cage alone has a row of lines, of which some fall on those of the rings and elements: it explains them all.
    The cage's turn also modulates the lines of a rolling element: fewer and falling lines, which are explained by that.
    """
    cage = next((finding for finding in found if finding.part == CAGE), None)
    if cage is None:
        return found
    others = [finding for finding in found if finding.part != CAGE]
    least = CAGE_SHARE * max((finding.strength for finding in others), default=0.0)
    row = [line for line in cage.lines if line.amplitude >= least]
    return [cage] if len(row) >= CAGE_LINES_MIN else others


class _Search:
    """The lines of one frame that are still unexplained.

    Args:
        found: squared envelope spectrum.
        bearing: geometry.
        shaft_hz: speed of the inner ring.
        slip: as share.
    """

    def __init__(self, found: Spectrum, bearing: Bearing, shaft_hz: float, slip: float) -> None:
        self._orders, self._sides = orders(bearing), modulation(bearing)
        self._df_hz, self._shaft_hz, self._slip = found.df_hz, shaft_hz, slip
        highest_hz = HARMONICS * (1.0 + slip) * max(self._orders.values()) * shaft_hz
        amplitude = found.amplitude[: math.ceil(highest_hz / found.df_hz) + AROUND]
        self._amplitude = amplitude
        self._ratio = amplitude / np.maximum(floor(amplitude, AROUND), np.finfo(float).tiny)
        self._free = np.ones(len(amplitude), dtype=bool)
        self._clear(np.arange(0.0, len(amplitude) * found.df_hz, shaft_hz / 2.0))

    def blind(self, part: str) -> str:
        """Why a part's lines cannot be seen; empty if they can."""
        hz = self._orders[part] * self._shaft_hz
        least = 2 * LOBE + 1 if part == CAGE else LOBE + 1
        if self._shaft_hz / 2.0 < (2 * LOBE + 2) * self._df_hz or hz < least * self._df_hz:
            need_s = max((2 * LOBE + 2) / (self._shaft_hz / 2.0), least / hz)
            return f"{part}: lines not parted from the shaft's in a frame of {1.0 / self._df_hz:.2g} s; record {need_s:.2g} s or more"
        if np.count_nonzero(self._usable(np.array([hz]))) < 2:
            return f"{part}: its lines fall on those of the shaft"
        return ""

    def named(self, parts: Iterable[str]) -> list[Finding]:
        """The parts whose lines noise would hardly show, and of which two stand out."""
        found = [self.best(part) for part in parts]
        return [finding for finding in found if finding.surprise >= SURPRISE_MIN and len(finding.lines) > 1]

    def best(self, part: str) -> Finding:
        """The most telling place of a part's line within the slip."""
        hz = self._orders[part] * self._shaft_hz
        steps = math.ceil(self._slip * hz / self._df_hz * STEPS)
        tried = hz * (1.0 + self._slip * np.arange(-steps, steps + 1) / max(steps, 1))
        place, usable = self._places(tried), self._usable(tried)
        power = np.where(usable, math.log(2.0) * self._ratio[place] ** 2, 0.0)
        tails = _gamma_tail(power.sum(axis=0), usable.sum(axis=0))
        top = int(np.argmin(tails))
        cells = max(1.0, 2.0 * self._slip * hz / self._df_hz * HARMONICS / 2.0)
        surprise = max(0.0, -float(tails[top]) / math.log(10.0) - math.log10(cells))
        at = place[:, top][usable[:, top] & (self._ratio[place[:, top]] >= STANDS_OUT)]
        lines = tuple(self._line(int(k), float(tried[top])) for k in at)
        sides = self._sidebands(part, float(tried[top]))
        standing = int(np.count_nonzero(self._ratio[sides] >= STANDS_OUT))
        return Finding(part, float(tried[top]) / hz - 1.0, (), surprise, lines, standing)

    def settled(self, found: Finding) -> Finding:
        """The finding under the name its sidebands speak for, if another part's line may lie there, too.

        Rings at rest modulate nothing; an inner ring's line is parted by the speed, a rolling element's by the cage's turn.
        """
        hz = self._orders[found.part] * self._shaft_hz * (1.0 + found.slip)
        near = self._slip + self._df_hz / hz
        names = [part for part in FAULTS if part != CAGE and abs(hz / (self._orders[part] * self._shaft_hz) - 1.0) <= near]
        if len(names) < 2 or found.part == CAGE:
            return found
        beside = {part: np.count_nonzero(self._ratio[self._sidebands(part, hz)] >= STANDS_OUT) for part in names if part != OUTER}
        best = max(beside, key=lambda part: beside[part])
        part = best if beside[best] >= 2 else OUTER if OUTER in names else found.part
        slip = hz / (self._orders[part] * self._shaft_hz) - 1.0
        others = tuple(name for name in names if name != part)
        return replace(found, part=part, slip=slip, alternatives=others, sidebands=int(beside.get(part, found.sidebands)))

    def forget(self, found: Finding) -> None:
        """Take a part's lines and their sidebands out: they are explained."""
        hz = self._orders[found.part] * self._shaft_hz * (1.0 + found.slip)
        side_hz = self._sides[found.part] * self._shaft_hz
        near = np.arange(-SIDEBANDS, SIDEBANDS + 1) * side_hz
        self._clear(hz * h + offset for h in range(1, HARMONICS + 1) for offset in near)

    def _clear(self, frequencies: Iterable[float] | Floats) -> None:
        for hz in frequencies:
            middle = round(hz / self._df_hz)
            self._free[max(middle - LOBE, 0) : max(middle + LOBE + 1, 0)] = False

    def _places(self, tried: Floats) -> npt.NDArray[np.int64]:
        """Line of each harmonic (rows) of each frequency (columns)."""
        found = np.rint(np.arange(1, HARMONICS + 1)[:, None] * tried[None, :] / self._df_hz).astype(np.int64)
        return np.minimum(found, len(self._ratio) - 1)

    def _usable(self, tried: Floats) -> npt.NDArray[np.bool_]:
        place = self._places(tried)
        found: npt.NDArray[np.bool_] = self._free[place] & (place < len(self._ratio) - 1)
        return found

    def _line(self, place: int, fundamental_hz: float) -> Line:
        hz = place * self._df_hz
        return Line(round(hz / fundamental_hz), hz, hz / self._shaft_hz, float(self._amplitude[place]), float(self._ratio[place]))

    def _sidebands(self, part: str, hz: float) -> npt.NDArray[np.int64]:
        steps = np.array([step for step in range(-SIDEBANDS, SIDEBANDS + 1) if step]) * self._sides[part] * self._shaft_hz
        found = np.rint((hz + steps) / self._df_hz).astype(np.int64)
        return found[(found > 0) & (found < len(self._ratio))]


def _refused(bearing: Bearing, speed_rpm: float | None, varies: float) -> str:
    if wrong := problem(bearing):
        return f"geometry is impossible: {wrong}"
    if speed_rpm is None or not speed_rpm > 0.0:
        return "speed is unknown: lines have no order and no name"
    if varies > VARIES_MAX:
        return f"speed varied by {100.0 * varies:.1f} % within the frame, at most {100.0 * VARIES_MAX:.0f} %: lines are smeared"
    return ""


def _nameless(found: Spectrum) -> tuple[str, ...]:
    """The strongest lines, without a name."""
    return tuple(f"line at {hz:.1f} Hz, {ratio:.0f} times the noise floor" for hz, ratio in peaks(found, 3, 8.0, AROUND))


def _gamma_tail(total: Floats, count: npt.NDArray[np.int64]) -> Floats:
    """Logarithm of the chance that `count` exponential variables of mean 1 sum to `total` or more.

    The chance is exp(-s) sum s^i / i! for i < count; its logarithm tells strong lines apart, too.
    """
    term, found = np.ones(len(total)), np.zeros(len(total))
    for i in range(HARMONICS):
        found = found + np.where(count > i, term, 0.0)
        term = term * total / (i + 1)
    logarithm: Floats = np.where(count > 0, np.log(np.maximum(found, 1.0)) - total, 0.0)
    return logarithm
