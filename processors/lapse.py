"""Level-2 conditions that nobody repeats any more are over: an `off` that was lost leaves no episode open for ever.

Patterns repeats a condition that holds (processors/patterns.py) and ends one that nobody can score for a day. A crash between an
`on` and its snapshot can make it forget what it said, when the models were exchanged in between. Time is that of the log's ticks.
"""

from math import isnan
from typing import Any, Final

from processors import anomaly

Record = dict[str, Any]
State = dict[str, Any]

LEVEL_2: Final = "level2/"  # begin of its detectors; level 1 remembers what it said, and repeats nothing
LAPSE_US: Final = 30 * 3_600_000_000  # log time; beyond the day after which patterns itself gives up
LOOK_US: Final = 60_000_000  # between two looks


def concerns(record: Record) -> bool:
    """True for evidence that is repeated while it holds."""
    return str(record["detector"]).startswith(LEVEL_2)


def note(state: State, key: str, record: Record, known_at_us: int) -> None:
    """A level-2 condition of the episode under `key` was told, repeated or ended."""
    held: State = state.setdefault("alive", {}).setdefault(key, {})
    if record["phase"] == "off":
        held.pop(anomaly.condition(record), None)
    else:
        held[anomaly.condition(record)] = known_at_us
    if not held:
        del state["alive"][key]


def repeats(episode: State, record: Record) -> bool:
    """True for a record that says no more than that a condition of the episode still holds."""
    return record["phase"] == "peak" and isnan(record["surprise"]) and anomaly.condition(record) in episode["active"]


def tick(state: State, known_at_us: int) -> list[Record]:
    """Close what was not repeated for too long."""
    looked = state.get("looked")
    if looked is not None and known_at_us - looked < LOOK_US:
        return []
    if looked is None:
        _adopt(state, known_at_us)
    state["looked"] = known_at_us
    made = []
    for key in sorted(state.get("alive", {})):
        made += _lapsed(state, key, known_at_us)
    return made


def _lapsed(state: State, key: str, known_at_us: int) -> list[Record]:
    held = state["alive"][key]
    over = [condition for condition, at in held.items() if known_at_us - at >= LAPSE_US]
    for condition in over:
        del held[condition]
    if not held:
        del state["alive"][key]
    episode = state["open"].get(key)
    if not over or episode is None:
        return []
    for condition in over:
        episode["active"].pop(condition, None)
    if episode["active"]:
        return []
    del state["open"][key]
    return [anomaly.publish(episode, "close", known_at_us)]


def _adopt(state: State, known_at_us: int) -> None:
    """Conditions of a snapshot of earlier rules count from now on."""
    for key, episode in state["open"].items():
        for condition in episode["active"]:
            if f"|{LEVEL_2}" in condition:
                state.setdefault("alive", {}).setdefault(key, {}).setdefault(condition, known_at_us)
