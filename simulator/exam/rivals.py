"""Who the platform is compared with: limits alone, vibration zones alone, one who always cries."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from processors.layout import Records
from processors.outcome import Flag
from processors.zones import TABLE
from simulator.exam.episodes import Episode
from simulator.life.plant import Unit

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
ZONE_C: Final = TABLE["2", "rigid"].velocity_mm_s[1]
HOURS: Final = 3  # in zone C or worse until the zone speaks
LEFT: Final = 0.9  # of the limit: below it for a day the zone is quiet again


def limits(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evidence of limits alone."""
    return [record for record in records if record["detector"] == "level1/limit"]


class Zone:
    """Hourly means of settled vibration of one machine against zone C of ISO 20816-3, group 2, rigid."""

    def __init__(self, asset: str, sensor: str) -> None:
        self._asset, self._sensor = asset, sensor
        self._hours, self._below_us = 0, 0
        self.found: list[Episode] = []

    def take(self, rows: Records) -> None:
        """Rows of the sensor; a mean does not reach beyond them."""
        rows = rows[(rows["flags"] & int(Flag.LATE | Flag.TRANSIENT | Flag.NO_VALUE)) == 0]
        hours, place = np.unique(rows["ts"] // HOUR_US, return_inverse=True)
        means = np.bincount(place, rows["value"]) / np.maximum(np.bincount(place), 1) if len(hours) else np.empty(0)
        for hour, mean in zip((hours * HOUR_US).tolist(), means.tolist(), strict=True):
            self._hour(hour, mean)

    def _hour(self, hour_us: int, mean: float) -> None:
        self._hours = self._hours + 1 if mean >= ZONE_C else 0
        speaks = self.found and self.found[-1].end is None
        if mean >= LEFT * ZONE_C:
            self._below_us = hour_us
        if not speaks and self._hours >= HOURS:
            self.found.append(Episode(self._asset, "machine", hour_us, hour_us, "zone", None, [(hour_us, (self._sensor,))]))
        elif speaks and hour_us - self._below_us > DAY_US:
            self.found[-1].end = hour_us


def always(what: Unit, begin_us: int, end_us: int, every_us: int = 30 * DAY_US) -> list[Episode]:
    """An episode on every channel, anew every 30 days."""
    names = tuple(what.sensors)
    begins = range(begin_us, end_us, every_us)
    return [Episode(what.name, "machine", at, at, "always", at + every_us, [(at, names)]) for at in begins]
