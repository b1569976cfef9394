"""One episode: what it absorbs from evidence and how it is published as an Anomaly record."""

from collections.abc import Iterable
from math import isnan, nan
from typing import Any, Final

from schemas.identifiers import episode_id

Record = dict[str, Any]
State = dict[str, Any]

CONTRIBUTIONS_MAX: Final = 20
UPDATE_GAP_US: Final = 60_000_000  # event time between two updates that only move figures
UPDATES_MAX: Final = 100
RULE_WEIGHT: Final = 2.0  # a rule without a probability weighs its severity times this


def begin(record: Record, *, asset_id: str, begun_us: int, grouped: int = 0) -> State:
    """A new episode that starts where the condition of `record` began; `begun_us` tells it from others of its kind."""
    return {
        "episode_id": episode_id(asset_id, record["subject"], record["sensor_id"], record["detector"], begun_us),
        "revision": -1,
        "asset_id": asset_id,
        "subject": record["subject"],
        "start": record["since"],
        "last": record["since"],
        "historical": record["historical"],
        "mode": record["mode"],
        "grouped": grouped,
        "active": {},  # conditions that hold now; a dictionary keeps their order and finds one at once
        "parts": {},
        "thresholds": {},
        "updated": record["ts"],
    }


def advance(state: State, key: str, episode: State, record: Record, known_at_us: int) -> list[Record]:
    """Add one record to an open episode; the steps to publish, if any."""
    told = absorb(episode, record)
    if not episode["active"]:
        del state["open"][key]
        return [publish(episode, "close", known_at_us)]
    if episode["revision"] < 0:
        return [publish(episode, "open", known_at_us)]
    due = record["ts"] - episode["updated"] >= UPDATE_GAP_US
    if record["phase"] == "off" or not (told or due) or episode["revision"] >= UPDATES_MAX:
        return []
    episode["updated"] = record["ts"]
    return [publish(episode, "update", known_at_us)]


def absorb(episode: State, record: Record) -> bool:
    """Take over what one record says; whether it adds a sensor or raises the severity of the episode."""
    held = condition(record)
    active: dict[str, bool] = episode["active"]
    episode["last"] = max(episode["last"], record["ts"])
    if record["phase"] == "off":
        active.pop(held, None)
        return False
    active[held] = True
    episode["historical"] = episode["historical"] and record["historical"]
    if (threshold := number(record["threshold"])) is not None:
        episode["thresholds"][record["detector"]] = threshold
    if episode["subject"] != record["subject"]:
        return False  # a sensor in doubt keeps what it says of the machine to itself: it holds the episode and does not name it
    told = False
    for sensor_id, share in _shares(record):
        told = _strengthen(episode, sensor_id, share, record) or told
    return told


def condition(record: Record) -> str:
    """Name of the condition that an `on` begins and an `off` ends."""
    return f"{record['sensor_id']}|{record['detector']}|{record['kind']}"


def _shares(record: Record) -> Iterable[tuple[str, float]]:
    """Sensors of the evidence with their share: one sensor, or what a level-2 model names."""
    return sorted(record["contributions"].items()) if record["contributions"] else ((record["sensor_id"], 1.0),)


def _strengthen(episode: State, sensor_id: str, share: float, record: Record) -> bool:
    """Whether the sensor is new in the episode or makes it more severe. Looks at the other sensors only if it must."""
    weight, worst = share * _weight(record), record["severity"]
    known = episode["parts"].get(sensor_id)
    told = known is None
    if known is not None:
        if worst > known["severity"]:
            told = worst > severity(episode)
            known["severity"] = worst
        if weight <= known["weight"]:
            return told
        worst = known["severity"]
    episode["parts"][sensor_id] = {
        "weight": weight,
        "severity": worst,
        "detector": record["detector"],
        "kind": record["kind"],
        "model": record["model"],
        "surprise": number(record["surprise"]),
        "value": number(record["value"]),
        "expected": number(record["expected"]),
    }
    return told


def _weight(record: Record) -> float:
    return max(number(record["surprise"]) or 0.0, RULE_WEIGHT * int(record["severity"]))


def number(value: float | None) -> float | None:
    """The value, or None for NaN: the state is kept as JSON, which has no NaN.

    >>> number(float("nan")), number(2.0), number(None)
    (None, 2.0, None)
    """
    return None if value is None or isnan(value) else value


def severity(episode: State) -> int:
    """Largest severity so far, 1..5 (0 before the first evidence)."""
    return max([part["severity"] for part in episode["parts"].values()], default=0)


def publish(episode: State, phase: str, known_at_us: int) -> Record:
    """The episode as an Anomaly record, without cause and origin."""
    episode["revision"] += 1
    ranked = sorted(episode["parts"].items(), key=_rank)[:CONTRIBUTIONS_MAX]
    total = sum([part["weight"] for _, part in ranked]) or 1.0
    surprises = [part["surprise"] for _, part in ranked if part["surprise"] is not None]
    strongest = ranked[0][1]
    return {
        "episode_id": episode["episode_id"],
        "revision": episode["revision"],
        "asset_id": episode["asset_id"],
        "subject": episode["subject"],
        "detector": strongest["detector"],
        "kind": strongest["kind"],
        "start": episode["start"],
        "last": episode["last"],
        "historical": episode["historical"],
        "grouped": episode["grouped"],
        "mode": episode["mode"],
        "thresholds": episode["thresholds"],
        "model": strongest["model"],
        "phase": phase,
        "end": episode["last"] if phase == "close" else None,
        "known_at": known_at_us,
        "severity": severity(episode),
        "surprise": max(surprises, default=nan),
        "contributions": [_contribution(sensor_id, part, total) for sensor_id, part in ranked],
        "quality": 0.0 if episode["subject"] == "sensor" else 1.0,
        "correlation_id": episode["episode_id"],
    }


def _rank(item: tuple[str, State]) -> tuple[float, str]:
    return -item[1]["weight"], item[0]


def _contribution(sensor_id: str, part: State, total: float) -> Record:
    return {
        "sensor_id": sensor_id,
        "share": part["weight"] / total,
        "detector": part["detector"],
        "kind": part["kind"],
        "surprise": _stored(part["surprise"]),
        "value": _stored(part["value"]),
        "expected": _stored(part["expected"]),
    }


def _stored(value: float | None) -> float:
    return nan if value is None else value
