"""Chance that a machine fails within some days: what its class lives through, times what its condition is worth.

The hazard of a class is the failures in its maintenance log by the days its machines were watched. The condition is how far the worst
sensor lies from its accepted reference in the newest days, in robust scales. What a condition is worth (RATIOS) was learnt on a plant
of the simulator's variant A, that no exam judges: how many failures followed such days, by how many the class hazard let expect.
It is a hazard of all failures, those that no sensor shows too: a machine in good order still has a third of its class's, not none.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import expm1
from statistics import median
from typing import Final

from processors.daily import DAY_US, Day
from processors.machine import Machine, Past

HORIZONS_D: Final = (7, 30, 90)
LEAST: Final = 5  # failures of a class: fewer say too little of its hazard
NEWEST: Final = 7  # days of a sensor that say how it is; of a day in several modes each counts
WITHIN: Final = 21  # days in which they must lie: a standby machine rests for a week or two
EDGES: Final = (1.0, 2.0, 4.0, 10.0)  # robust scales between the conditions
RATIOS: Final = {7: (0.4, 0.8, 1.4, 3.5, 5.8), 30: (0.4, 0.85, 2.3, 3.5, 4.5), 90: (0.6, 0.95, 2.2, 2.4, 2.6)}


def condition(machine: Machine, days: Sequence[Day]) -> float | None:
    """How far the worst sensor lies from its accepted reference, in robust scales; None: no sensor has days to tell by.

    Args:
        machine: with its references.
        days: with their medians, oldest first.

    """
    if not days:
        return None
    recent = [day for day in days if day[0] > days[-1][0] - WITHIN]
    found = [away for name in machine.sensors if (away := _away(machine, name, recent)) is not None]
    return max(found, default=None)


def _away(machine: Machine, name: str, days: Sequence[Day]) -> float | None:
    """Median distance of a sensor over its newest days, each mode of a day for itself."""
    found = []
    for day in days:
        for mode, reference in sorted(machine.sensors[name].references.items()):
            means = day[3].get(mode, {})
            lives = day[0] * DAY_US > (reference.begin_us or 0) - DAY_US
            if reference.accepted and lives and name in means and reference.driven(means):
                found.append(abs(means[name] - reference.expected(means)) / reference.spread)
    return median(found[-NEWEST:]) if found else None


def inputs(past: Past, away: float | None) -> dict[str, float]:
    """What the chances rest on, as a record holds it."""
    known = {"class_failures": float(past.failures), "class_machine_days": past.machine_days}
    return known if away is None else {**known, "condition": away}


def chances(given: Mapping[str, float]) -> dict[str, float]:
    """The chances as a record holds them, from `inputs`; empty where those are none.

    >>> chances({})
    {}
    """
    if "class_failures" not in given:
        return {}
    rate, away = given["class_failures"] / given["class_machine_days"], given.get("condition")
    return {f"p_failure_{days}d": -expm1(-rate * days * _ratio(days, away)) for days in HORIZONS_D}


def lacking(past: Past) -> str:
    """Why there is no hazard of the class; empty: there is one.

    >>> lacking(Past(3, 900.0)), lacking(Past(5, 900.0))
    ('3 of 5 failures of the class that a hazard needs', '')
    """
    return "" if past.failures >= LEAST else f"{past.failures} of {LEAST} failures of the class that a hazard needs"


def _ratio(days: int, away: float | None) -> float:
    return 1.0 if away is None else RATIOS[days][bisect_right(EDGES, away)]
