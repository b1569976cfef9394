"""Two sensors that measure the same, as the catalogue says, and do not show the same."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from report.finding import Finding, figure
from report.level import TO_SIGMA
from report.series import Floats, Series, by_asset, ordered
from report.unit import median, unit

COMMON_MIN: Final = 20  # readings at which both are known
SCATTERS: Final = 3.0  # of their difference that two sound sensors may stand apart
SLACK: Final = {"degC": 5.0, "K": 5.0, "degF": 9.0}  # what mounting may do to a temperature
SHARE: Final = 0.1  # of the level, for all others
REMEDY: Final = (
    "compare both with a third measurement, then mend unit, scale or offset, or clear redundant_with; "
    "no episode tells it: while no reference is accepted nothing says which of the two is right, and an accepted one takes it as normal"
)


def apart(found: Sequence[Series]) -> list[Finding]:
    """Redundant pairs of an asset whose difference is more than scatter and mounting explain."""
    return [finding for parts in by_asset(found).values() for finding in _pairs(parts)]


def _pairs(parts: Sequence[Series]) -> Iterator[Finding]:
    known = {series.sensor: series for series in parts}
    pairs = {frozenset((series.sensor, series.redundant_with)) for series in parts if series.redundant_with in known}
    for names in sorted(sorted(pair) for pair in pairs if len(pair) == 2):
        finding = _apart(*(ordered(known[name]) for name in names))
        if finding is not None:
            yield finding


def _apart(first: Series, second: Series) -> Finding | None:
    if unit(first) != unit(second):
        return None  # what they show cannot be compared; the unit itself is another finding
    difference = _difference(first, second)
    if len(difference) < COMMON_MIN:
        return None
    middle = float(np.median(difference))
    scatter = TO_SIGMA * float(np.median(np.abs(difference - middle)))
    levels = median(first), median(second)
    slack = SLACK.get(unit(first), SHARE * max(map(abs, levels)))
    if abs(middle) <= max(SCATTERS * scatter, slack):
        return None
    high, low = (first, second) if middle > 0 else (second, first)
    shown = f"{figure(median(high))} and {figure(median(low))}"
    what = f"{high.name} shows {figure(abs(middle))} {unit(first)} more than {low.name}, which measures the same ({shown})"
    return Finding("apart", what.replace("  ", " "), REMEDY, "likely", first.asset, (first.sensor, second.sensor))


def _difference(first: Series, second: Series) -> Floats:
    """First minus second at the times of the first, while both report; of the second its newest value, [n]."""
    if not len(first.ts) or not len(second.ts):
        return np.empty(0)
    inside = (first.ts >= second.ts[0]) & (first.ts <= second.ts[-1])
    at = np.searchsorted(second.ts, first.ts[inside], side="right") - 1
    difference: Floats = first.value[inside] - second.value[at]
    return difference
