"""Episodes against the truth of a plant.

A hit is a machine episode that is open at some time in [failure - 90 d, failure - actionable lead], that became known after the
first sign of that failure (without a sign: within those days), whose three strongest contributions hold a channel of the faulty
item, and that did not begin inside an instrument's fault of that channel. An episode older than the first sign is no hit: what
is always open would know everything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.exam.episodes import Episode
from simulator.life.duty import Site
from simulator.life.history import Failure
from simulator.life.instrument import DAY_S, Trouble
from simulator.life.machine import AMBIENT, LOAD, SPEED
from simulator.life.plant import Unit

HOUR_US, DAY_US, SECOND_US = 3_600_000_000, 86_400_000_000, 1_000_000
EARLIEST_US: Final = 90 * DAY_US
GRACE_US: Final = 6 * 3_600_000_000  # after lost power or water
HIT, EARLY, LATE, SENSOR, OUTSIDE, FALSE = "hit", "no failure yet", "too late", "instrument", "outside cause", "false"
GRADES: Final = (HIT, EARLY, LATE, SENSOR, OUTSIDE, FALSE)


@dataclass(frozen=True, slots=True)
class Target:
    """A failure as it is judged. channels: names of those that show it; all but the drivers where none does."""

    number: int
    failure: Failure
    begin: int
    sign: int
    fail: int
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one failure: first hit (known at; None: missed), and the chance that any other machine would have hit it."""

    kind: str
    mode: str
    interval_d: float
    lead_d: float | None
    chance: float


class Judge:
    """Judges machines of one plant.

    Args:
        begin_us: of the plan; from_us: of what counts.
        lead_us: actionable lead.
    """

    def __init__(self, place: Site, *, begin_us: int, from_us: int, lead_us: int) -> None:
        self._begin_us, self._from_us, self._lead_us, self._place = begin_us, from_us, lead_us, place

    def targets(self, what: Unit) -> list[Target]:
        """Failures of a machine that detection had time for."""
        found = []
        for number, failure in enumerate(what.history.failures):
            fail = self._begin_us + failure.fail_h * HOUR_US
            sign = self._begin_us + failure.sign_h * HOUR_US
            if fail - self._lead_us > self._from_us:
                shown = failure.mode.kind == "wear"
                begin = sign if shown else fail - EARLIEST_US
                names = failure.mode.effects if shown else None
                channels = names or [channel.name for channel in what.machine.channels if channel.name not in {SPEED, LOAD, AMBIENT}]
                found.append(Target(number, failure, begin, sign, fail, frozenset(channels)))
        return found

    def hits(self, target: Target, episode: Episode) -> bool:
        """Whether an episode tells of a failure in time and by the right channel."""
        last = target.fail - self._lead_us
        if episode.subject != "machine" or not target.begin <= episode.known_at <= last:
            return False
        if episode.end is not None and episode.end < target.fail - EARLIEST_US:
            return False
        return bool(target.channels & _shown(episode, last))

    def verdict(self, what: Unit, target: Target, own: Sequence[Episode], others: Sequence[Sequence[Episode]]) -> Verdict:
        """What became of a failure; others: episodes of machines of the same class, for the chance."""
        known = [each.known_at for each in own if self.hits(target, each) and not self._lies(what, each, target.channels)]
        chance = sum(any(self.hits(target, each) for each in episodes) for episodes in others) / max(len(others), 1)
        mode = target.failure.mode
        lead = (target.fail - min(known)) / DAY_US if known else None
        return Verdict(mode.kind, mode.name, (target.fail - target.sign) / DAY_US, lead, chance)

    def grade(self, what: Unit, episode: Episode, targets: Iterable[Target]) -> str:
        """The grade of one machine episode."""
        if any(self.hits(target, episode) and not self._lies(what, episode, target.channels) for target in targets):
            return HIT
        shown = _shown(episode, episode.known_at + DAY_US)
        if self._lies(what, episode, shown):
            return SENSOR
        for spell in what.history.spells:
            begin, end = (self._begin_us + hour * HOUR_US for hour in (spell.sign_h, spell.end_h))
            if begin <= episode.known_at <= end + DAY_US and set(spell.mode.effects or ()) & shown:
                ended = spell.end_h < self._place.hours
                return LATE if ended and episode.known_at > end - self._lead_us else EARLY
        return OUTSIDE if self._outside(episode) else FALSE

    def names(self, what: Unit, trouble: Trouble, episode: Episode) -> bool:
        """Whether an episode of the sensor names an instrument's fault while it lasts."""
        begin, end = (self._begin_us + second * SECOND_US for second in (trouble.begin_s, trouble.end_s + DAY_S))
        sensor = what.sensors[trouble.channel]
        return episode.subject == "sensor" and begin <= episode.known_at <= end and any(sensor in top for _, top in episode.sensors)

    def _lies(self, what: Unit, episode: Episode, channels: Iterable[str]) -> bool:
        """Whether an instrument of these channels, one that the episode names first, was at fault when it began."""
        first = episode.sensors[0][1][0] if episode.sensors else ""
        at_s = (episode.known_at - self._begin_us) // SECOND_US
        for trouble in what.troubles:
            name = what.sensors[trouble.channel]
            if name == first and name.rpartition(".")[2] in set(channels) and trouble.begin_s <= at_s <= trouble.end_s + DAY_S:
                return True
        return False

    def _outside(self, episode: Episode) -> bool:
        hour = (episode.known_at - self._begin_us) // HOUR_US
        before = max(0, hour - GRACE_US // HOUR_US)
        return bool(self._place.dark[before : hour + 1].any() or self._place.dry[before : hour + 1].any())


def _shown(episode: Episode, until_us: int) -> set[str]:
    """Names of the channels that stood among the first three up to a time."""
    return {sensor.rpartition(".")[2] for known_at, sensors in episode.sensors if known_at <= until_us for sensor in sensors}
