"""Daily medians of the windows of an asset, by mode and sensor, and how long it ran: the bounded memory of predictions.

State is JSON: `open` holds the windows of the newest two days (windows of frames may come a little after those of readings),
`days` the medians of the 180 days before as [day, seconds seen, seconds run, {mode: {sensor: median}}], oldest first.
"""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, Final

State = dict[str, Any]
Day = list[Any]

DAY_US: Final = 86_400_000_000
KEPT: Final = 180  # days
OPEN: Final = 2  # days whose windows are kept one by one
OFF: Final = "off"
UNSTEADY: Final = frozenset({OFF, "transient"})
SEEN_MIN_S: Final = 3600.0  # a day seen for less says nothing of how long the asset ran
DUTY_DAYS: Final = 30


def empty() -> State:
    """Nothing seen yet."""
    return {"open": {}, "days": [], "first": None, "last": None, "windows": 0}


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
    held = state["open"].setdefault(str(day), [0, 0, {}])
    if fresh:  # readings and frames of an asset have each a record of the same window
        held[0] += window_s
        held[1] += window_s * (mode != OFF)
    if mode not in UNSTEADY:
        values = held[2].setdefault(mode, {})
        for sensor, mean in means.items():
            values.setdefault(sensor, []).append(mean)
    _close(state, newest // DAY_US)
    return True


def days(state: State, before: int) -> list[Day]:
    """Days before a day, oldest first; those still open as they are now."""
    made = [_closed(int(day), held) for day, held in sorted(state["open"].items(), key=lambda item: int(item[0]))]
    return [each for each in (*state["days"], *made) if each[0] < before]


def count(state: State) -> int:
    """Days in the aggregates."""
    return len(state["days"]) + len(state["open"])


def ran_h(state: State, until_us: int) -> float:
    """Hours the asset ran on the open day of a time, up to that time: its share of what was seen."""
    held = state["open"].get(str((until_us - 1) // DAY_US))
    elapsed_h = ((until_us - 1) % DAY_US + 1) / 3.6e9
    return elapsed_h * held[1] / held[0] if held and held[0] else 0.0


def duty(found: list[Day]) -> tuple[float | None, float]:
    """Share of time in which the asset ran over its last 30 days, and the days that were seen; None: less than an hour seen."""
    recent = found[-DUTY_DAYS:]
    seen = sum(day[1] for day in recent)
    return (sum(day[2] for day in recent) / seen if seen >= SEEN_MIN_S else None), round(seen / 86_400, 6)


def hours(found: list[Day], usual: float) -> Iterator[tuple[Day, float, float]]:
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


def _close(state: State, newest: int) -> None:
    for day in [each for each in state["open"] if int(each) <= newest - OPEN]:
        state["days"].append(_closed(int(day), state["open"].pop(day)))
    state["days"].sort(key=lambda each: each[0])
    state["days"] = [each for each in state["days"] if each[0] > newest - KEPT]


def _closed(day: int, held: list[Any]) -> Day:
    medians = {mode: {sensor: median(values) for sensor, values in sensors.items()} for mode, sensors in held[2].items()}
    return [day, held[0], held[1], medians]
