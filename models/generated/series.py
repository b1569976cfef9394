"""Series like those of a mixed monitoring system, with windows around what was put in: servers, counts, prices, traffic, machines.

Own design, no real data. Harmless files and unlabelled nuisance (spikes, wandering, breathing noise) belong to it: a detector
tuned without them alarms at everything.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.signal import lfilter

from models.table import FloatArray, Table

WINDOW: Final = 0.1  # of the rows, shared by the anomalies of a file
ROWS: Final = 4032  # two weeks of 5 minutes
STEP_S: Final = 300.0
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Series:
    """One file: values (n,), rows at which something was put in, distance of the rows; `plain` gets no nuisance."""

    name: str
    values: FloatArray
    places: tuple[int, ...]
    step_s: float = STEP_S
    time_s: FloatArray | None = None
    plain: bool = False


def corpus(seed: int) -> Table:
    """About forty files of one seed: feature `value`, target `window` (0 outside, else its number in the file), time in seconds."""
    random = np.random.default_rng(seed)
    files = [each for make in FAMILIES for each in make(random)]
    files = [each if each.plain else _disturbed(random, each) for each in files]
    times = [each.time_s if each.time_s is not None else np.arange(len(each.values)) * each.step_s for each in files]
    lengths = [len(each.values) for each in files]
    return Table(
        {"value": np.concatenate([each.values for each in files])},
        {"window": np.concatenate([windows(len(each.values), each.places) for each in files])},
        np.repeat(np.arange(len(files)), lengths),
        np.concatenate([time + float(random.integers(0, 86400)) for time in times]),
        "s",
        tuple(f"{number}: {each.name}" for number, each in enumerate(files)),
    )


def windows(rows: int, places: tuple[int, ...]) -> FloatArray:
    """(rows,) number of the window around each place, 0 outside; windows never touch."""
    found = np.zeros(rows)
    width = max(int(WINDOW * rows / max(len(places), 1)), 8)
    number, end = 0, -1
    for place in sorted(places):
        begin = max(place - width // 2, 0)
        if begin > end + 1 or number == 0:
            number += 1
        end = min(place + width // 2, rows - 1)
        found[begin : end + 1] = number
    return found


def walk(random: Random, rows: int, memory: float, sd: float) -> FloatArray:
    """An autoregression of order one, (rows,)."""
    found: FloatArray = lfilter([1.0], [1.0, -memory], random.normal(0.0, sd, rows))
    return found


def _places(random: Random, rows: int, count: int, gap: int = 0) -> tuple[int, ...]:
    """Places of anomalies in the last four fifths, apart from each other."""
    for _ in range(200):
        found = np.sort(random.integers(int(0.2 * rows), int(0.95 * rows), count))
        if count < 2 or np.diff(found).min() > (gap or int(0.12 * rows)):
            return tuple(found.tolist())
    return tuple(int(place) for place in np.linspace(0.2 * rows, 0.9 * rows, count))


def _disturbed(random: Random, series: Series) -> Series:
    """With nuisance that is no anomaly."""
    values, rows = series.values.copy(), len(series.values)
    noise = float(np.median(np.abs(np.diff(values))) + 0.02 * np.std(values))
    if random.random() < 0.6:
        for place in np.flatnonzero(random.random(rows) < 10.0 ** random.uniform(-3.3, -1.7)).tolist():
            sign = 1.0 if values.min() >= 0.0 or random.random() < 0.5 else -1.0
            values[place : place + int(random.integers(1, 4))] += sign * noise * (random.pareto(1.6) + 1.0) * random.uniform(2.0, 6.0)
    if random.random() < 0.4:
        values += np.cumsum(random.normal(size=rows)) / np.sqrt(rows) * np.std(values) * random.uniform(0.2, 1.2)
    if random.random() < 0.3:
        breath = 1.0 + np.sin(2.0 * np.pi * np.arange(rows) * series.step_s / 86400.0)
        values += noise * random.normal(size=rows) * breath * random.uniform(0.5, 2.0)
    if random.random() < 0.2:
        values[int(random.integers(0, rows - rows // 8)) :] += np.std(values) * random.normal(0.0, 0.7)
    return replace(series, values=values)


def _servers(random: Random) -> list[Series]:
    """Flat metrics with rare harmless spikes: a step, a burst, noise, another level, a frozen value."""
    found = []
    for kind in range(5):
        level = random.uniform(1.0, 60.0)
        noise = level * float(random.choice([0.005, 0.02, 0.08]))
        values = level + walk(random, ROWS, float(random.choice([0.0, 0.5, 0.9])), noise)
        for place in random.integers(0, ROWS, random.integers(3, 40)).tolist():
            values[place : place + int(random.integers(1, 3))] += level * random.uniform(0.2, 0.8)
        places = _places(random, ROWS, int(random.integers(1, 3)))
        for place in places:
            rest = values[place:]
            if kind == 0:
                rest += random.choice([-0.35, 0.5]) * level * random.uniform(0.5, 1.5)
            elif kind == 1:
                rest[: random.integers(1, 12)] += level * random.uniform(1.2, 3.0)
            elif kind == 2:
                rest[:200] += random.normal(0.0, 4.0 * noise, len(rest[:200]))
            elif kind == 3:
                rest[: random.integers(60, 250)] *= random.choice([0.3, 1.6])
            else:
                rest[: random.integers(10, 120)] = level * random.choice([0.0, 0.1, 1.9])
        found.append(Series(f"server {kind}", np.maximum(values, 0.0).round(3), places))
    return found


def _jobs(random: Random) -> list[Series]:
    """Periodic jobs: one runs long, or is much larger."""
    found = []
    for kind in range(2):
        period, level = int(random.choice([12, 36, 72, 288])), random.uniform(2.0, 20.0)
        values = level + random.normal(0.0, 0.05 * level, ROWS)
        values[::period] += level * random.uniform(1.0, 4.0) * (1.0 + random.normal(0.0, 0.1, len(values[::period])))
        places = _places(random, ROWS, int(random.integers(1, 3)))
        for place in places:
            length, size = (random.integers(24, 200), random.uniform(0.8, 3.0)) if kind == 0 else (3, random.uniform(5.0, 9.0))
            values[place : place + int(length)] += level * size
        found.append(Series(f"jobs {kind}", np.maximum(values, 0.0), places))
    return found


def _bytes(random: Random) -> list[Series]:
    """Heavy tails, half of them with many zeros: a short extreme, a long high stretch."""
    found = []
    for kind in range(4):
        values = np.exp(walk(random, ROWS, 0.6, random.uniform(0.4, 1.6))) * 1e5
        if kind % 2:
            values[random.random(ROWS) < 0.5] = 0.0
        places = _places(random, ROWS, int(random.integers(1, 3)))
        for place in places:
            if kind < 2:
                values[place : place + int(random.integers(1, 6))] = np.quantile(values, 0.999) * random.uniform(1.5, 5.0)
            else:
                values[place : place + int(random.integers(40, 200))] += np.quantile(values, 0.97) * random.uniform(0.8, 2.0)
        found.append(Series(f"bytes {kind}", values, places))
    return found


def _counts(random: Random) -> list[Series]:
    """Counts with a profile of the day and ordinary bursts: a burst far beyond them."""
    found = []
    for kind in range(4):
        rows, rate = (15800 if kind % 2 else 6000), random.uniform(2.0, 60.0)
        hour = (np.arange(rows) % 288) / 288.0
        profile = 1.0 + 0.6 * np.sin(2.0 * np.pi * (hour - 0.3)) + 0.2 * np.sin(4.0 * np.pi * hour)
        values = random.poisson(rate * profile * np.exp(walk(random, rows, 0.97, 0.06))).astype(np.float64)
        for place in random.integers(0, rows, random.integers(20, 80)).tolist():
            _burst(random, values[place : place + int(random.integers(2, 14))], rate * random.pareto(2.2) * 1.2, 3.0)
        places = _places(random, rows, int(random.integers(2, 5)), 700)
        for place in places:
            length = int(random.integers(20, 150))
            _burst(random, values[place : place + length], rate * random.uniform(4.0, 14.0), length / 3.0)
        found.append(Series(f"counts {kind}", values, places))
    return found


def _burst(random: Random, part: FloatArray, size: float, decay: float) -> None:
    part += random.poisson(size * np.exp(-np.arange(len(part)) / decay))


def _prices(random: Random) -> list[Series]:
    """Hourly prices: a jump, a stretch at another level, an absolute peak."""
    found, rows = [], 1620
    for kind in range(3):
        values = 0.5 + 0.15 * np.sin(2.0 * np.pi * (np.arange(rows) % 24) / 24.0) + walk(random, rows, 0.5, 0.06)
        values = np.maximum(values, 0.02) * (1.0 + (random.random(rows) < 0.01) * random.uniform(0.5, 1.5))
        places = _places(random, rows, int(random.integers(2, 5)), 100)
        for place in places:
            if kind == 0:
                values[place : place + int(random.integers(1, 3))] *= random.uniform(3.0, 8.0)
            elif kind == 1:
                values[place : place + int(random.integers(12, 60))] *= random.choice([0.3, 1.8])
            else:
                values[place : place + int(random.integers(1, 5))] += random.choice([0.8, 2.0])
        found.append(Series(f"prices {kind}", values, places, 3600.0))
    return found


def _traffic(random: Random) -> list[Series]:
    """Speeds and travel times with two rush hours, sampled irregularly: a jam outside them."""
    found, rows = [], 2500
    for kind in range(3):
        time = np.cumsum(random.exponential(600.0, rows)) + 1e6
        hour = (time % 86400.0) / 86400.0
        rush = np.exp(-(((hour - 0.35) / 0.05) ** 2)), np.exp(-(((hour - 0.72) / 0.06) ** 2))
        if kind < 2:
            values = 70.0 - 12.0 * rush[0] - 15.0 * rush[1] + random.normal(0.0, 3.0, rows)
        else:
            values = 300.0 + 150.0 * rush[0] + 200.0 * rush[1] + random.gamma(2.0, 30.0, rows)
        places = _places(random, rows, int(random.integers(1, 4)), 250)
        for place in places:
            part = values[place : place + int(random.integers(4, 30))]
            part[:] = part - random.uniform(25.0, 40.0) if kind < 2 else part * random.uniform(3.0, 6.0)
        found.append(Series(f"traffic {kind}", np.maximum(values, 0.0).round(), places, 600.0, time))
    return found


def _squares(random: Random) -> list[Series]:
    """A machine that runs by day: a day missing, too high, too long, too quiet."""
    found = []
    for kind in range(4):
        values = _daily(ROWS) + random.normal(0.0, random.choice([0.3, 3.0]), ROWS)
        begin = int(random.integers(8, 13)) * 288 + (216 if kind == 2 else 108)
        part = values[begin : begin + (72 if kind == 2 else 108)]
        level, noise = ((40.0, 1.0), (125.0, 1.0), (80.0, 1.0), (60.0, 0.2))[kind]
        part[:] = level + random.normal(0.0, noise, len(part))
        found.append(Series(f"square {kind}", values, (begin + 5,), plain=True))
    return found


def _daily(rows: int) -> FloatArray:
    slot = np.arange(rows) % 288
    return np.where((slot >= 108) & (slot < 216), 80.0, 40.0)


def _machines(random: Random) -> list[Series]:
    """Temperatures of machines: a shutdown, a slow rise."""
    found = []
    for kind, rows in enumerate((7200, 12000, 16000)):
        values = 85.0 + 3.0 * np.sin(2.0 * np.pi * np.arange(rows) / (288 if kind else 24)) + walk(random, rows, 0.995, 0.5)
        places = _places(random, rows, int(random.integers(2, 5)), 900)
        for number, place in enumerate(places):
            part = values[place : place + int(random.integers(100, 400))]
            at = np.arange(len(part))
            part += random.choice([-25.0, -45.0]) * np.minimum(at / 40.0, 1.0) if number % 2 == 0 else 12.0 * at / len(part)
        found.append(Series(f"machine {kind}", values, places, STEP_S if kind else 3600.0))
    return found


def _seasons(random: Random) -> list[Series]:
    """Half-hourly demand with weeks and odd days; and a sensor that is seldom on."""
    rows = 10320
    day, hour = np.arange(rows) // 48, (np.arange(rows) % 48) / 48.0
    weekly = np.where(day % 7 >= 5, 0.9, 1.0)
    values = 15000.0 * (1.0 - 0.65 * np.exp(-(((hour - 0.2) / 0.12) ** 2))) * weekly + random.normal(0.0, 700.0, rows)
    odd = random.choice(np.arange(50, 205), 5, replace=False).tolist()
    for each in odd:
        values[each * 48 : (each + 1) * 48] *= random.choice([0.55, 1.35])
    demand = Series("demand", values, tuple(each * 48 + 20 for each in odd), 1800.0)
    rows = int(random.integers(1900, 5200))
    values = np.where(random.random(rows) < 0.03, random.gamma(2.0, 0.1, rows), 0.02 * random.random(rows))
    places = _places(random, rows, 2)
    for place in places:
        part = values[place : place + 25]
        part[:] = random.gamma(3.0, 0.2, len(part))
    return [demand, Series("seldom on", values, places)]


def _harmless(random: Random) -> list[Series]:
    """Nothing was put in."""
    at = np.arange(ROWS)
    shapes: tuple[FloatArray, ...] = (
        50.0 + walk(random, ROWS, 0.9, 1.0),
        45.0 + random.normal(0.0, 2.0, ROWS) + 20.0 * np.sin(2.0 * np.pi * at / 288.0),
        20.0 + random.normal(0.0, 2.0, ROWS),
        _daily(ROWS) + random.normal(0.0, 2.0, ROWS),
        np.exp(walk(random, ROWS, 0.7, 0.8)),
        30.0 + 40.0 * random.random(ROWS),
    )
    constant = Series("harmless constant", np.full(ROWS, 45.0), (), plain=True)
    return [constant, *(Series(f"harmless {kind}", values, ()) for kind, values in enumerate(shapes))]


FAMILIES: Final = (_servers, _jobs, _bytes, _counts, _prices, _traffic, _squares, _machines, _seasons, _harmless)
