"""Who falls silent before the end: sensors before their asset, assets before the others of their file."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from report.arrival import Spacing, spacing, sureness
from report.finding import Finding, Sure, instant, span
from report.series import Series, by_asset, ordered

EARLY_S: Final = 600.0  # who ends less than this before the others has not ended
REMEDY: Final = (
    "look at sensor, cable and export: silence at the end of an import is told here and by no episode; "
    "what was removed gets the state decommissioned in the catalogue"
)


@dataclass(frozen=True, slots=True)
class _End:
    """The last value of a sensor, microseconds, and how long it may say nothing, seconds."""

    sensor: str
    last_us: int
    spacing: Spacing

    def before(self, end_us: int, usual_s: float) -> bool:
        """Whether it ends long before a time; `usual_s` counts where it has too few readings to have an interval of its own."""
        own_s = self.spacing.gap_min_s if np.isfinite(self.spacing.gap_min_s) else usual_s
        return end_us - self.last_us > max(own_s, EARLY_S) * 1e6


def ended(found: Sequence[Series]) -> list[Finding]:
    """Sensors whose last value lies long before that of their asset, and assets that end long before another of those given."""
    assets = {asset: _ends(parts) for asset, parts in by_asset(found).items()}
    held = {asset: ends for asset, ends in assets.items() if ends}
    return [*chain.from_iterable(_sensors(asset, ends) for asset, ends in held.items()), *_assets(held)]


def _ends(parts: Sequence[Series]) -> list[_End]:
    """Ends of the sensors that have values, the earliest first."""
    rows = [ordered(series) for series in parts]
    ends = [_End(each.sensor, int(each.ts[-1]), spacing(each)) for each in rows if len(each.ts)]
    return sorted(ends, key=lambda end: end.last_us)


def _usual_s(ends: Sequence[_End]) -> float:
    """The longest of the intervals that are no gap yet; infinite if nobody has one."""
    return max((end.spacing.gap_min_s for end in ends if np.isfinite(end.spacing.gap_min_s)), default=np.inf)


def _sensors(asset: str, ends: Sequence[_End]) -> list[Finding]:
    """Those that end together are one finding: they have one cause."""
    last_us = ends[-1].last_us
    groups: list[list[_End]] = []
    for end in ends:
        if not end.before(last_us, _usual_s(ends)):
            continue
        if not groups or end.last_us - groups[-1][0].last_us > EARLY_S * 1e6:
            groups.append([])
        groups[-1].append(end)
    return [_told(asset, group, last_us, "others") for group in groups]


def _assets(assets: dict[str, list[_End]]) -> list[Finding]:
    last_us = max((ends[-1].last_us for ends in assets.values()), default=0)
    return [_told(asset, ends, last_us, "other assets") for asset, ends in assets.items() if ends[-1].before(last_us, _usual_s(ends))]


def _told(asset: str, ends: Sequence[_End], last_us: int, others: str) -> Finding:
    since = max(end.last_us for end in ends)
    verb = "end" if len(ends) > 1 else "ends"
    what = f"{verb} {span((last_us - since) / 1e6)} before the {others}: last value at {instant(since)}"
    sure: Sure = "certain" if any(sureness(end.spacing) == "certain" for end in ends) else "possible"
    return Finding("ended", what, REMEDY, sure, asset, tuple(end.sensor for end in ends), since, last_us, len(ends))
