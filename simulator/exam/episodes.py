"""Evidence to episodes, by the rules of detection; of each episode only what judging needs is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from processors import episode, silence

TOP = 3
ORIGIN = {"topic_id": "exam", "partition": 0, "offset": 0}
Record = dict[str, Any]


@dataclass(slots=True)
class Episode:
    """One episode: begin of its condition, when it was known, its end (None: still open), and its sensors as they became known.

    sensors: (known at, the three that contribute most, detector of the first). Times in microseconds.
    """

    asset: str
    subject: str
    start: int
    known_at: int
    detector: str
    end: int | None = None
    sensors: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    severity: int = 0


class Detection:
    """The state of detection and the episodes so far."""

    def __init__(self) -> None:
        self._state = episode.empty()
        self._offset = 0
        self.found: dict[str, Episode] = {}

    def take(self, records: Iterable[Record], now_us: int) -> None:
        """Evidence records in order, then the time; ticks are made where detection waits for one."""
        for record in records:
            self._ripen(record["known_at"])
            self._step(record, "Evidence", record["known_at"])
        self._ripen(now_us)

    def _ripen(self, now_us: int) -> None:
        waiting = self._state["silence"].get("first")
        if waiting is not None and now_us >= waiting + silence.COLLECT_US:
            self._step({"kind": "tick", "version": 0}, "Mark", waiting + silence.COLLECT_US)

    def _step(self, record: Record, schema: str, known_at_us: int) -> None:
        self._offset += 1
        for step in episode.step(self._state, record, schema=schema, known_at_us=known_at_us, origin={**ORIGIN, "offset": self._offset}):
            self._note(step)

    def _note(self, step: Record) -> None:
        known = self.found.get(step["episode_id"])
        if known is None:
            known = Episode(step["asset_id"], step["subject"], step["start"], step["known_at"], step["detector"])
            self.found[step["episode_id"]] = known
        top = tuple(each["sensor_id"] for each in step["contributions"][:TOP])
        if not known.sensors or known.sensors[-1][1] != top:
            known.sensors.append((step["known_at"], top))
        known.severity = max(known.severity, step["severity"])
        if step["phase"] == "close":
            known.end = step["known_at"]
