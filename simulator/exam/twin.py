"""What following the advice would have changed: each machine lives again with the same random numbers, once with people who act.

A few days after an episode became known somebody looks at the items that its first channels speak of, at most once in a while.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.exam.episodes import Episode
from simulator.exam.judge import HOUR_US
from simulator.life.plant import Unit

ANSWER_H: Final = 72
PAUSE_H: Final = 14 * 24  # between two looks at the same machine


Again = Callable[[Unit, list[tuple[int, str]]], Unit]


@dataclass(frozen=True, slots=True)
class Effect:
    """Failures of a fleet without advice and with it, looks that people took, worn items they found."""

    without: int
    heeded: int
    looks: int
    found: int


def compare(
    units: Sequence[Unit], episodes: Sequence[Episode], begin_us: int, again: Callable[[Unit, list[tuple[int, str]]], Unit]
) -> Effect:
    """Live again with the advice of episodes; `again` makes the same machine with advice."""
    without = heeded = looks = found = 0
    for what in units:
        hours = _looks([each for each in episodes if each.asset == what.name and each.subject == "machine"], begin_us, len(what.asked.load))
        advice = [(hour, item) for hour, sensors in hours for item in items(what, sensors)]
        twin = again(what, advice)
        without, heeded = without + len(what.history.failures), heeded + len(twin.history.failures)
        looks, found = looks + len(hours), found + len(twin.history.saved)
    return Effect(without, heeded, looks, found)


def items(what: Unit, sensors: Sequence[str]) -> list[str]:
    """Items whose wear shows in these sensors, in the order of the class."""
    channels = {sensor.rpartition(".")[2] for sensor in sensors}
    return list(dict.fromkeys(mode.item for mode in what.machine.modes if channels & set(mode.effects or ())))


def _looks(episodes: Sequence[Episode], begin_us: int, hours: int) -> list[tuple[int, tuple[str, ...]]]:
    found: list[tuple[int, tuple[str, ...]]] = []
    for episode in sorted(episodes, key=lambda each: each.known_at):
        hour = (episode.known_at - begin_us) // HOUR_US + ANSWER_H
        if hour < hours and (not found or hour - found[-1][0] >= PAUSE_H):
            found.append((hour, episode.sensors[0][1]))
    return found
