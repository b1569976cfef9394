"""Start-ups compared with earlier ones: the highest value of a sensor while its machine settles after rest.

What a steady-state detector must not judge, inrush or the way through a resonance, is much the same at every start. So the
highest value of each start is held against those before. Their level and mean absolute deviation are exponentially weighted;
a start as far off as the budget of false episodes allows for a Laplace distribution is told, and its episode lasts until the
machine starts again. What is kept stands in the regime of rest, which every start leaves.
"""

from typing import Final

import numpy as np
from numba import njit

from processors import mode, regime
from processors.condition import OFF, ON, PATTERN, START, emit, find
from processors.layout import NEVER, NONE, Record
from processors.layout import OFF as REST
from processors.level import budget, floor
from processors.state import Arrays

STARTS_MIN: Final = 10  # until starts can be compared
MEMORY: Final = 20.0  # starts
CLIP: Final = 3.0  # mean deviations that one start counts at most
STARTS_A_YEAR: Final = 1000.0
SEVERITY: Final = 2
HALF: Final = float(np.log10(2.0))
LN10: Final = float(np.log(10.0))


@njit(cache=True, nogil=True)
def follow(arrays: Arrays, case: Record, options: Record) -> None:
    """A sound reading while the sensor settles."""
    sensor = arrays.sensors[case.slot]
    asset = arrays.assets[sensor.asset]
    since, at = mode.started(asset, case.ts), regime.find(arrays, case.slot, REST)
    if since == NEVER or at == NONE or case.ts - since >= mode.settling_us(sensor, asset):
        return
    rest = arrays.regimes[at]
    if rest.start_since != since:
        if rest.start_since != 0:
            _learn(rest)
            end(rest, case)
        rest.start_since, rest.start_top = since, case.value
    rest.start_top = max(rest.start_top, case.value)
    if rest.starts >= STARTS_MIN and not rest.start_active:
        away = (rest.start_top - rest.start_level) / max(rest.start_spread, floor(sensor))
        surprise, bar = away / LN10 + HALF, np.log10(STARTS_A_YEAR / budget(options))
        if surprise >= bar:
            rest.start_active, rest.start_surprise = 1, surprise
            find(case.found[START], PATTERN, SEVERITY, since, surprise, rest.start_level, bar)
            emit(case, START, ON, case.ts, since)


@njit(cache=True, nogil=True)
def end(rest: Record, case: Record) -> None:
    """The machine starts again, or nobody compares any more."""
    if rest.start_active:
        rest.start_active = 0
        find(case.found[START], PATTERN, SEVERITY, rest.start_since, rest.start_surprise, rest.start_level, np.nan)
        emit(case, START, OFF, case.ts, rest.start_since)


@njit(cache=True, nogil=True)
def conclude(arrays: Arrays, slot: int, case: Record) -> None:
    """End what was said of the newest start of a sensor."""
    at = regime.find(arrays, slot, REST)
    if at != NONE:
        end(arrays.regimes[at], case)


@njit(cache=True, nogil=True)
def _learn(rest: Record) -> None:
    """Take the start before into level and deviation, a strange one by a step only."""
    error = rest.start_top - rest.start_level
    if rest.starts == 0:
        rest.start_level, error = rest.start_top, 0.0
    elif rest.starts >= STARTS_MIN:
        bound = CLIP * rest.start_spread
        error = min(max(error, -bound), bound)
    weight = max(1.0 / MEMORY, 1.0 / (rest.starts + 1.0))
    rest.start_level += weight * error
    if rest.starts > 0:
        rest.start_spread += max(1.0 / MEMORY, 1.0 / rest.starts) * (abs(error) - rest.start_spread)
    rest.starts += 1
