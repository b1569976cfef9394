"""Units that are not what they are said to be: a level that jumps into another unit, or that no machine has in its unit."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from catalogue.units import fits, spelled
from processors import quantity as known
from processors.quantity import GENERAL, TEMPERATURE, infer
from report.finding import Finding, Sure, figure, instant
from report.level import TO_SIGMA, Step
from report.series import Series, ordered

NEAR: Final = 4.0  # noises within which a level is the one expected
NARROW: Final = 0.05  # share of the step within which it must be met, or the match is chance
STARTS: Final = 6  # a sensor with more steps than this follows a machine that starts and stops
AROUND: Final = 12  # readings on either side of a time
MOVED: Final = 4.0  # noises


@dataclass(frozen=True, slots=True)
class Conversion:
    """From one unit to another: y = factor * x + shift."""

    quantity: str
    old: str
    new: str
    factor: float
    shift: float = 0.0

    def of(self, value: float) -> float:
        """The value in the new unit."""
        return self.factor * value + self.shift


CONVERSIONS: Final = tuple(Conversion(*each) for each in known.CONVERSIONS)
USUAL: Final[Mapping[tuple[str, str], tuple[float, float]]] = {  # lowest and highest median level of running machines
    ("temperature", "degC"): (-30.0, 110.0),
    ("temperature", "degF"): (45.0, 230.0),
    ("temperature", "K"): (240.0, 385.0),
    ("vibration", "mm/s"): (0.05, 30.0),
    ("vibration", "in/s"): (0.002, 1.2),
    ("pressure", "bar"): (-1.0, 500.0),
    ("pressure", "MPa"): (-0.1, 50.0),
}
NAMED: Final = {conversion.old: conversion.quantity for conversion in CONVERSIONS}  # what a unit tells of the quantity
VAGUE: Final = (GENERAL, "bearing")  # names of quantities that several units fit
ASSUMED: Final = {TEMPERATURE: "degC"}  # what a level is held against while no unit is stated
MISSING: Final = "state it: `--unit SENSOR=UNIT`, or the column unit of the catalogue"
DECIDES: Final = (
    "what decides: the label or the settings of the transmitter, a thermometer held to the machine, or what it shows when the machine has "
    "cooled down (a room of 20 degC is 68 degF and 293 K)"
)


def quantity(series: Series) -> str:
    """What it measures: stated, or guessed from its name; where that does not fit the unit, what the unit tells; empty: unknown."""
    found = series.quantity or infer(series.name)
    written = spelled(series.unit)
    if found in VAGUE or not fits(found, written):
        found = NAMED.get(written, found)
    return "" if found == GENERAL else found


def unit(series: Series) -> str:
    """Its unit in the catalogue's spelling, or the one that is assumed; empty: unknown."""
    return spelled(series.unit) or ASSUMED.get(quantity(series), "")


def near(value: float, wanted: float, noise: float, distance: float, narrow: float = NARROW) -> bool:
    """Whether a level is the one wanted, within its noise and so close for its distance that it is no chance."""
    return abs(value - wanted) <= min(max(NEAR * noise, 0.2 * narrow * distance), narrow * distance)


def jump(series: Series, step: Step) -> Conversion | None:
    """The change of unit that a step looks like; None: it is none."""
    known, stated = quantity(series), unit(series)
    for conversion in CONVERSIONS:
        if known not in ("", conversion.quantity) or (stated and stated not in (conversion.old, conversion.new)):
            continue
        wanted = conversion.of(step.before)
        if near(step.after, wanted, max(step.noise_after, conversion.factor * step.noise_before), abs(wanted - step.before)):
            return conversion
    return None


def jumped(series: Series, found: Sequence[Step], others: Sequence[Series]) -> list[Finding]:
    """Changes of unit on the way.

    Args:
        series: of the sensor.
        found: its steps.
        others: the other sensors of its asset, in order of time; where one of them moves too, the machine has changed, not the unit.
    """
    looked = [(step, conversion) for step in found if (conversion := jump(series, step)) is not None]
    told = [(step, conversion) for step, conversion in looked if not any(moves(other, step.ts_us) for other in others)]
    sure: Sure = "likely" if quantity(series) and len(found) <= STARTS else "possible"
    findings = []
    while told:
        step, conversion = told.pop(0)
        back = told and told[0][1].old == conversion.new and told[0][1].new == conversion.old
        until = told.pop(0)[0].ts_us if back else None
        findings.append(_jumped(series, step, conversion, sure, until))
    return findings


def moves(rows: Series, ts_us: int) -> bool:
    """Whether a sensor moves at a time, by the medians of the readings around it."""
    at = int(np.searchsorted(rows.ts, ts_us))
    before, after = rows.value[max(at - AROUND, 0) : max(at - 1, 0)], rows.value[at + 1 : at + AROUND]
    if len(before) < AROUND // 2 or len(after) < AROUND // 2:
        return False
    middle = float(np.median(before)), float(np.median(after))
    noise = max(float(np.median(np.abs(part - centre))) for part, centre in zip((before, after), middle, strict=True))
    return abs(middle[1] - middle[0]) > MOVED * TO_SIGMA * noise + 1e-9 * abs(middle[0])


def _jumped(series: Series, step: Step, conversion: Conversion, sure: Sure, until_us: int | None) -> Finding:
    what = (
        f"the level jumps from {figure(step.before)} to {figure(step.after)} at {instant(step.ts_us)}: "
        f"what {conversion.old} to {conversion.new} would do"
    )
    remedy = "was the transmitter or its scaling changed? Convert that part, or give scale and offset a valid_from in the catalogue"
    return Finding("unit", what, remedy, sure, series.asset, (series.sensor,), step.ts_us, until_us, 1)


def implausible(series: Series, level: float, siblings: Sequence[float]) -> list[Finding]:
    """A level that does not fit the unit all the time.

    Args:
        series: of the sensor.
        level: its median.
        siblings: medians of the other sensors of its asset with the same quantity and unit.
    """
    known, stated = quantity(series), unit(series)
    usual = USUAL.get((known, stated))
    odd = usual is not None and not usual[0] <= level <= usual[1]
    other = _other(known, stated, level) if odd else None
    relative = _among(known, stated, level, siblings)
    if not odd and relative is None:
        return []
    meant = relative or other
    said = f"{series.unit or 'no unit stated, taken as ' + stated}"
    what = f"its level of {figure(level)} ({said}) " + ("is no usual level of a machine" if odd else "stands apart from its neighbours")
    sure: Sure = "possible"
    if meant is not None:
        what += f"; read as {meant.old} it is {figure(meant.of(level))} {meant.new}" + (", as its neighbours are" if relative else "")
        sure = "likely" if odd else "possible"
    return [Finding("unit", what, _remedy(series, meant, odd=odd), sure, series.asset, (series.sensor,))]


def _remedy(series: Series, meant: Conversion | None, *, odd: bool) -> str:
    """What to do about a level; where both units are possible, what decides."""
    if meant is None:
        return "look at its unit, scale and offset"
    stated = shlex.quote(f"{series.column}={meant.old}")
    how = f"`--unit {stated}`" if series.column else "column unit of the catalogue"
    if odd:
        return f"correct its unit to {meant.old}: {how}"
    return f"{meant.new} and {meant.old} are both possible; {DECIDES}; if it is {meant.old}: {how}"


def _other(known: str, stated: str, level: float) -> Conversion | None:
    """The unit in which the level is usual, after conversion to the stated one."""
    for conversion in CONVERSIONS:
        if conversion.quantity == known and conversion.new == stated:
            low, high = USUAL[known, stated]
            if low <= conversion.of(level) <= high:
                return conversion
    return None


def _among(known: str, stated: str, level: float, siblings: Sequence[float]) -> Conversion | None:
    """The unit in which the level lies among its siblings, if it does not as it is; temperatures only: pressures differ by nature."""
    if known != "temperature" or len(siblings) < 2:
        return None
    low, high = min(siblings), max(siblings)
    reach = max(0.5 * (high - low), 15.0)
    if low - reach <= level <= high + reach:
        return None
    for conversion in CONVERSIONS:
        if conversion.quantity == known and conversion.new == stated and low - reach <= conversion.of(level) <= high + reach:
            return conversion
    return None


def unstated(asset: str, found: Sequence[Series]) -> list[Finding]:
    """Sensors of an asset nobody states a unit of."""
    bare = [series for series in found if not series.unit]
    if not bare:
        return []
    what = f"{len(bare)} of {len(found)} sensors have no unit"
    levels = {series.name: median(ordered(series)) for series in bare if quantity(series) == TEMPERATURE}
    either = [f"{name} ({figure(level)})" for name, level in levels.items() if _either(level)]
    if either:
        what += f"; degC and degF are both possible by the level of {', '.join(either)}"
    remedy = f"{MISSING}; {DECIDES}" if either else MISSING
    return [Finding("unit", what, remedy, "certain", asset, tuple(series.sensor for series in bare), count=len(bare))]


def _either(level: float) -> bool:
    """Whether a temperature is usual in degC and in degF."""
    return all(low <= level <= high for low, high in (USUAL[TEMPERATURE, "degC"], USUAL[TEMPERATURE, "degF"]))


def median(rows: Series) -> float:
    """Level of a series; NaN without readings."""
    return float(np.median(rows.value)) if len(rows.value) else float("nan")
