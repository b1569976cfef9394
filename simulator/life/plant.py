"""Machines of a plant: each one its history, its truth and its readings, pure and seeded by plant and number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.life.duty import Plan, Site, duty, plan
from simulator.life.history import History, Spell, Work, live
from simulator.life.instrument import DAY_S, LOCAL_S, LOCAL_TIME, YEAR_S, Trouble, corrupt, kept, shown, troubles
from simulator.life.machine import HOUR_S, Floats, Longs, Machine, Variant

QUIET_S = 70 * DAY_S  # instruments are sound while the baselines are taken
LUBRICATED, LUBRICATED_H = -0.06, 72.0
FOULING, FOULING_H = -0.02, 4000.0
DRY = 0.3  # more heat without cooling water
UNIT_SPREAD = 0.05  # of the level after a replacement
BY_EXCEPTION = 0.1  # of the machines report one channel so
HEARTBEAT_S = 1800


@dataclass(frozen=True, slots=True)
class Stream:
    """Readings of one machine by time of arrival: channel, event time, arrival and value; microseconds."""

    channel: Longs
    ts: Longs
    known_at: Longs
    value: Floats


@dataclass(frozen=True, slots=True)
class Unit:
    """One machine: its id, class and all that happens to it. exceptional: channel that reports by exception, or None."""

    name: str
    machine: Machine
    seed: tuple[int, ...]
    asked: Plan
    history: History
    troubles: list[Trouble]
    exceptional: int | None

    @property
    def sensors(self) -> list[str]:
        """Ids of its sensors."""
        return [f"{self.name}.{channel.name}" for channel in self.machine.channels]


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a machine can fail at all, and the advice that is followed: hours and items, ascending."""

    faultless: bool = False
    advice: Sequence[tuple[int, str]] = ()


def unit(variant: Variant, place: Site, seed: int, number: int, fate: Fate = Fate()) -> Unit:
    """Machine `number` of a plant, with its history."""
    machine = variant.machines[number % len(variant.machines)]
    key = (seed, 100 + number)
    random = np.random.default_rng([*key, 0])
    asked = plan(machine, place, number // len(variant.machines), random)
    history = live(machine, asked, key, faultless=fate.faultless, advice=fate.advice)
    random = np.random.default_rng([*key, 1])
    found = troubles(len(machine.channels), place.hours * HOUR_S, random, quiet_s=QUIET_S)
    exceptional = int(random.integers(3, len(machine.channels))) if random.random() < BY_EXCEPTION else None
    return Unit(f"{machine.name}-{number:04d}", machine, key, asked, history, found, exceptional)


def stream(variant: Variant, place: Site, what: Unit, *, begin_us: int, period_s: int) -> Stream:
    """All readings of a machine."""
    random = np.random.default_rng([*what.seed, 2])
    asked = duty(what.machine, what.asked, place, random, period_s)
    damage = _damage(what, place, period_s)
    values = variant.signals(what.machine, asked, damage, np.random.default_rng([*what.seed, 3]), period_s)
    random = np.random.default_rng([*what.seed, 4])
    for trouble in what.troubles:
        corrupt(values, trouble, what.machine.channels[trouble.channel], random, period_s)
    ts = begin_us + 1_000_000 * (period_s * np.arange(values.shape[1], dtype=np.int64) + int(random.integers(period_s)))
    arrival = ts + _delay(ts, random)
    for trouble in what.troubles:
        if trouble.kind == LOCAL_TIME:
            ts[trouble.begin_s // period_s : trouble.end_s // period_s] += LOCAL_S * 1_000_000
    return _sent(what, values, ts, arrival, random)


def _damage(what: Unit, place: Site, period_s: int) -> Floats:
    """Relative change of each channel by wear, replacements, lubrication, fouling and lost cooling water."""
    machine = what.machine
    found = np.zeros((len(machine.channels), place.hours))
    use = np.cumsum(what.asked.use_h())
    for spell in what.history.spells:
        _wear(found, what, spell, use)
    for number, work in enumerate(what.history.work):
        _renewed(found, what, work, np.random.default_rng([*what.seed, 10, number]))
    hours = np.arange(place.hours)
    for row, channel in enumerate(machine.channels):
        if channel.quantity == "pressure":
            found[row] += FOULING * (hours % FOULING_H) / FOULING_H
        elif channel.name.endswith("_temperature"):
            found[row] += DRY * place.dry
    return np.repeat(found, HOUR_S // period_s, axis=1)


def _wear(found: Floats, what: Unit, spell: Spell, use: Floats) -> None:
    if spell.mode.growth is None or spell.mode.effects is None:
        return
    u = np.clip((use[spell.sign_h : spell.end_h] - spell.sign_use_h) / spell.interval_h, 0.0, 1.0)
    place = [mode.name for mode in what.machine.modes].index(spell.mode.name)
    severity = spell.mode.growth(u, np.random.default_rng([*what.seed, 9, place, spell.life]))
    for name, effect in spell.mode.effects.items():
        found[what.machine.channel(name), spell.sign_h : spell.end_h] += effect * severity


def _renewed(found: Floats, what: Unit, work: Work, random: np.random.Generator) -> None:
    """A new part is not quite like the old; grease calms a bearing for days."""
    for mode in what.machine.modes:
        if mode.item != work.item:
            continue
        for name in mode.effects or {}:
            row = found[what.machine.channel(name)]
            if work.activity == "replace":
                row[work.hour :] += UNIT_SPREAD * random.standard_normal()
            elif name in {"vibration", "bearing_temperature"}:
                row[work.hour :] += LUBRICATED * np.exp(-np.arange(len(row) - work.hour) / LUBRICATED_H)


def _sent(what: Unit, values: Floats, ts: Longs, arrival: Longs, random: np.random.Generator) -> Stream:
    """What leaves the instruments, when it arrives, with a few duplicates and corrected values."""
    period_us = int(ts[1] - ts[0])
    channels = []
    for row, channel in enumerate(what.machine.channels):
        shown_values = shown(values[row], channel)
        index = kept(shown_values, channel, HEARTBEAT_S * 1_000_000 // period_us) if row == what.exceptional else np.arange(len(ts))
        channels.append((np.full(len(index), row), index, shown_values[index]))
    channel_of, index, value = (np.concatenate(parts) for parts in zip(*channels, strict=True))
    again = np.flatnonzero(random.random(len(index)) < 1e-4)
    channel_of, value = np.concatenate([channel_of, channel_of[again]]), np.concatenate([value, value[again]])
    value[len(index) :: 3] *= 1.001  # every third comes corrected
    index = np.concatenate([index, index[again]])
    known_at = arrival[index]
    known_at[len(index) - len(again) :] += period_us // 2
    order = np.lexsort((index, known_at))
    return Stream(channel_of[order], ts[index[order]], known_at[order], value[order])


def _delay(ts: Longs, random: np.random.Generator) -> Longs:
    """Microseconds until arrival: a second or two, but hours for what a gateway stored while its line was down."""
    delay = np.full(len(ts), 1_500_000, np.int64)
    for _ in range(int(random.poisson(4.0 * len(ts) * float(np.median(np.diff(ts))) / 1e6 / YEAR_S))):
        begin = int(random.integers(len(ts)))
        end = min(begin + int(random.uniform(10, 100)), len(ts) - 1)
        delay[begin:end] = ts[end] - ts[begin:end] + 1_500_000
    return delay
