"""Two sensors that exchange their levels: at one instant, or all the time by what their names say."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from report.finding import Finding, Sure, figure, instant
from report.level import Step
from report.series import Series
from report.unit import near, quantity

NARROW: Final = 0.2  # share of the distance of the two levels within which the exchange must be met
TYPICAL: Final = {"temperature": (12.0, 110.0), "vibration": (0.02, 11.0), "speed": (150.0, 30_000.0)}  # degC, mm/s, r/min
REMEDY: Final = "compare cabling, tags and columns of both; exchange the names for that time and load it again"

Part = tuple[Series, Sequence[Step], float]  # a series in order of time, its steps, its level


def swapped(parts: Sequence[Part]) -> list[Finding]:
    """Pairs of one asset that exchanged their levels."""
    findings = []
    for (first, its, level), (second, others, other) in combinations(parts, 2):
        exchanges = [(step, twin) for step in its for twin in others if exchanged(step, twin)]
        if exchanges:
            findings.append(_at(first, second, [step.ts_us for step, _ in exchanges], exchanges[0]))
        elif _misnamed(quantity(first), level, quantity(second), other):
            findings.append(_always(first, second, level, other))
    return findings


def exchanged(step: Step, twin: Step) -> bool:
    """Whether two steps are one exchange."""
    if abs(step.ts_us - twin.ts_us) > 2 * max(step.gap_us, twin.gap_us):
        return False
    distance, noise = abs(step.before - twin.before), max(step.noise_before, twin.noise_before, step.noise_after, twin.noise_after)
    return near(step.after, twin.before, noise, distance, NARROW) and near(twin.after, step.before, noise, distance, NARROW)


def involved(step: Step, others: Sequence[Step]) -> bool:
    """Whether a step is half of an exchange."""
    return any(exchanged(step, other) for other in others)


def _at(first: Series, second: Series, times: Sequence[int], example: tuple[Step, Step]) -> Finding:
    step, twin = example
    what = (
        f"{first.name} and {second.name} exchange their levels at {instant(times[0])}: "
        f"{figure(step.before)} to {figure(step.after)} and {figure(twin.before)} to {figure(twin.after)}"
    )
    until = times[1] if len(times) > 1 else None
    return Finding("swapped", what, REMEDY, "likely", first.asset, (first.sensor, second.sensor), times[0], until, len(times))


def _misnamed(first: str, level: float, second: str, other: float) -> bool:
    """Whether each level would be usual under the other's name only."""
    if first == second or first not in TYPICAL or second not in TYPICAL:
        return False
    return not _usual(first, level) and not _usual(second, other) and _usual(first, other) and _usual(second, level)


def _usual(known: str, level: float) -> bool:
    low, high = TYPICAL[known]
    return low <= level <= high


def _always(first: Series, second: Series, level: float, other: float) -> Finding:
    what = f"{first.name} has the level {figure(level)}, {second.name} {figure(other)}: each would fit the other's name"
    sure: Sure = "likely"
    return Finding("swapped", what, REMEDY, sure, first.asset, (first.sensor, second.sensor))
