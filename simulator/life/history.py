"""What happens to one machine over the years: lives of its items, failures, repairs, routine work. Pure and seeded.

Each item draws from its own generator, so that advice changes nothing but what follows from it: the twin without advice has the
same random numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.life.duty import Plan
from simulator.life.machine import Machine, Mode

PARTLY, NEW_FAULT = 0.20, 0.05  # of repairs
UNLOGGED, WRONG_ASSET = 0.15, 0.03
LATE, LATE_H_MAX = 0.5, 14 * 24
PLANNED_H = 8
INSPECTION_H = 90 * 24
LUBRICATION_USE_H = 2000.0
WORTHLESS_BEFORE = 0.15  # share of the P-F interval before which a technician finds nothing


@dataclass(frozen=True, slots=True)
class Spell:
    """One life of an item that shows: hours of the first sign, of the failure (or replacement), and use between them."""

    mode: Mode
    life: int
    sign_h: int
    end_h: int
    sign_use_h: float
    interval_h: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A functional failure; sign_h is the hour of the first sign, or of the failure where there is none."""

    mode: Mode
    sign_h: int
    fail_h: int


@dataclass(frozen=True, slots=True)
class Work:
    """Work done at an hour. logged_h: when the log learnt of it, None: never; of another asset if `misplaced`."""

    hour: int
    item: str
    activity: str
    logged_h: int | None
    misplaced: bool = False


@dataclass(slots=True)
class History:
    """All of it. saved: failures that advice prevented, by item and hour."""

    spells: list[Spell] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    saved: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Life:
    """The present life of an item: the use at which it fails, and at which it shows first."""

    mode: Mode
    random: np.random.Generator
    number: int = 0
    fail_use: float = np.inf
    sign_use: float = np.inf

    def begin(self, use_h: float, age_h: float, factor: float = 1.0) -> None:
        """Draw what is left of a life that is `age_h` old."""
        scale = self.mode.life_h * factor * float(self.random.lognormal(0.0, 0.2))
        drawn = float(self.random.exponential())
        left = scale * ((age_h / scale) ** self.mode.shape + drawn) ** (1.0 / self.mode.shape) - age_h
        interval = self.mode.interval_h * float(self.random.lognormal(0.0, self.mode.spread))
        if self.mode.kind in {"sudden", "hidden"}:
            interval = 0.0
        self.fail_use = use_h + max(left, 24.0)
        self.sign_use = max(self.fail_use - interval, use_h)
        self.number += 1

    def worn(self, use_h: float) -> bool:
        """Whether a technician sees wear: it must be far enough on."""
        if self.mode.kind != "wear" or use_h < self.sign_use:
            return False
        return (use_h - self.sign_use) / max(self.fail_use - self.sign_use, 1.0) > WORTHLESS_BEFORE


class _Living:
    """One machine on its way through its plan."""

    def __init__(self, machine: Machine, asked: Plan, seed: Sequence[int]) -> None:
        self.history, self.asked, self.use = History(), asked, np.cumsum(asked.use_h())
        self.lives = [_Life(mode, np.random.default_rng([*seed, 7, number])) for number, mode in enumerate(machine.modes)]
        for life in self.lives:
            life.begin(0.0, life.random.uniform(0.0, 0.5) * life.mode.life_h)

    def next(self) -> tuple[_Life, int]:
        """The life that ends first, and when; beyond the plan if none does within it."""
        life = min(self.lives, key=lambda each: each.fail_use)
        return life, int(np.searchsorted(self.use, life.fail_use))

    def fail(self, life: _Life, hour: int) -> None:
        """A functional failure and its repair; what is hidden is found at an inspection."""
        sign_h = min(int(np.searchsorted(self.use, life.sign_use)), hour)
        self.history.failures.append(Failure(life.mode, sign_h, hour))
        found_h = hour + int(life.random.integers(INSPECTION_H)) if life.mode.kind == "hidden" else hour
        self.renew(life, min(found_h, len(self.use) - 1), int(life.random.lognormal(3.0, 0.6)) + 2)

    def heed(self, hour: int, item: str) -> None:
        """Somebody looks at an item and replaces it if it is worn."""
        for life in self.lives:
            if life.mode.item == item and life.worn(float(self.use[hour])):
                self.history.saved.append((item, hour))
                self.renew(life, hour, PLANNED_H)

    def renew(self, life: _Life, hour: int, down_h: int) -> None:
        """End a life, stand still, begin another; some repairs are bad, some are never written down."""
        self.show(life, hour)
        self.asked.running[hour : hour + down_h] = False
        self.use = np.cumsum(self.asked.use_h())
        how, logged, wrong = life.random.random(3)
        late_h = int(life.random.integers(LATE_H_MAX)) if life.random.random() < LATE else 0
        life.begin(float(self.use[hour]), 0.0, 0.02 if how < NEW_FAULT else 0.25 if how < NEW_FAULT + PARTLY else 1.0)
        done_h = hour + down_h
        logged_h = None if logged < UNLOGGED else done_h + late_h
        self.history.work.append(Work(done_h, life.mode.item, "replace", logged_h, misplaced=bool(wrong < WRONG_ASSET)))

    def show(self, life: _Life, end_h: int) -> None:
        """Note the part of a life in which it showed."""
        sign_h = int(np.searchsorted(self.use, life.sign_use))
        if sign_h < end_h and life.mode.effects:
            interval_h = max(life.fail_use - life.sign_use, 1.0)
            self.history.spells.append(Spell(life.mode, life.number, sign_h, end_h, life.sign_use, interval_h))

    def grease(self, random: np.random.Generator) -> None:
        """Lubricate every so many hours of use."""
        at = random.uniform(0.0, LUBRICATION_USE_H)
        while at < self.use[-1]:
            hour = int(np.searchsorted(self.use, at))
            self.history.work.append(Work(hour, "bearing", "lubricate", hour))
            at += LUBRICATION_USE_H * random.uniform(0.8, 1.2)
        self.history.work.sort(key=lambda work: work.hour)


def live(machine: Machine, asked: Plan, seed: Sequence[int], *, faultless: bool = False, advice: Sequence[tuple[int, str]] = ()) -> History:
    """Let a machine live through its plan; takes repairs out of `asked.running`.

    Args:
        machine: its class.
        asked: its plan; changed in place.
        seed: of this machine.
        faultless: nothing ever fails.
        advice: hours at which somebody looks at an item, ascending; a worn one is replaced.
    """
    living, orders = _Living(machine, asked, seed), list(advice)
    hours = len(living.use)
    while not faultless:
        life, fail_h = living.next()
        if orders and orders[0][0] < min(fail_h, hours):
            living.heed(*orders.pop(0))
        elif fail_h < hours:
            living.fail(life, fail_h)
        else:
            break
    for life in living.lives:
        if not faultless:
            living.show(life, hours)
    if any(mode.item == "bearing" for mode in machine.modes):
        living.grease(np.random.default_rng([*seed, 8]))
    return living.history
