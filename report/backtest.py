"""What the rules would have raised, held against the failures a plant knows of.

A raise is an episode at the moment it opened: what somebody would have been shown. Lead is counted from there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from report.series import DAY_US, HOUR_US

MONTH_US: Final = 30.4375 * DAY_US

Outcome = Literal["hit", "late", "missed", "no_data"]


@dataclass(frozen=True, slots=True)
class Raise:
    """An episode at the moment it opened, microseconds since 1970."""

    asset: str
    at_us: int
    kind: str = ""
    episode: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure, as a work order says."""

    asset: str
    at_us: int
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """Which hours hold readings.

    Attributes:
        first_us, last_us: the period.
        hours: by asset, begins of the hours with a reading, microseconds, without repetition.
    """

    first_us: int
    last_us: int
    hours: Mapping[str, Sequence[int]]

    @property
    def months(self) -> float:
        """Length of the period."""
        return (self.last_us - self.first_us) / MONTH_US

    @property
    def machine_months(self) -> float:
        """Machine-months that hold readings."""
        return sum(len(hours) for hours in self.hours.values()) * HOUR_US / MONTH_US

    def share(self, asset: str) -> float:
        """Share of the period that holds readings of an asset."""
        return len(self.hours.get(asset, ())) * HOUR_US / (self.last_us - self.first_us)

    def covered_us(self, asset: str, spans: Iterable[tuple[int, int]]) -> int:
        """How much of some spans without overlap lies in the period and in hours with readings of an asset."""
        hours = np.asarray(self.hours.get(asset, ()), np.int64)
        cut = ((max(start, self.first_us), min(end, self.last_us)) for start, end in spans)
        return sum(int(np.maximum(np.minimum(hours + HOUR_US, end) - np.maximum(hours, start), 0).sum()) for start, end in cut)

    def within(self, asset: str, start_us: int, end_us: int) -> bool:
        """Whether there is any reading of an asset in [start, end)."""
        return any(start_us - HOUR_US < hour < end_us for hour in self.hours.get(asset, ()))


@dataclass(frozen=True, slots=True)
class Judged:
    """One failure: hit (raised in time), late (raised, but nearer than the shortest useful lead), missed, or no_data.

    Attributes:
        failure: it.
        outcome: see above; no_data: no reading in the time in which a raise would have counted.
        lead_us: from the first raise that counts to the failure; None without one.
        raises: all raises from the longest lead to the failure.
    """

    failure: Failure
    outcome: Outcome
    lead_us: int | None
    raises: Sequence[Raise]


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one way to raise.

    Attributes:
        name: of it.
        raises: how many.
        hits, late, missed, no_data: failures by outcome.
        false: raises that no failure followed within the longest lead.
        recall: hits of the failures that could be judged; None without any.
        precision: raises a failure followed, of all raises; None without any.
        lead_days: quantiles 10, 50 and 90 of the leads of hits; None without a hit.
        false_per_month, false_per_machine_month: of the period, and of the machine-months with readings; None without any.
    """

    name: str
    raises: float
    hits: float
    late: int | None
    missed: float
    no_data: int
    false: float
    recall: float | None
    precision: float | None
    lead_days: tuple[float, float, float] | None
    false_per_month: float | None
    false_per_machine_month: float | None


def judge(raises: Sequence[Raise], failures: Sequence[Failure], observed: Observed, lead_us: tuple[int, int]) -> list[Judged]:
    """What became of each failure.

    Args:
        raises: of any assets.
        failures: of any assets.
        observed: which hours hold readings.
        lead_us: shortest and longest useful lead.
    """
    shortest, longest = lead_us
    judged = []
    for failure in failures:
        before = sorted(_before(failure, raises, longest), key=lambda item: item.at_us)
        useful = [item for item in before if item.at_us <= failure.at_us - shortest]
        start, end = max(failure.at_us - longest, observed.first_us), failure.at_us - shortest
        outcome: Outcome = "missed"
        if useful:
            outcome = "hit"
        elif not observed.within(failure.asset, start, end):
            outcome = "no_data"
        elif before:
            outcome = "late"
        first = useful or before
        judged.append(Judged(failure, outcome, failure.at_us - first[0].at_us if first else None, before))
    return judged


def _before(failure: Failure, raises: Sequence[Raise], longest_us: int) -> list[Raise]:
    """Raises of its asset from the longest lead to the failure."""
    return [item for item in raises if item.asset == failure.asset and failure.at_us - longest_us <= item.at_us <= failure.at_us]


def false(raises: Sequence[Raise], judged: Sequence[Judged]) -> list[Raise]:
    """Raises that no failure followed within the longest lead."""
    explained = {id(item) for one in judged for item in one.raises}
    return [item for item in raises if id(item) not in explained]


def score(name: str, raises: Sequence[Raise], judged: Sequence[Judged], observed: Observed) -> Score:
    """The figures of one way to raise."""
    counts = {word: sum(one.outcome == word for one in judged) for word in ("hit", "late", "missed", "no_data")}
    wrong = len(false(raises, judged))
    able = len(judged) - counts["no_data"]
    leads = sorted((one.lead_us or 0) / DAY_US for one in judged if one.outcome == "hit")
    return Score(
        name,
        len(raises),
        counts["hit"],
        counts["late"],
        counts["missed"],
        counts["no_data"],
        wrong,
        counts["hit"] / able if able else None,
        1 - wrong / len(raises) if raises else None,
        (quantile(leads, 0.1), quantile(leads, 0.5), quantile(leads, 0.9)) if leads else None,
        _per(wrong, observed.months),
        _per(wrong, observed.machine_months),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Quantile of ordered values, between neighbours by straight line.

    >>> quantile([1.0, 2.0, 4.0], 0.5), quantile([1.0, 2.0], 0.9)
    (2.0, 1.9)
    """
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def always(observed: Observed, lead_us: tuple[int, int]) -> list[Raise]:
    """Raises of somebody who always warns: on every asset so often that each failure has one at a useful lead."""
    step = max(lead_us[1] - lead_us[0] - HOUR_US, HOUR_US)  # an hour less: readings are known by the hour
    raises = []
    for asset, hours in observed.hours.items():
        due = observed.first_us
        for hour in sorted(hours):
            if hour >= due:
                raises.append(Raise(asset, hour, "always"))
                due = hour + step
    return raises


def chance(raises: Sequence[Raise], judged: Sequence[Judged], observed: Observed, lead_us: tuple[int, int]) -> Score:
    """What as many raises, each at any moment with readings of any machine, would have come to on average.

    The chance of one raise to hit a failure is the share of all machine-time with readings that lies at a useful lead before it, in
    the period. Where the windows of two failures overlap a raise hits both, as it would by the rules, but is explained once.
    """
    shortest, longest = lead_us
    able = [one.failure for one in judged if one.outcome != "no_data"]
    none, count = len(judged) - len(able), len(raises)
    whole_us = sum(observed.covered_us(asset, [(observed.first_us, observed.last_us)]) for asset in observed.hours)
    if not whole_us or not count:
        return Score("chance", count, 0, None, len(able), none, count, 0.0 if able else None, None, None, None, None)
    shares = [observed.covered_us(each.asset, [(each.at_us - longest, each.at_us - shortest)]) / whole_us for each in able]
    hits = sum(1.0 - (1.0 - share) ** count for share in shares)
    failures = {asset: [one.failure.at_us for one in judged if one.failure.asset == asset] for asset in observed.hours}
    followed_us = sum(observed.covered_us(asset, union((at - longest, at) for at in found)) for asset, found in failures.items())
    wrong = count * (1.0 - followed_us / whole_us)
    per = _per(wrong, observed.months), _per(wrong, observed.machine_months)
    recall = hits / len(able) if able else None
    return Score("chance", count, hits, None, len(able) - hits, none, wrong, recall, followed_us / whole_us, None, *per)


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans without overlap that cover the same time.

    >>> union([(5, 9), (0, 3), (2, 4)])
    [(0, 4), (5, 9)]
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def tally(names: Iterable[str]) -> dict[str, int]:
    """How often each name occurs, the most frequent first.

    >>> tally(["b", "a", "b"])
    {'b': 2, 'a': 1}
    """
    return dict(Counter(names).most_common())


def _per(count: float, months: float) -> float | None:
    return count / months if months else None
