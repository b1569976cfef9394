"""A whole exam: fleets in groups, in two processes at most; then judged in one."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, Final

from simulator.exam import marginal
from simulator.exam.chance import Cases, Lived, Span, judged
from simulator.exam.future import Future, Log
from simulator.exam.judge import DAY_US, HOUR_US, Judge
from simulator.exam.rivals import always
from simulator.exam.run import HEALTHY_DAYS, Outcome, Run
from simulator.exam.score import Fleet, Scored, score
from simulator.exam.twin import compare
from simulator.life.duty import YEAR_H, Site, site
from simulator.life.first import First
from simulator.life.machine import Variant
from simulator.life.plant import Fate, Unit, unit
from simulator.life.second import Second

BEGIN_US: Final = 1_577_923_200_000_000  # Thursday 2 January 2020 UTC
GROUP: Final = 3
SETTLED_DAYS: Final = HEALTHY_DAYS + 5
LOOKED_AT: Final = 8  # machines for the marginal figures
FAULTLESS_FROM: Final = 10_000  # numbers of machines that never fail
VARIANTS: Final[dict[str, Callable[[], Variant]]] = {"A": First, "B": Second}


@dataclass(frozen=True, slots=True)
class Paper:
    """What is asked: a variant's plant, its seed, machines that may fail and machines that do not, years, sampling, lead."""

    variant: str
    seed: int
    machines: int
    faultless: int
    years: float
    period_s: int = 600
    lead_h: float = 72.0

    @property
    def site(self) -> Site:
        """The site of all machines."""
        return site(int(self.years * YEAR_H), self.seed)

    def unit(self, place: Site, number: int, advice: Sequence[tuple[int, str]] = ()) -> Unit:
        """A machine of the plant by its number; with advice, its twin that heeds it."""
        return unit(VARIANTS[self.variant](), place, self.seed, number, Fate(number >= FAULTLESS_FROM, advice))

    def units(self) -> list[Unit]:
        """All machines: those that may fail, then the others."""
        place = self.site
        return [self.unit(place, number) for number in self.numbers]

    @property
    def span(self) -> Span:
        """The plan and its half, to the hour."""
        hours = int(self.years * YEAR_H)
        return Span(BEGIN_US, BEGIN_US + hours // 2 * HOUR_US, BEGIN_US + hours * HOUR_US)

    @property
    def numbers(self) -> list[int]:
        """Numbers of all machines."""
        return [*range(self.machines), *range(FAULTLESS_FROM, FAULTLESS_FROM + self.faultless)]


@dataclass(frozen=True, slots=True)
class Result:
    """Scores by candidate, failure probabilities by horizon, and figures of the run."""

    scores: dict[str, Scored]
    chances: list[Cases]
    figures: dict[str, float]


def sit(paper: Paper, *, workers: int, progress: Callable[[int, int], None]) -> Result:
    """Run and judge."""
    began, cpu_s = time.perf_counter(), 0.0
    numbers = paper.numbers
    groups = [numbers[at : at + GROUP] for at in range(0, len(numbers), GROUP)]
    mortal = paper.units()[: paper.machines]
    log = Log(mortal, BEGIN_US)
    outcomes: dict[int, Outcome] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_group, paper, group, log): place for place, group in enumerate(groups)}
        for done, future in enumerate(as_completed(waiting), 1):
            outcome, spent_s = future.result()
            outcomes[waiting[future]], cpu_s = outcome, cpu_s + spent_s
            progress(done, len(groups))
    ordered = [outcomes[place] for place in range(len(groups))]
    scores = _judged(paper, ordered)
    lived = {what.name: Lived.of(what, BEGIN_US) for what in mortal}
    chances = judged(lived, [each for outcome in ordered for each in outcome.stated], paper.span)
    counts = {name: sum(getattr(each, name) for each in ordered) for name in ("readings", "baselines", "refused")}
    return Result(scores, chances, {**counts, "cpu_s": cpu_s, "seconds": time.perf_counter() - began})


def _group(paper: Paper, numbers: Sequence[int], log: Log) -> tuple[Outcome, float]:
    """One group of machines, in a worker process."""
    began, place = time.process_time(), paper.site
    units = [paper.unit(place, number) for number in numbers]
    mortal = [what for what, number in zip(units, numbers, strict=True) if number < FAULTLESS_FROM]
    future = Future(mortal, log, paper.span.half_us)
    outcome = Run(VARIANTS[paper.variant](), place, units, begin_us=BEGIN_US, period_s=paper.period_s).go(future)
    return outcome, time.process_time() - began


def _judged(paper: Paper, outcomes: Sequence[Outcome]) -> dict[str, Scored]:
    place = paper.site
    units = paper.units()
    from_us, end_us = BEGIN_US + SETTLED_DAYS * DAY_US, BEGIN_US + place.hours * HOUR_US
    judge = Judge(place, begin_us=BEGIN_US, from_us=from_us, lead_us=int(paper.lead_h * HOUR_US))
    fleet = Fleet(units[: paper.machines], units[paper.machines :], (end_us - from_us) / (YEAR_H * HOUR_US))
    names = outcomes[0].episodes
    raised = {name: [each for outcome in outcomes for each in outcome.episodes[name]] for name in names}
    raised["always"] = [each for what in units for each in always(what, from_us, end_us)]
    raised["never"] = []
    counted = {name: [each for each in episodes if each.known_at >= from_us] for name, episodes in raised.items()}
    scores = {name: score(judge, fleet, episodes) for name, episodes in counted.items()}
    numbers = {what.name: number for what, number in zip(units, paper.numbers, strict=True)}
    for name, episodes in counted.items():
        scores[name].effect = compare(fleet.failing, episodes, BEGIN_US, lambda what, advice: paper.unit(place, numbers[what.name], advice))
    return scores


def look_alike(paper: Paper) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Marginal figures and mode mixes of all variants, by a few machines of each; no detector sees them."""
    figures, mixes = [], []
    for name, variant in VARIANTS.items():
        few = replace(paper, variant=name, machines=LOOKED_AT, faultless=0, years=1.0)
        units = few.units()
        figures.append(marginal.simulated(variant(), few.site, units, paper.period_s))
        mixes.append({"variant": name, **marginal.mix(units)})
    return figures, mixes
