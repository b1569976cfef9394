"""From verdicts and grades to the figures of an exam."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from simulator.exam.episodes import Episode
from simulator.exam.interval import binomial_tail, poisson, upper
from simulator.exam.judge import GRADES, HIT, SENSOR, Judge, Verdict
from simulator.exam.twin import Effect
from simulator.life.plant import Unit

OTHERS_MAX: Final = 12  # machines of the same class that tell the chance
LEAKS_BELOW: Final = 0.01  # chance of so many hits on sudden failures
INTERVALS_D: Final = (0.0, 14.0, 45.0, 120.0, np.inf)
WRONG: Final = GRADES[3:]  # an instrument that was called a machine, an outside cause, false


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines that may fail, machines that cannot, and the years of each that count."""

    failing: Sequence[Unit]
    faultless: Sequence[Unit]
    years: float


@dataclass(slots=True)
class Scored:
    """Verdicts on failures and grades of machine episodes of one candidate; counts of the fault-free fleet."""

    verdicts: list[Verdict] = field(default_factory=list)
    grades: Counter[str] = field(default_factory=Counter)
    machine_years: float = 0.0
    faultless_episodes: int = 0
    faultless_lies: int = 0
    faultless_years: float = 0.0
    faultless_sensors: float = 0.0
    sensor_faults: int = 0
    named: int = 0
    detectors: Counter[str] = field(default_factory=Counter)
    effect: Effect | None = None

    def recall(self, verdicts: Sequence[Verdict]) -> dict[str, Any]:
        """Failures, hits, and what chance would hit."""
        hits = sum(each.lead_d is not None for each in verdicts)
        count = len(verdicts)
        return {
            "failures": count,
            "hits": hits,
            "recall": hits / count if count else None,
            "by chance": sum(each.chance for each in verdicts) / count if count else None,
        }

    def summary(self) -> dict[str, Any]:
        """The line of a candidate in the comparison."""
        visible = [each for each in self.verdicts if each.kind == "wear"]
        leads = [each.lead_d for each in visible if each.lead_d is not None]
        wrong = sum(self.grades[grade] for grade in WRONG)
        total = sum(self.grades.values())
        low, high = poisson(wrong)
        return {
            "episodes": total,
            "precision": self.grades[HIT] / total if total else None,
            "recall": self.recall(self.verdicts)["recall"],
            "visible": self.recall(visible)["recall"],
            "by chance": self.recall(visible)["by chance"],
            "wrong/year": wrong / self.machine_years,
            "95 %": (low / self.machine_years, high / self.machine_years),
            "lead, days": np.quantile(leads, [0.1, 0.5, 0.9]).tolist() if leads else None,
        }

    def by_mode(self) -> list[dict[str, Any]]:
        """Recall of every mode, and of every kind."""
        groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
        for each in self.verdicts:
            groups[each.kind, each.mode].append(each)
            groups[each.kind, "(all)"].append(each)
        return [{"kind": kind, "mode": mode, **self.recall(groups[kind, mode])} for kind, mode in sorted(groups)]

    def by_interval(self) -> list[dict[str, Any]]:
        """Recall of visible failures by their P-F interval."""
        visible = [each for each in self.verdicts if each.kind == "wear"]
        rows = []
        for low, high in pairwise(INTERVALS_D):
            inside = [each for each in visible if low <= each.interval_d < high]
            rows.append({"P-F interval, days": f"{low:.0f} .. {high:.0f}", **self.recall(inside)})
        return rows

    def faultless(self) -> dict[str, Any]:
        """False machine episodes of machines without any fault, with the upper 95 % bound."""
        bound = upper(self.faultless_episodes)
        return {
            "years": self.faultless_years,
            "episodes": self.faultless_episodes,
            "in instrument faults": self.faultless_lies,
            "per year": _per(self.faultless_episodes, self.faultless_years),
            "upper 95 %": _per(bound, self.faultless_years),
            "per sensor-year": _per(self.faultless_episodes, self.faultless_sensors),
            "upper": _per(bound, self.faultless_sensors),
        }

    def leak(self) -> float:
        """Chance of so many hits on sudden failures if nothing leaks."""
        sudden = [each for each in self.verdicts if each.kind == "sudden"]
        return binomial_tail(sum(each.lead_d is not None for each in sudden), [each.chance for each in sudden])

    @property
    def ceiling(self) -> float:
        """The highest recall possible: the share of failures that installed sensors show."""
        return sum(each.kind == "wear" for each in self.verdicts) / max(len(self.verdicts), 1)


def score(judge: Judge, fleet: Fleet, episodes: Sequence[Episode]) -> Scored:
    """Judge all episodes of a candidate."""
    found = Scored(machine_years=len(fleet.failing) * fleet.years, faultless_years=len(fleet.faultless) * fleet.years)
    found.faultless_sensors = sum(len(what.sensors) for what in fleet.faultless) * fleet.years
    by_asset: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        by_asset[episode.asset].append(episode)
    for place, what in enumerate(fleet.failing):
        own = [each for each in by_asset[what.name] if each.subject == "machine"]
        targets = judge.targets(what)
        for target in targets:
            others = [by_asset[name] for name in _others(fleet.failing, place)]
            found.verdicts.append(judge.verdict(what, target, own, others))
        for episode in own:
            grade = judge.grade(what, episode, targets)
            found.grades[grade] += 1
            found.detectors[f"{grade}: {episode.detector} {_channel(episode)}"] += 1
    for what in fleet.faultless:
        grades = Counter(judge.grade(what, each, ()) for each in by_asset[what.name] if each.subject == "machine")
        found.faultless_episodes += grades.total()
        found.faultless_lies += grades[SENSOR]
    _instruments(judge, fleet, by_asset, found)
    return found


def _instruments(judge: Judge, fleet: Fleet, by_asset: dict[str, list[Episode]], found: Scored) -> None:
    """How many faults of instruments an episode of the sensor named."""
    for what in (*fleet.failing, *fleet.faultless):
        for trouble in what.troubles:
            found.sensor_faults += 1
            found.named += any(judge.names(what, trouble, each) for each in by_asset[what.name])


def _others(fleet: Sequence[Unit], place: int) -> list[str]:
    """Machines of the same class, the next ones in the fleet."""
    same = [what.name for what in (*fleet[place + 1 :], *fleet[:place]) if what.machine.name == fleet[place].machine.name]
    return same[:OTHERS_MAX]


def _channel(episode: Episode) -> str:
    return episode.sensors[0][1][0].rpartition(".")[2]


def _per(count: float, years: float) -> float | None:
    return count / years if years else None
