"""The CSV of one pump that nobody has looked at: local time, one sensor in degF, one by exception, a gap, a swapped pair."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

ZONE = ZoneInfo("Europe/Zurich")
BEGIN = datetime(2024, 10, 20, tzinfo=UTC)  # summer ends on the 27th
DAYS = 14
PERIOD_S = 60
GAP = (BEGIN + timedelta(days=3, hours=5), BEGIN + timedelta(days=3, hours=7))
SWAP = BEGIN + timedelta(days=9, hours=4)
COLUMNS = ("vibration_de", "vibration_nde", "temperature_de", "temperature_nde", "winding_temperature", "suction_pressure", "flow")
BY_EXCEPTION = "suction_pressure"


@dataclass(frozen=True)
class Mistakes:
    """Which mistakes the file has."""

    local: bool = True
    fahrenheit: bool = True
    exception: bool = True
    gap: bool = True
    swap: bool = True


def columns(seed: int = 7) -> dict[str, np.ndarray]:
    """A healthy pump with a daily swing, a value a minute."""
    random = np.random.default_rng(seed)
    count = DAYS * 86_400 // PERIOD_S
    swing = np.sin(np.arange(count) * PERIOD_S / 86_400 * 2 * np.pi)
    level = {"vibration_de": (2.4, 0.08), "vibration_nde": (1.3, 0.05), "temperature_de": (61.0, 0.3), "temperature_nde": (55.0, 0.3)}
    level |= {"winding_temperature": (82.0, 0.4), "suction_pressure": (1.8, 0.02), "flow": (42.0, 0.5)}
    swings = {name: 2.0 if "temperature" in name else 0.02 * mean for name, (mean, _) in level.items()}
    return {name: np.round(mean + swings[name] * swing + random.normal(0, noise, count), 3) for name, (mean, noise) in level.items()}


def write(path: Path, mistakes: Mistakes) -> None:
    values = columns()
    moments = [BEGIN + timedelta(seconds=PERIOD_S * at) for at in range(len(values["flow"]))]
    if mistakes.fahrenheit:
        values["temperature_nde"] = np.round(values["temperature_nde"] * 1.8 + 32, 3)
    if mistakes.swap:
        later = np.array([moment >= SWAP for moment in moments])
        first, second = values["vibration_de"].copy(), values["vibration_nde"].copy()
        values["vibration_de"][later], values["vibration_nde"][later] = second[later], first[later]
    _write(path, mistakes, values, moments)


def write_worn(path: Path) -> datetime:
    """The two weeks after: cables are right again, but the bearing at the drive end wears from the second day on; returns when."""
    values, begin = columns(seed=8), BEGIN + timedelta(days=DAYS)
    moments = [begin + timedelta(seconds=PERIOD_S * at) for at in range(len(values["flow"]))]
    worn = np.clip(np.arange(len(moments)) * PERIOD_S / 86_400 - 2.0, 0.0, None)
    values["vibration_de"] = np.round(values["vibration_de"] + 0.3 * worn, 3)
    values["temperature_nde"] = np.round(values["temperature_nde"] * 1.8 + 32, 3)
    _write(path, Mistakes(fahrenheit=False, gap=False, swap=False), values, moments)
    return begin + timedelta(days=2)


def _write(path: Path, mistakes: Mistakes, values: dict[str, np.ndarray], moments: list[datetime]) -> None:
    said = np.random.default_rng(11).random(len(moments)) < 0.1 if mistakes.exception else np.ones(len(moments), bool)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", *COLUMNS))
        for at, moment in enumerate(moments):
            if mistakes.gap and GAP[0] <= moment < GAP[1]:
                continue
            shown = f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" if mistakes.local else moment.isoformat()
            writer.writerow((shown, *(values[name][at] if name != BY_EXCEPTION or said[at] else "" for name in COLUMNS)))
