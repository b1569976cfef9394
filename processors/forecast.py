"""Key signals some hours ahead: hourly means kept for two weeks, and the one of model, naive and mean that was nearest in the last week.

Pure. A key signal is a sensor with a limit: somebody said that its value matters. The hour's mean is over all modes, so that a forecast
says what the signal will be, stops included. Whose forecast stands and how wide its interval is follow from the signal's own last
hours, each judged by what came: no model is believed for its card alone.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import numpy as np

from processors.daily import HOUR_US
from processors.layout import Floats
from processors.machine import Machine

State = dict[str, Any]
Record = dict[str, Any]

AHEAD: Final = (1, 6, 24)  # hours
LAG_MAX: Final = 168  # a model may look a week back
JUDGED: Final = 168  # newest forecasts of each horizon that are judged
JUDGED_MIN: Final = 24
KEPT: Final = LAG_MAX + JUDGED + max(AHEAD)  # hours
SIGNALS_MAX: Final = 8
COVERAGE: Final = 0.9
NO_MODEL: Final = "no forecast model"
NO_SIGNAL: Final = "no sensor has a limit"
UNSEEN: Final = "no signal was seen in the newest hour and in enough hours before"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a model answered.

    Args:
        reason: why none did, or not the best one.
        values: (signals, hours, len(AHEAD)), made at the end of each hour; NaN where it does not say; None: no model answered.

    """

    reason: str = NO_MODEL
    model: str = ""
    version: int = 0
    digest: str = ""
    values: Floats | None = None


Foresee = Callable[["Machine | str", Floats], Foreseen]  # machine and hourly means (signals, hours) -> a model's answer


def nobody(_machine: Machine | str, _values: Floats) -> Foreseen:
    """Where no model is asked."""
    return Foreseen()


def empty() -> State:
    """Nothing seen yet: `hour` is the one being filled, `values` the packed float32 means before it, a row for each name."""
    return {"hour": None, "open": {}, "names": [], "values": ""}


def key(machine: Machine) -> list[str]:
    """Sensors with a limit, by name."""
    limited = [name for name, sensor in machine.sensors.items() if sensor.low is not None or sensor.high is not None]
    return sorted(limited)[:SIGNALS_MAX]


def add(state: State, *, start_us: int, means: Mapping[str, float], chosen: Sequence[str]) -> None:
    """Take in a window; one of an hour that is over changes nothing."""
    hour = start_us // HOUR_US
    state["hour"] = hour if state["hour"] is None else state["hour"]
    if hour > state["hour"]:
        _close(state, hour)
    for name in chosen if hour == state["hour"] else ():
        if name in means:
            total, count = state["open"].get(name, (0.0, 0))
            state["open"][name] = [total + means[name], count + 1]


def series(state: State) -> tuple[list[str], Floats]:
    """Names and hourly means (signals, hours) up to the hour before the one being filled; NaN where nothing was seen."""
    names = state["names"]
    packed = np.frombuffer(b64decode(state["values"]), "<f4").astype(np.float64)
    return names, packed.reshape(len(names), -1 if names else 0)


def made(state: State, machine: Machine | str, foresee: Foresee) -> Record:
    """Fields of a Prediction."""
    reason = machine if isinstance(machine, str) else "" if key(machine) else NO_SIGNAL
    if reason:
        return _record([], Foreseen(reason), None)
    names, values = series(state)
    if values.shape[1] <= JUDGED_MIN:
        return _record([], Foreseen(f"{values.shape[1]} of {JUDGED_MIN + 1} hours seen"), None)
    found = foresee(machine, values)
    told = [each for place, name in enumerate(names) for each in _ahead(name, values[place], found, place)]
    return _record(told, found if told else Foreseen(UNSEEN), state["hour"] * HOUR_US if told else None)


def _record(told: list[Record], found: Foreseen, since_us: int | None) -> Record:
    return {
        "forecasts": told,
        "forecast_from": since_us,
        "forecast_model": found.model,
        "forecast_version": found.version,
        "forecast_digest": found.digest,
        "forecast_reason": found.reason,
    }


def _close(state: State, hour: int) -> None:
    """The means of the hour that was filled become a column, hours without windows one of NaN each."""
    names, values = series(state)
    every = [*names, *sorted(state["open"].keys() - set(names))]
    table = np.full((len(every), values.shape[1] + min(hour - state["hour"], KEPT)), np.nan, "<f4")
    table[: len(names), : values.shape[1]] = values
    if hour - state["hour"] <= KEPT:
        table[:, values.shape[1]] = [_mean(state["open"].get(name)) for name in every]
    table = table[:, -KEPT:]
    used = np.asarray(np.isfinite(table).any(axis=1))
    state.update(
        hour=hour,
        open={},
        names=[name for name, has in zip(every, used.tolist(), strict=True) if has],
        values=b64encode(np.ascontiguousarray(table[used]).tobytes()).decode(),
    )


def _mean(filled: Sequence[float] | None) -> float:
    return filled[0] / filled[1] if filled else float("nan")


def _ahead(name: str, values: Floats, found: Foreseen, place: int) -> list[Record]:
    """The forecasts of one signal that can be stated; none when its newest hour was not seen."""
    if not values.size or np.isnan(values[-1]):
        return []
    seen = np.isfinite(values)
    count = np.cumsum(seen)
    mean = np.where(count > 0, np.cumsum(np.where(seen, values, 0.0)) / np.maximum(count, 1), np.nan)
    said = []
    for nth, hours in enumerate(AHEAD):
        guesses = {"naive": values, "mean": mean}
        if found.values is not None:
            guesses["model"] = found.values[place, :, nth]
        stated = _best(values, guesses, hours)
        said += [{"sensor_id": name, "ahead_h": hours, **stated}] if stated else []
    return said


def _best(values: Floats, guesses: Mapping[str, Floats], hours: int) -> Record | None:
    """The guess with the smallest error on the same hours; None: too few could be judged."""
    chosen, errors = dict(guesses), _errors(values, guesses, hours)
    if "model" in guesses and (np.isnan(guesses["model"][-1]) or errors.shape[1] < JUDGED_MIN):
        chosen.pop("model")
        errors = _errors(values, chosen, hours)
    if errors.shape[1] < JUDGED_MIN:
        return None
    rms = dict(zip(chosen, np.sqrt(np.mean(errors**2, axis=1)).tolist(), strict=True))
    method = min(rms, key=lambda who: rms[who])
    sizes = np.sort(np.abs(errors[list(chosen).index(method)]))
    half = float(sizes[min(ceil((len(sizes) + 1) * COVERAGE), len(sizes)) - 1])  # split conformal
    value = float(chosen[method][-1])
    return {
        "value": value,
        "low": value - half,
        "high": value + half,
        "method": method,
        "judged": errors.shape[1],
        "error": rms[method],
        "naive_error": rms["naive"],
        "mean_error": rms["mean"],
        "model_error": rms.get("model"),
    }


def _errors(values: Floats, guesses: Mapping[str, Floats], hours: int) -> Floats:
    """Guess less truth, (guesses, n), of the newest hours that all of them and the truth are known for."""
    count = min(JUDGED, len(values) - hours)
    if count <= 0:
        return np.empty((len(guesses), 0))
    at = np.arange(len(values) - hours - count, len(values) - hours)
    errors = np.array([guess[at] - values[at + hours] for guess in guesses.values()])
    return errors[:, np.isfinite(errors).all(axis=0)]
