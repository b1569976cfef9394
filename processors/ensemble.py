"""The deep ensemble as a detector of level 1, for sensors that the catalogue tags `deep`.

It follows the rows that level 1 made, in means of five minutes, the step that its views were tuned for: every sound value teaches it,
and a mean that ends while the sensor may be judged can begin a condition. Scores become surprises by a line: -log10 of the rate at
which five minutes of healthy series reach a score, seen on 12 series of correlated noise with a daily cycle (4 sensor-years: 41.6
episodes a year at a score of 2, 4.3 at 2.5) and on generated corpora outside the windows of their anomalies (11 sensor-years: 18.7 and
3.7). The bar is a budget of its own, A_YEAR: whoever tags a sensor wants to see more of it, and what is found is for information only
(severity 1). There it finds half of the windows of those corpora, at the budget of the other detectors next to none.
A tagged sensor costs 34 kB of state from its first reading on.
"""

from typing import Final

import numpy as np
from numba import njit

from processors import deep, mode
from processors.batch import EVENTS, Output
from processors.condition import DEEP, OFF, ON, PATTERN, PEAK, emit, find
from processors.deep import TUNING, WEIGHTS
from processors.layout import CONDITION, OUT_OF_SERVICE, Floats, Longs, Record, Records
from processors.layout import OFF as REST
from processors.outcome import MODE_SHIFT, Flag, Status
from processors.state import State, grown

UNTAUGHT: Final = int(Flag.LATE | Flag.NO_VALUE | Flag.OUT_OF_RANGE)
UNJUDGED: Final = int(Flag.TRANSIENT | Flag.LEARNING)
HISTORICAL: Final = int(Flag.HISTORICAL)
BAD: Final = Status.BAD
ABSURD: Final = 1e100
BLOCK_US: Final = 300_000_000
ZERO: Final = 0.25  # score of no surprise
SLOPE: Final = 2.0  # surprise per unit of the score
MODES: Final = 0b111
SEVERITY: Final = 1  # for information
A_YEAR: Final = 12.0  # false episodes of one sensor
BAR: Final = float(np.log10(31_557_600e6 / BLOCK_US / A_YEAR))
STEPS: Final = 2  # events that one reading can cause
OWN: Final = np.dtype(
    [
        ("views", deep.STATE),
        ("block", "i8"),  # number of the block of event time that is summed up
        ("readings", "i4"),  # in it
        ("sum", "f8"),
        ("condition", CONDITION),
    ],
    align=True,
)


def begin() -> Records:
    """The state of a sensor that was just tagged, one record."""
    own = np.zeros(1, OWN)
    own["views"] = deep.begin()
    return own


def follow(state: State, rows: Records, causes: Longs, case: Records, events: Records, used: int) -> tuple[Records, int]:
    """Events of the rows of tagged sensors, appended to the first `used` of `events`; returns these and how many they are.

    Args:
        state: the sensors' ensembles are changed in place.
        rows: ROW[n] of one stretch without marks, in offset order.
        causes: i8[n], index in the chunk of the record of each row.
        case: room for a kernel, CASE[1].
        events: EVENT[m]; grown if need be.
        used: how many of them are in use.
    """
    wanted = state.sensors["deep"][rows["sensor"]] > 0
    if not wanted.any():
        return events, used
    for slot in np.unique(rows["sensor"][wanted]).tolist():
        own = state.deeps.setdefault(slot, begin())
        mine = np.flatnonzero(rows["sensor"] == slot)
        events = grown(events, used + STEPS * len(mine))
        sensor = state.sensors[slot]
        asset = state.assets[sensor["asset"]]
        used = int(run(own, rows, mine, causes, slot, sensor, asset, case, state.parameters, WEIGHTS, TUNING, events, used))
    return events, used


@njit(cache=True, nogil=True)
def run(
    own: Records,
    rows: Records,
    mine: Longs,
    causes: Longs,
    slot: int,
    sensor: Record,
    asset: Record,
    case: Records,
    options: Records,
    weights: Floats,
    tuning: Floats,
    events: Records,
    used: int,
) -> int:
    """Kernel of `follow` for one sensor; returns how many events there are now."""
    ensemble, now, parameters = own[0], case[0], options[0]
    period_us = sensor.period_s * 1e6 if sensor.period_s > 0.0 else 0.0  # a learnt one stands where the stretch ends, not where a row does
    quiet_us = max(parameters.quiet_s * 1e6, parameters.quiet_intervals * max(period_us, BLOCK_US))
    for place in mine:
        row = rows[place]
        flags = row["flags"]
        if flags & UNTAUGHT or row.status >= BAD or abs(row.value) >= ABSURD:
            continue
        block, mean, found = row.ts // BLOCK_US, np.nan, 0.0
        if block != ensemble.block:
            if ensemble.readings > 0:
                mean = ensemble.sum / ensemble.readings
                found = SLOPE * (deep.advance(ensemble.views, ensemble.block * BLOCK_US * 1e-6, mean, weights, tuning) - ZERO)
            ensemble.block, ensemble.readings, ensemble.sum = block, 0, 0.0
        ensemble.readings += 1
        ensemble.sum += row.value
        if np.isnan(mean):
            continue
        now.cause, now.slot, now.asset, now.gateway = causes[place], slot, sensor.asset, sensor.gateway
        now.ts, now.value, now.now = row.ts, mean, row.known_at
        now.historical = 1 if flags & HISTORICAL else 0
        now.mode = flags >> MODE_SHIFT & MODES
        now.word = mode.word(asset, now.mode)
        judged = not flags & UNJUDGED and now.mode != REST and sensor.state < OUT_OF_SERVICE
        _settle(ensemble, now, found if judged else 0.0, quiet_us, parameters.peak_growth)
        used = _take(now, events, used)
    return used


@njit(cache=True, nogil=True)
def _settle(ensemble: Record, case: Record, found: float, quiet_us: float, growth: float) -> None:
    condition = ensemble.condition
    if found >= BAR:
        if not condition.active:
            condition.active, condition.since, condition.peak = 1, case.ts, found
            _say(ensemble, case, ON, found, case.ts)
        elif found >= growth * condition.peak:
            condition.peak = found
            _say(ensemble, case, PEAK, found, case.ts)
        condition.last = case.ts
    elif condition.active and case.ts - condition.last > quiet_us:
        _end(ensemble, case)


@njit(cache=True, nogil=True)
def _end(ensemble: Record, case: Record) -> None:
    ensemble.condition.active = 0
    _say(ensemble, case, OFF, ensemble.condition.peak, ensemble.condition.last)


@njit(cache=True, nogil=True)
def _say(ensemble: Record, case: Record, phase: int, found: float, ts: int) -> None:
    find(case.found[DEEP], PATTERN, SEVERITY, ensemble.condition.since, found, ensemble.views.level, BAR)
    emit(case, DEEP, phase, ts, ensemble.condition.since)


@njit(cache=True, nogil=True)
def _take(case: Record, events: Records, used: int) -> int:
    for step in range(case.steps):
        events[used + step] = case.events[step]
    used += case.steps
    case.steps = 0
    return used


def conclude(state: State, slot: int, known_at_us: int, cause: int, output: Output) -> None:
    """End now what the ensemble of a sensor shows; the room for it is part of mark.room_for_mark."""
    own = state.deeps.get(slot)
    if own is not None and own["condition"]["active"][0]:
        asset = state.assets[state.sensors[slot]["asset"]]
        output.used[EVENTS] = _finish(own, slot, state.sensors[slot], asset, known_at_us, cause, output)


@njit(cache=True, nogil=True)
def _finish(own: Records, slot: int, sensor: Record, asset: Record, known_at_us: int, cause: int, output: Output) -> int:
    case = output.case[0]
    case.cause, case.slot, case.now, case.historical = cause, slot, known_at_us, 0
    case.asset, case.gateway, case.ts, case.value = sensor.asset, sensor.gateway, sensor.newest, sensor.before
    case.mode, case.word = sensor.mode, mode.word(asset, sensor.mode)
    _end(own[0], case)
    return int(_take(case, output.events, output.used[EVENTS]))
