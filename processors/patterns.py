"""Patterns: scores of level-2 models become conditions that begin, get worse and end, a pure step over the windows of one partition.

A condition begins with the `hold`-th window on end at or over the threshold and ends after `quiet` windows below it, as the model's
own false-episode rate was counted. All of it goes by the event time of windows; what cannot be scored counts for neither side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import log10, nan
from typing import Any, Final

from processors import joined

Record = dict[str, Any]
State = dict[str, Any]

KIND: Final = "pattern"
SEVERITY: Final = 2  # a deviation, wherever the limits are
THRESHOLD: Final = 1.0  # scores of level-2 models are in units of their threshold
WORSE: Final = 1.25  # times the score that was told last: told again
REPEAT_US: Final = 21_600_000_000  # a condition that holds is repeated, so that detection knows one that was forgotten
LAPSE_US: Final = 86_400_000_000  # a condition nobody could score for so long is over
CONTRIBUTIONS_MAX: Final = 20
JOINS: Final = "joins"  # key of the state beside those of assets, which hold a slash


@dataclass(frozen=True, slots=True)
class Rule:
    """How a model's scores become conditions.

    Args:
        window_s: length of the windows it was fitted on.
        hold: windows on end at or over the threshold that begin a condition.
        quiet: windows below it that end one.
        budget_days: machine days per false condition that its threshold aims at.
        modes: modes it learnt, in the order of their codes.

    """

    window_s: int
    hold: int
    quiet: int
    budget_days: float
    modes: tuple[str, ...]

    def surprise(self, score: float) -> float:
        """-log10 of how often a healthy machine reaches a score: known at the threshold, beyond it one more per tenfold score, at least.

        >>> Rule(600, 3, 12, 60.0, ("",)).surprise(1.0) > Rule(3600, 3, 12, 60.0, ("",)).surprise(1.0)
        True
        """
        return log10(self.budget_days * 86_400.0 / self.window_s) + log10(max(score, THRESHOLD))


@dataclass(frozen=True, slots=True)
class Score:
    """What a model says of a window.

    Args:
        model: name:version.
        detector: level2/<kind>.
        shares: by sensor, summing to 1.

    """

    value: float
    model: str
    detector: str
    rule: Rule
    shares: Mapping[str, float] = field(default_factory=dict)


Judge = Callable[[Mapping[str, Any]], "Score | None"]  # window -> score; None: nobody can say


def empty() -> State:
    """State of one partition before its first record: by asset and length of windows."""
    return {}


def step(state: State, record: Record, *, schema: str, known_at_us: int, origin: Record, judge: Judge) -> list[Record]:  # noqa: ARG001  the signature of every step
    """Evidence (at most one record a window) that one Features record causes; changes `state` in place."""
    key = f"{record['asset_id']}/{record['window_s']}"
    joins = state.setdefault(JOINS, {})
    windows = joined.whole(joins.setdefault(key, joined.empty()), record)
    made = [each for window in windows for each in _window(state, key, window, judge)]
    return [{**each, "known_at": known_at_us, "origin": {**origin, "nth": nth}} for nth, each in enumerate(made)]


def _window(state: State, key: str, record: Record, judge: Judge) -> list[Record]:
    """What one whole window gives rise to, without time and cause."""
    held = state.get(key)
    if held is not None and record["start"] <= held["scored"]:
        return []  # late
    found = judge(record)
    return _scored(state.setdefault(key, _begin(found)), record, found) if found else _unscored(state, key, record)


def contributions(shares: Mapping[str, float], sensors: list[str]) -> dict[str, float]:
    """Shares by sensor that sum to 1, the 20 largest; equal ones where a model explains nothing.

    >>> contributions({"a": 3.0, "b": 1.0, "c": -2.0}, ["a", "b", "c"]), contributions({}, ["a", "b"])
    ({'a': 0.75, 'b': 0.25}, {'a': 0.5, 'b': 0.5})
    """
    positive = sorted(((share, name) for name, share in shares.items() if share > 0.0), key=lambda each: (-each[0], each[1]))
    chosen = positive[:CONTRIBUTIONS_MAX] or [(1.0, name) for name in sorted(sensors)[:CONTRIBUTIONS_MAX]]
    total = sum(share for share, _ in chosen)
    return {name: share / total for share, name in chosen}


def _begin(found: Score) -> State:
    return {"scored": 0, "model": found.model, "over": 0, "since": 0, "below": 0, "end": 0, "told": None}


def _scored(held: State, record: Record, found: Score) -> list[Record]:
    start, rule = record["start"], found.rule
    gap_us = start - held["scored"]
    if gap_us > max(rule.hold, rule.quiet) * rule.window_s * 1_000_000 or found.model != held["model"]:
        held["over"] = 0  # not on end any more
    lapsed = _off(held, record) if held["told"] and gap_us >= LAPSE_US else []
    held["scored"] = start
    held["model"] = found.model
    return [*lapsed, *_told(held, record, found)]


def _told(held: State, record: Record, found: Score) -> list[Record]:
    start, rule = record["start"], found.rule
    if found.value >= THRESHOLD:
        held["since"] = held["since"] if held["over"] else start
        held["over"] += 1
        held["below"] = 0
        held["end"] = start + rule.window_s * 1_000_000
        return _above(held, record, found)
    held["over"] = 0
    held["below"] += 1
    return _off(held, record) if held["told"] and held["below"] >= rule.quiet else []


def _above(held: State, record: Record, found: Score) -> list[Record]:
    told = held["told"]
    if told is None:
        if held["over"] < found.rule.hold:
            return []
        about = {"since": held["since"], "detector": found.detector, "model": found.model}
        held["told"] = {**about, "score": found.value, "at": record["start"]}
        return [_evidence(held, record, "on", found)]
    worse = found.value >= WORSE * told["score"]
    if not worse and record["start"] - told.get("at", 0) < REPEAT_US:  # a snapshot of earlier rules has none
        return []
    told["at"] = record["start"]
    told["score"] = found.value if worse else told["score"]
    made = _evidence(held, record, "peak", found)
    return [made if worse else {**made, "surprise": nan}]  # no more than that it still holds


def _unscored(state: State, key: str, record: Record) -> list[Record]:
    held = state.get(key)
    if held is None or record["start"] - held["scored"] < LAPSE_US:
        return []
    made = _off(held, record) if held["told"] else []
    del state[key]
    return made


def _off(held: State, record: Record) -> list[Record]:
    made = _evidence(held, record, "off", None)
    held["told"] = None
    return [made]


def _evidence(held: State, record: Record, phase: str, found: Score | None) -> Record:
    told = held["told"]
    return {
        "asset_id": record["asset_id"],
        "sensor_id": "",
        "gateway": "",
        "detector": told["detector"],
        "kind": KIND,
        "subject": "machine",
        "phase": phase,
        "ts": held["end"],
        "since": told["since"],
        "value": found.value if found else nan,
        "expected": nan,
        "surprise": found.rule.surprise(found.value) if found else nan,
        "threshold": THRESHOLD,
        "severity": SEVERITY,
        "historical": record["historical"],
        "mode": record["mode"],
        "model": found.model if found else told["model"],
        "contributions": dict(found.shares) if found else {},
    }
