"""Surprise, learning and shifts of one sensor in plain Python: floats in attributes, every formula written out once more.

Numbers that the state keeps in 4 bytes are rounded to 4 bytes here, too, so that both can be compared to the last digits.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from processors.options import Options

BINS = 44
EDGES = [0.0, *(2.0 ** (-2 + k / 4) for k in range(1, BINS))]
LEARNING, OUTLIER, STUCK = 32, 64, 256


def single(x: float) -> float:
    """As a 4-byte number holds it."""
    return float(np.float32(x))


@dataclass
class Tail:
    """Shares of |z| seen, in quarter octaves."""

    counts: list[float] = field(default_factory=lambda: [0.0] * BINS)
    total: float = 0.0

    def surprise(self, z: float) -> float:
        if self.total < 50:
            return 0.0
        at = min(max((math.log2(z + 1e-30) + 2) * 4, 0.0), 400.0)
        beyond = [sum(self.counts[k:]) for k in range(BINS)]
        anchor = max(k for k in range(BINS) if beyond[k] >= 4)
        if at <= anchor:
            return self.inside(at, beyond)
        body = max(k for k in range(anchor + 1) if k == 0 or beyond[k] >= min(64, 0.1 * self.total))
        high = self.level(beyond[anchor])
        low = max(self.level(beyond[body]), 0.05)
        outside = continued(at, anchor, high, min(body, anchor - 1), low)
        return high + (outside - high) * self.total / (self.total + 150)

    def level(self, count: float) -> float:
        return -math.log10(count / (self.total + 1))

    def inside(self, at: float, beyond: list[float]) -> float:
        own = int(at)
        lower = self.level(beyond[own])
        return max(lower if at == own else lower + (self.level(beyond[own + 1]) - lower) * (at - own), 0.0)

    def learn(self, z: float, memory: float) -> None:
        self.counts[bisect_right(EDGES, z) - 1] += 1
        self.total += 1
        if self.total > memory:
            self.counts = [single(count * 0.5) if count > single(0.1) else 0.0 for count in self.counts]
            self.total = single(self.total * 0.5)


def continued(at: float, anchor: int, high: float, body: int, low: float) -> float:
    slope = (high - low) / (anchor - body)
    exponent = math.log2(max(high / low, 1.0)) / (anchor - body)
    light = min(max((4 * exponent - 0.6) / 0.4, 0.0), 1.0)
    weibull = high * 2.0 ** min(min(exponent, 0.5) * (at - anchor), 20.0)
    return float(min(light * weibull + (1 - light) * (high + slope * (at - anchor)), 99.0))


@dataclass
class Sums:
    """One CUSUM's largest values by blocks of 32 readings."""

    top: float = 0.0
    mean: float = 0.0
    square: float = 0.0
    blocks: int = 0

    def scale(self) -> tuple[float, float]:
        known = min(self.blocks, 4096)
        seen = math.sqrt(max(self.square - self.mean**2, 0) * 6) / math.pi
        width = (known * seen + 32 * 1.5) / (known + 32)
        place = (known * (self.mean - 0.5772156649015329 * seen) + 32 * 4.0) / (known + 32)
        return place, 1.25 * width * math.log(10)

    def close(self) -> None:
        weight = 1 / min(self.blocks + 1, 4096)
        self.mean = single(self.mean + weight * (self.top - self.mean))
        self.square = single(self.square + weight * (self.top * self.top - self.square))
        self.top, self.blocks = 0.0, self.blocks + 1


@dataclass
class Sensor:
    """A periodic sensor that is not catalogued, from its first reading on; no gaps, no second level, no stuck values."""

    options: Options
    interval_s: float = 0.0
    level: float = 0.0
    spread: float = 0.0
    innovation: float = 0.0
    covariance: float = 0.0
    variance: float = 0.0
    deviation: float = 0.0
    count: int = 0
    up: float = 0.0
    down: float = 0.0
    volatile: float = 0.0
    in_block: int = 0
    shifted: bool = False
    struck: bool = False
    mean: Sums = field(default_factory=Sums)
    volatility: Sums = field(default_factory=Sums)
    tail: Tail = field(default_factory=Tail)
    newest: int = 0
    born: int | None = None

    def judge(self, ts: int, value: float) -> tuple[float, int]:
        """Surprise (NaN while learning) and flags of a reading."""
        self.pass_time(ts)
        learning = self.count < self.options.grace_readings or ts - (self.born or 0) < self.options.grace_s * 1e6
        bar = max(math.log10(3 * 31_557_600 / max(self.interval_s, 1e-3) / self.options.false_episodes_per_sensor_year), 2.0)
        error = value - self.level
        correlation = min(max(self.covariance / self.variance if self.variance > 0 else 0.0, 0.0), 0.98)
        residual = error - correlation * self.deviation
        low = max(1e-9 * abs(self.level), 1e-30)
        z = max(abs(error) / max(self.spread, low), abs(residual) / max(self.innovation, low))
        score = self.tail.surprise(z)
        self.add(residual / max(self.innovation, low))
        self.shifted = self.judge_shift(learning, bar)
        outlier = not learning and score >= bar
        abnormal = outlier or self.shifted
        if self.count >= 20 and (not abnormal or (outlier and not self.struck)):
            self.tail.learn(z, self.options.tail_readings)
        self.struck = abnormal
        if abnormal:
            self.deviation = error
        else:
            self.learn(error, residual, low)
            self.deviation = value - self.level
        return (math.nan if learning else score), LEARNING * learning | OUTLIER * abnormal

    def pass_time(self, ts: int) -> None:
        if self.born is None:
            self.born = ts
        elif self.interval_s == 0:
            self.interval_s = single((ts - self.newest) * 1e-6)
        else:
            step = min((ts - self.newest) * 1e-6, 4 * self.interval_s) - self.interval_s
            self.interval_s = single(self.interval_s + 0.1 * step)
        self.newest = ts

    def add(self, u: float) -> None:
        u = min(max(u, -4.0), 4.0)
        self.up = max(0.0, self.up + u - self.options.cusum_slack)
        self.down = max(0.0, self.down - u - self.options.cusum_slack)
        self.volatile = max(0.0, self.volatile + abs(u) - 0.798 - self.options.volatility_slack)

    def judge_shift(self, learning: bool, bar: float) -> bool:  # noqa: FBT001
        largest = 0.0
        if learning and self.count < 20:
            self.up = self.down = self.volatile = 0.0
            return False
        if not learning:
            place, scale = self.mean.scale()
            self.up, self.down = (min(total, place + scale * (1.5 * bar - math.log10(32))) for total in (self.up, self.down))
            largest = (max(self.up, self.down) - place) / scale + math.log10(32)
            place, scale = self.volatility.scale()
            self.volatile = min(self.volatile, place + scale * (1.5 * bar - math.log10(32)))
            largest = max(largest, (self.volatile - place) / scale + math.log10(32))
        self.mean.top = single(max(self.mean.top, self.up, self.down))
        self.volatility.top = single(max(self.volatility.top, self.volatile))
        if largest >= (0.5 * bar if self.shifted else bar):
            return True
        self.in_block += 1
        if self.in_block == 32:
            self.in_block = 0
            self.mean.close()
            self.volatility.close()
        return False

    def learn(self, error: float, residual: float, low: float) -> None:
        options = self.options
        slow = max(1 / options.scale_readings, 1 / (self.count + 1))
        far = options.huber * max(self.spread, low) if self.count >= 30 else math.inf
        clipped, before = (min(max(x, -far), far) for x in (error, self.deviation))
        self.covariance += slow * (clipped * before - self.covariance)
        self.variance += slow * (before * before - self.variance)
        self.spread += slow * (1.2533141373155001 * abs(clipped) - self.spread)
        far = options.huber * max(self.innovation, low) if self.count >= 30 else math.inf
        self.innovation += slow * (1.2533141373155001 * min(abs(residual), far) - self.innovation)
        memory = min(max(options.level_s / max(self.interval_s, 1e-3), options.level_readings), 10 * options.level_readings)
        self.level += max(1 / memory, 1 / (self.count + 1)) * clipped
        self.count += 1
