"""Daily medians of the windows of an asset, by mode and sensor, and how long it ran: the bounded memory of predictions.

State is JSON and small, because it is saved every few seconds: some 30 kB for an asset of 20 sensors. `hour` holds the windows of
the newest hour, `open` the medians of the hours of the newest two days (frames may come a little after readings), `days` the 178
days before as [day, seconds seen, seconds run], and `medians` theirs as packed float32, a column for each of `names`.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

import numpy as np
import numpy.typing as npt

State = dict[str, Any]
Day = list[Any]  # day, seconds seen, seconds run, {mode: {sensor: median}}
Values = dict[str, dict[str, list[float]]]

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
KEPT: Final = 180  # days
OPEN: Final = 2  # days whose hours are kept one by one
OFF: Final = "off"
UNSTEADY: Final = frozenset({OFF, "transient"})
SEEN_MIN_S: Final = 3600.0  # a day seen for less says nothing of how long the asset ran
DUTY_DAYS: Final = 30


def empty() -> State:
    """Nothing seen yet."""
    return {"hour": [0, {}], "open": {}, "days": [], "names": [], "medians": "", "first": None, "last": None, "windows": 0}


def add(state: State, *, start_us: int, window_s: int, mode: str, means: Mapping[str, float]) -> bool:
    """Take in a window, `means` by sensor in its unit and without NaN; False for one of a day that is closed."""
    newest = max(start_us, state["last"] if state["last"] is not None else start_us)
    day = start_us // DAY_US
    if day <= newest // DAY_US - OPEN:
        return False
    fresh = state["last"] is None or start_us > state["last"]
    state["first"] = start_us if state["first"] is None else min(state["first"], start_us)
    state["last"] = newest
    state["windows"] += 1
    _enter(state, newest // HOUR_US)
    held = state["open"].setdefault(str(day), [0, 0, {}])
    if fresh:  # readings and frames of an asset have each a record of the same window
        held[0] += window_s
        held[1] += window_s * (mode != OFF)
    if mode not in UNSTEADY:
        _put(state["hour"][1] if start_us // HOUR_US == state["hour"][0] else held[2], mode, means)
    _close(state, newest // DAY_US)
    return True


def spans(state: State) -> list[Day]:
    """Every day with the seconds it was seen and run, oldest first."""
    return [*state["days"], *([int(day), *held[:2]] for day, held in _opened(state))]


def days(state: State, before: int) -> list[Day]:
    """Days before a day with their medians, oldest first; those still open as they are now."""
    closed = zip(state["days"], _unpacked(state), strict=True)
    found = [[*day, _named(state["names"], row)] for day, row in closed]
    made = [[int(day), *held[:2], _medians(held[2], _of_hour(state, int(day)))] for day, held in _opened(state)]
    return [each for each in (*found, *made) if each[0] < before]


def count(state: State) -> int:
    """Days in the aggregates."""
    return len(state["days"]) + len(state["open"])


def ran_h(state: State, until_us: int) -> float:
    """Hours the asset ran on the open day of a time, up to that time: its share of what was seen."""
    held = state["open"].get(str((until_us - 1) // DAY_US))
    elapsed_h = ((until_us - 1) % DAY_US + 1) / 3.6e9
    return elapsed_h * held[1] / held[0] if held and held[0] else 0.0


def duty(found: Sequence[Day]) -> tuple[float | None, float]:
    """Share of time in which the asset ran over its last 30 days, and the days that were seen; None: less than an hour seen."""
    recent = found[-DUTY_DAYS:]
    seen = sum(day[1] for day in recent)
    return (sum(day[2] for day in recent) / seen if seen >= SEEN_MIN_S else None), round(seen / 86_400, 6)


def hours(found: Sequence[Day], usual: float) -> Iterator[tuple[Day, float, float]]:
    """Each day with the running hours at its middle and its end, from the begin of the first; days not seen count as usual days.

    >>> list(hours([[0, 86400, 43200, {}], [2, 86400, 86400, {}]], 0.5))
    [([0, 86400, 43200, {}], 6.0, 12.0), ([2, 86400, 86400, {}], 36.0, 48.0)]
    """
    total, following = 0.0, found[0][0] if found else 0
    for day in found:
        total += 24.0 * usual * (day[0] - following)
        ran = 24.0 * (day[2] / day[1] if day[1] >= SEEN_MIN_S else usual)
        yield day, total + ran / 2.0, total + ran
        total += ran
        following = day[0] + 1


def _enter(state: State, hour: int) -> None:
    """When a later hour begins, the one before becomes one median of each sensor."""
    before, values = state["hour"]
    if hour <= before:
        return
    day = str(before * HOUR_US // DAY_US)
    if values and day in state["open"]:
        for mode, medians in _medians(values, {}).items():
            _put(state["open"][day][2], mode, medians)
    state["hour"] = [hour, {}]


def _put(values: Values, mode: str, means: Mapping[str, float]) -> None:
    held = values.setdefault(mode, {})
    for sensor, mean in means.items():
        held.setdefault(sensor, []).append(float(f"{mean:.7g}"))


def _of_hour(state: State, day: int) -> Values:
    hour, values = state["hour"]
    found: Values = values if hour * HOUR_US // DAY_US == day else {}
    return found


def _medians(hourly: Values, newest: Values) -> dict[str, dict[str, float]]:
    """Median over the hours, the windows of the newest one together counting as one."""
    found: dict[str, dict[str, float]] = {}
    for mode in sorted(hourly.keys() | newest.keys()):
        known, last = hourly.get(mode, {}), newest.get(mode, {})
        found[mode] = {name: median([*known.get(name, []), *_one(last.get(name))]) for name in sorted(known.keys() | last.keys())}
    return found


def _one(values: list[float] | None) -> list[float]:
    return [median(values)] if values else []


def _opened(state: State) -> list[tuple[str, list[Any]]]:
    return sorted(state["open"].items(), key=lambda item: int(item[0]))


def _close(state: State, newest: int) -> None:
    """Days that nothing can come for any more become a row of medians."""
    for day, held in _opened(state):
        if int(day) <= newest - OPEN:
            del state["open"][day]
            _append(state, [int(day), *held[:2]], _medians(held[2], {}), newest)


def _append(state: State, day: Day, medians: Mapping[str, Mapping[str, float]], newest: int) -> None:
    row = {(mode, sensor): value for mode, sensors in medians.items() for sensor, value in sensors.items()}
    names = [tuple(name) for name in state["names"]]
    names += [name for name in row if name not in set(names)]
    table = np.full((len(state["days"]) + 1, len(names)), np.nan, "<f4")
    table[:-1, : len(state["names"])] = _unpacked(state)
    table[-1] = [row.get(name, np.nan) for name in names]
    kept = [each[0] > newest - KEPT for each in (*state["days"], day)]
    table = table[kept]
    used = np.isfinite(table).any(axis=0)
    state["days"] = [each for each, keeps in zip((*state["days"], day), kept, strict=True) if keeps]
    state["names"] = [list(name) for name, has in zip(names, used.tolist(), strict=True) if has]
    state["medians"] = b64encode(np.ascontiguousarray(table[:, used]).tobytes()).decode()


def _unpacked(state: State) -> npt.NDArray[np.float32]:
    return np.frombuffer(b64decode(state["medians"]), "<f4").reshape(len(state["days"]), len(state["names"]))


def _named(names: Sequence[Sequence[str]], row: npt.NDArray[np.float32]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (mode, sensor), value in zip(names, row.tolist(), strict=True):
        if value == value:  # noqa: PLR0124  NaN is not itself
            found.setdefault(mode, {})[sensor] = value
    return found
