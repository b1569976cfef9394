"""What a plant of machines consists of: channels, ways to fail, classes, and the equations of one variant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Kind = Literal["wear", "sudden", "hidden", "invisible"]

SPEED, LOAD, AMBIENT = "speed", "load", "ambient"
HOUR_S = 3600
MODES = (("cleaning", SPEED, 30.0, 39.0), ("idle", LOAD, -10.0, 22.0), ("low", LOAD, 22.0, 48.0), ("mid", LOAD, 48.0, 74.0))
HIGH_MODE = ("high", LOAD, 74.0, 200.0)


@dataclass(frozen=True, slots=True)
class Channel:
    """One measured quantity: name within the machine, and its instrument. limits: LL, L, H, HH."""

    name: str
    quantity: str
    unit: str
    nominal: float
    noise: float
    resolution: float
    low: float
    high: float
    limits: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)


class Growth(Protocol):
    """How severity, 0 to about 1, grows from the first sign (u = 0) to the failure (u = 1)."""

    def __call__(self, u: Floats, random: np.random.Generator) -> Floats:
        """Severity at each u."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to fail.

    Attributes:
        item: the maintainable item that fails.
        kind: wear shows in the channels of `effects`; sudden gives no sign; hidden stops nothing and is found at an
            inspection; invisible wears, but no installed sensor shows it.
        shape, life_h: Weibull distribution of the life, hours at full load.
        interval_h, spread: log-normal time from the first sign to the failure (P-F interval), hours at full load: median, sigma.
        effects: change of a channel at severity 1, as share of its present healthy level.
    """

    name: str
    item: str
    kind: Kind
    shape: float
    life_h: float
    interval_h: float = 1.0
    spread: float = 0.4
    growth: Growth | None = None
    effects: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A class of machines. variable: its speed follows the load; shifts: stands still at night and at weekends."""

    name: str
    channels: tuple[Channel, ...]
    modes: tuple[Mode, ...]
    variable: bool = True
    shifts: bool = False
    paired: bool = False

    def channel(self, name: str) -> int:
        """Place of a channel."""
        return [channel.name for channel in self.channels].index(name)


@dataclass(frozen=True, slots=True)
class Duty:
    """What a machine was asked to do, by sample of n: running, speed and load as shares, ambient in degC, samples since its start."""

    running: Bools
    speed: Floats
    load: Floats
    ambient: Floats
    since_start: Longs


class Variant(Protocol):
    """One plant: its classes and how its channels follow from duty and damage."""

    @property
    def name(self) -> str:
        """A or B."""

    @property
    def machines(self) -> tuple[Machine, ...]:
        """Its classes."""

    def signals(self, machine: Machine, duty: Duty, damage: Floats, random: np.random.Generator, period_s: float) -> Floats:
        """True values [channels, n] from the relative change `damage` [channels, n]."""
