"""Prediction: what is known of the future of an asset, a pure step over the windows of one partition.

Windows of ten minutes feed bounded daily medians (processors/daily.py). At most hourly, and when health falls, a record states
health, time to a limit from the trend against the frozen reference (processors/prognosis.py), key signals some hours ahead
(processors/forecast.py), and what a model of the asset says, or, of failures alone, the hazard of its class (processors/hazard.py); or
why it does not. What is looked up elsewhere is handed in and named
in the record: the first copy stands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from processors import daily, forecast, hazard, joined
from processors.daily import DAY_US
from processors.forecast import Foresee, nobody
from processors.machine import Machine
from processors.prognosis import COVERAGE, Limit, limit
from processors.reach import seed_of
from schemas.identifiers import deterministic_id

Record = dict[str, Any]
State = dict[str, Any]

KERNEL: Final = "prediction/2"
WINDOW_S: Final = 600
HOUR_US: Final = 3_600_000_000
FALL: Final = 0.1  # of health since the last record: said before the hour is over
PARTS_MAX, CANDIDATES_MAX = 20, 10
URGENT_D, SOON_D = 7.0, 30.0
POOR: Final = 0.5  # health below which somebody should look, whatever the trend
NO_MODEL: Final = "no model of this asset or class"
FITTED: Final = 3  # entries of what is computed once a day


@dataclass(frozen=True, slots=True)
class Life:
    """What a model of the asset or its class answered; hours are running hours, None: it does not say.

    Args:
        reason: why no model answered, or not the best one.

    """

    reason: str = NO_MODEL
    model: str = ""
    version: int = 0
    digest: str = ""
    inputs: Mapping[str, float] = field(default_factory=dict)
    outputs: Mapping[str, float] = field(default_factory=dict)


About = Callable[[str], "Machine | str"]  # asset -> what is known of it, or why nothing is
Ask = Callable[["Machine | str", Mapping[str, Any]], Life]  # asset and window -> a model's answer


def empty() -> State:
    """State of one partition before its first record."""
    return {}


def step(
    state: State,
    record: Record,
    *,
    schema: str,  # noqa: ARG001  the signature of every step
    known_at_us: int,
    origin: Record,
    about: About,
    ask: Ask,
    foresee: Foresee = nobody,
) -> list[Record]:
    """Predictions (at most one) that one Features record causes; changes `state` in place."""
    if record["window_s"] != WINDOW_S:
        return []
    asset = state.setdefault(record["asset_id"], {**daily.empty(), "said": None, "parts": {}, "fit": None})
    windows = joined.whole(asset.setdefault("join", joined.empty()), record)  # a snapshot of earlier rules has none
    made = [each for window in windows for each in _window(asset, window, about(record["asset_id"]), ask, foresee)]
    cause = deterministic_id(origin["topic_id"], origin["partition"], origin["offset"]) if made else ""
    return [{**each, "known_at": known_at_us, "causation_id": cause, "origin": {**origin, "nth": nth}} for nth, each in enumerate(made)]


def _window(asset: State, record: Record, machine: Machine | str, ask: Ask, foresee: Foresee) -> list[Record]:
    """What one whole window gives rise to, without time and cause."""
    found = dict(zip(record["sensors"], np.frombuffer(record["mean_f8"], "<f8").tolist(), strict=True))
    means = {sensor: mean for sensor, mean in found.items() if mean == mean}  # noqa: PLR0124  NaN is not itself
    if not daily.add(asset, start_us=record["start"], window_s=WINDOW_S, mode=record["mode"], means=means):
        return []
    _judge(asset, record, machine, means)
    signals = asset.setdefault("signals", forecast.empty())  # a snapshot of earlier rules has none
    chosen = signals["names"] if isinstance(machine, str) else forecast.key(machine)
    forecast.add(signals, start_us=record["start"], means=means, chosen=chosen)
    health = min((part["health"] for part in asset["parts"].values()), default=None)
    if not _due(asset, record, health):
        return []
    asset["said"] = [asset["last"], health]
    return [_made(asset, record, machine, ask(machine, record)) | forecast.made(signals, machine, foresee)]


def _judge(asset: State, record: Record, machine: Machine | str, means: Mapping[str, float]) -> None:
    """Health of each sensor that has a reference for the mode of the window; parts older than an hour are forgotten."""
    mode, start = record["mode"], record["start"]
    if isinstance(machine, Machine) and mode not in daily.UNSTEADY:
        for name in sorted(means.keys() & machine.sensors.keys()):
            sensor = machine.sensors[name]
            reference = sensor.references.get(mode)
            if reference is None or not reference.driven(means):
                continue
            expected = reference.expected(means)
            asset["parts"][name] = {
                "start": start,
                "mode": mode,
                "value": means[name],
                "expected": expected,
                "limit": sensor.limit(means[name] - expected),
                "health": sensor.health(mode, means[name], expected),
                "accepted": reference.accepted,
            }
    asset["parts"] = {name: part for name, part in asset["parts"].items() if part["start"] > asset["last"] - HOUR_US}


def _due(asset: State, record: Record, health: float | None) -> bool:
    if record["start"] < asset["last"]:
        return False  # a late window fills its day only
    if asset["said"] is None:
        return True
    at, before = asset["said"]
    if record["start"] == at:
        return False
    if record["start"] // HOUR_US != at // HOUR_US:
        return not record["historical"] or record["start"] // DAY_US != at // DAY_US
    return not record["historical"] and health is not None and before is not None and health <= before - FALL


def _made(asset: State, record: Record, machine: Machine | str, life: Life) -> Record:
    ts = record["start"] + WINDOW_S * 1_000_000
    today = record["start"] // DAY_US
    duty, duty_days = daily.duty(daily.spans(asset))
    line, away = _fit(asset, record["asset_id"], machine, today, duty)
    life = hazarded(life, machine, away)
    parts = sorted(asset["parts"].items(), key=lambda item: (item[1]["health"], item[0]))
    health = parts[0][1]["health"] if parts else None
    made = {
        "prediction_id": deterministic_id("prediction", record["asset_id"], ts),
        "asset_id": record["asset_id"],
        "ts": ts,
        "historical": record["historical"],
        "mode": record["mode"],
        "health": health,
        "health_reason": "" if parts else _unhealthy(record, machine),
        "parts": _parts(parts),
        **lived(life, duty),
        **line.record(daily.ran_h(asset, ts), duty),
        "coverage": COVERAGE,
        "duty": duty,
        "duty_days": duty_days,
        "first": asset["first"],
        "last": asset["last"],
        "windows": asset["windows"],
        "days": daily.count(asset),
        "reference_begin": line.begin_us,
        "reference_known_at": machine.known_at_us if isinstance(machine, Machine) else None,
        "kernel": KERNEL,
        "correlation_id": deterministic_id("prediction", record["asset_id"]),
    }
    made["method"] = "model" if made["rul_h"] is not None else "trend" if line.found else "none"
    worst = line.sensor if line.found else parts[0][0] if parts and health is not None and health < POOR else ""
    return {**made, "candidates": candidates(machine, worst), **advice(made)}


def _parts(parts: list[tuple[str, Any]]) -> list[Record]:
    """The sensors that are not wholly healthy, or one that is, so that a row is small."""
    told = [(name, part) for name, part in parts[:PARTS_MAX] if part["health"] < 1.0] or parts[:1]
    return [{"sensor_id": name, **{key: part[key] for key in part if key != "start"}} for name, part in told]


def _fit(asset: State, name: str, machine: Machine | str, today: int, duty: float | None) -> tuple[Limit, float | None]:
    """The trend and the condition up to yesterday, computed once a day and again when a reference changes."""
    if isinstance(machine, str):
        return Limit(reason=machine), None
    key = [today, machine.known_at_us]
    if asset["fit"] is None or asset["fit"][0] != key or len(asset["fit"]) < FITTED:  # a snapshot of earlier rules has no condition
        found = daily.days(asset, today)
        line = limit(machine, found, duty or 0.0, lambda sensor, mode: seed_of(name, sensor, mode, today))
        asset["fit"] = [key, line.plain(), hazard.condition(machine, found)]
    return Limit.of(asset["fit"][1]), asset["fit"][2]


def hazarded(life: Life, machine: Machine | str, away: float | None) -> Life:
    """What a model answered; where none did, the chances by the hazard of the class, if its failures are known, and the condition."""
    if life.model or isinstance(machine, str) or machine.past is None:
        return life
    if lacking := hazard.lacking(machine.past):
        return replace(life, reason=f"{life.reason}; {lacking}")
    given = hazard.inputs(machine.past, away)
    return replace(life, inputs=given, outputs=hazard.chances(given))


def _unhealthy(record: Record, machine: Machine | str) -> str:
    if isinstance(machine, str):
        return machine
    if record["mode"] in daily.UNSTEADY:
        return f"no steady window within an hour: mode {record['mode']}"
    return f"no reference for mode {record['mode']!r}, or not all of its drivers within an hour"


def lived(life: Life, duty: float | None) -> Record:
    """Remaining life and probabilities of a model; hours become days at the duty."""
    rul = life.outputs.get("rul_h")
    odds = {f"p_failure_{days}d": life.outputs.get(f"p_failure_{days}d") for days in (7, 30, 90)}
    return {
        **{name: getattr(life, name) for name in ("model", "version", "digest")},
        "inputs": dict(life.inputs),
        "outputs": dict(life.outputs),
        "fallback": life.reason,
        "rul_h": rul,
        "rul_low_h": life.outputs.get("rul_low_h"),
        "rul_high_h": life.outputs.get("rul_high_h"),
        "rul_d": rul / (24.0 * duty) if rul is not None and duty else None,
        "rul_reason": "" if rul is not None else life.reason or f"{life.model} states no remaining life",
        **odds,
        "p_reason": "" if None not in odds.values() else life.reason or f"{life.model} states no probabilities",
    }


def candidates(machine: Machine | str, sensor: str) -> list[Record]:
    """Ways of failing of the class that a sensor would show, with their actions."""
    if isinstance(machine, str) or sensor not in machine.sensors:
        return []
    quantity = machine.sensors[sensor].quantity
    fitting = [each for each in machine.failures if quantity in each.quantities]
    return [{"failure_mode": each.name, "action": each.action} for each in fitting[:CANDIDATES_MAX]]


def advice(made: Record) -> Record:
    """Severity and type of maintenance, by the nearest of remaining life and time to limit.

    >>> advice({"limit_d": 20.0, "rul_d": None, "health": 0.8}), advice({"limit_d": None, "rul_d": None, "health": 1.0})
    ({'severity': 3, 'maintenance_type': 'preventive'}, {'severity': 1, 'maintenance_type': 'none'})
    """
    soonest = min((days for days in (made["limit_d"], made["rul_d"]) if days is not None), default=None)
    if soonest is not None:
        severity, kind = (4, "urgent_corrective") if soonest <= URGENT_D else (3, "preventive") if soonest <= SOON_D else (2, "inspection")
        return {"severity": severity, "maintenance_type": kind}
    poor = made["health"] is not None and made["health"] < POOR
    return {"severity": 2 if poor else 1, "maintenance_type": "inspection" if poor else "none"}
