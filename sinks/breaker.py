"""Pauses between attempts at a dependency that fails, and the moment from which it is called away."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from telemetry.metrics import BREAKER

FIRST_S: Final = 0.2
LONGEST_S: Final = 15.0
OPEN_AFTER: Final = 4  # failures in a row: about three seconds


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row. Closed: works. Trying: failed lately. Open: away, asked at the longest pause only."""

    name: str
    chance: Callable[[], float] = field(default=random.random)
    failures: int = 0

    @property
    def open(self) -> bool:
        """True from the moment the dependency counts as away."""
        return self.failures >= OPEN_AFTER

    def failed(self) -> float:
        """Note a failure; returns the pause before the next attempt, seconds: doubled each time, with jitter of +-25 %."""
        self.failures += 1
        BREAKER.labels(self.name).set(2 if self.open else 1)
        return min(LONGEST_S, FIRST_S * 2.0 ** (self.failures - 1)) * (0.75 + self.chance() / 2)

    def worked(self) -> None:
        """Note a success."""
        self.failures = 0
        BREAKER.labels(self.name).set(0)
