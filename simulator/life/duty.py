"""What machines are asked to do: hours of a plan, then samples. Seasons, weekends, shifts, standby, cleaning, shutdowns."""

from dataclasses import dataclass

import numpy as np

from simulator.life.machine import HOUR_S, Bools, Duty, Floats, Longs, Machine
from simulator.life.recursion import follow, wander

DAY_H, WEEK_H, YEAR_H = 24, 168, 8766
SHUTDOWN_H = 10 * DAY_H
CLEANING_EVERY_H, CLEANING_SPEED, CLEANING_LOAD = 500, 0.35, 0.3
IDLE_SPEED, IDLE_LOAD = 0.5, 0.12
SEASON_K, DAILY_K = 15.0, 4.0


@dataclass(frozen=True, slots=True)
class Site:
    """What all machines share, by hour: ambient temperature, hours without power, hours without cooling water, planned shutdown."""

    ambient: Floats
    dark: Bools
    dry: Bools
    shutdown: Bools

    @property
    def hours(self) -> int:
        """Length of the plan."""
        return len(self.ambient)


@dataclass(slots=True)
class Plan:
    """What one machine is asked to do, by hour; repairs take hours out of `running`."""

    running: Bools
    load: Floats
    cleaning: Bools
    idle: Bools

    def use_h(self) -> Floats:
        """Hours at full load that each hour wears."""
        return np.where(self.running, 0.4 + 0.6 * self.load, 0.0)


def site(hours: int, seed: int) -> Site:
    """A site for so many hours from midnight of a Thursday early in January."""
    random = np.random.default_rng([seed, 1])
    hour = np.arange(hours)
    weather = 3.0 * wander(random, (hours,), 60.0 * HOUR_S, HOUR_S)
    season = -SEASON_K * np.cos(2 * np.pi * (hour / YEAR_H - 0.05))
    ambient = 14.0 + season + DAILY_K * np.sin(2 * np.pi * (hour / DAY_H - 0.4)) + weather
    shutdown = (hour % YEAR_H >= 5_000) & (hour % YEAR_H < 5_000 + SHUTDOWN_H)
    return Site(ambient, _spells(random, hours, 3.0, 2), _spells(random, hours, 1.5, 8), shutdown)


def _spells(random: np.random.Generator, hours: int, per_year: float, longest_h: int) -> Bools:
    found = np.zeros(hours, np.bool_)
    for begin in random.integers(0, hours, random.poisson(per_year * hours / YEAR_H)).tolist():
        found[begin : begin + int(random.integers(1, longest_h + 1))] = True
    return found


def plan(machine: Machine, place: Site, number: int, random: np.random.Generator) -> Plan:
    """The plan of a machine; of two paired machines one stands by, they change every week."""
    hours = place.hours
    hour = np.arange(hours)
    weekend = ((hour // DAY_H + 3) % 7) >= 5  # day 0 was a Thursday
    base = random.uniform(0.55, 0.85)
    slow = wander(random, (hours,), 40.0 * HOUR_S, HOUR_S)
    demand = base + 0.14 * slow - 0.12 * weekend + 0.05 * np.sin(2 * np.pi * (hour / YEAR_H + random.uniform()))
    block_h = int(random.integers(4, 9))  # the load is set anew every so many hours
    load = np.clip(demand[hour // block_h * block_h], 0.25, 1.05)
    running = ~(place.shutdown | place.dark)
    if machine.shifts:
        running &= (hour % DAY_H >= 6) & (hour % DAY_H < 22) & ~weekend
    if machine.paired:
        running &= (hour // WEEK_H + number) % 2 == 0
    idle = follow(0.0, (random.random(hours) < 0.01).astype(np.float64)) > 0
    cleaning = (hour + int(random.integers(CLEANING_EVERY_H))) % CLEANING_EVERY_H < 2
    return Plan(running, load, cleaning, idle & ~cleaning)


def duty(machine: Machine, asked: Plan, place: Site, random: np.random.Generator, period_s: int) -> Duty:
    """The plan by sample: changes fall somewhere within their hour, the load wanders a little."""
    samples = HOUR_S // period_s
    shift = int(random.integers(samples))

    def by_sample(hourly: Floats | Bools) -> Floats:
        return np.roll(np.repeat(hourly.astype(np.float64), samples), shift)

    running = by_sample(asked.running) > 0
    load = np.where(asked.cleaning, CLEANING_LOAD, np.where(asked.idle, IDLE_LOAD, asked.load))
    level = by_sample(load) + 0.012 * wander(random, running.shape, 1800.0, period_s)
    speed = np.clip(0.42 + 0.58 * level, 0.42, 1.0) if machine.variable else np.ones(len(level))
    speed = np.where(by_sample(asked.idle) > 0, IDLE_SPEED, np.where(by_sample(asked.cleaning) > 0, CLEANING_SPEED, speed))
    ambient = np.interp(np.arange(len(level)), np.arange(place.hours) * samples, place.ambient)
    return Duty(running, np.where(running, speed, 0.0), np.where(running, level, 0.0), ambient, _since_start(running))


def _since_start(running: Bools) -> Longs:
    """Samples since the last start, large while off."""
    place = np.arange(len(running))
    starts = running & ~np.concatenate([[True], running[:-1]])
    last = np.maximum.accumulate(np.where(starts, place, -(10**6)))
    return np.asarray(place - last, np.int64)
