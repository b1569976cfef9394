"""Conditions of a sensor: they begin, may get worse a bounded number of times, and end after a quiet time of event time."""

from typing import Final

from numba import njit

from processors.batch import ABSENT, PRESENT, UNJUDGED
from processors.layout import CONDITIONS, LIMIT, Record

ON, PEAK, OFF = range(3)
PHASES: Final = ("on", "peak", "off")
SILENT, REFERENCE, CLOCK, STOP, START, DEEP = range(
    CONDITIONS, CONDITIONS + 6
)  # without a condition in the sensor: ticks, regimes, assets, ensembles hold them
DETECTORS: Final = (
    "level1/limit",
    "level1/range",
    "level1/ewma",
    "level1/rate",
    "level1/cusum",
    "health/stuck",
    "health/silent",
    "level1/reference",
    "health/clock",
    "level1/mode",
    "level1/start",
    "level1/deep",
)
SPIKE, DRIFT, VARIANCE, HIGH, HIGH_HIGH, LOW, LOW_LOW, UNPLANNED_STOP, PATTERN = range(9)  # of the machine
RATE_OF_CHANGE, SENSOR_FAULT, STUCK_AT, SILENCE = range(9, 13)  # of the sensor, from here on
NOISY, SENSOR_DRIFT, SATURATED, UNIT_CHANGED, SWAPPED, LOOSE_MOUNTING, CLOCK_SHIFTED = range(13, 20)
KINDS: Final = (
    "spike",
    "drift",
    "variance_change",
    "limit_high",
    "limit_hh",
    "limit_low",
    "limit_ll",
    "unplanned_stop",
    "pattern",
    "rate_of_change",
    "sensor_fault",
    "stuck_at_value",
    "silent",
    "noisy",
    "sensor_drift",
    "saturated",
    "unit_changed",
    "swapped",
    "loose_mounting",
    "clock_shifted",
)


@njit(cache=True, nogil=True)
def find(found: Record, kind: int, severity: int, since: int, surprise: float, expected: float, threshold: float) -> None:
    """Write down that a detector sees its condition."""
    found.verdict = PRESENT
    found.kind = kind
    found.severity = severity
    found.since = since
    found.surprise = surprise
    found.expected = expected
    found.threshold = threshold


@njit(cache=True, nogil=True)
def settle(sensor: Record, case: Record, quiet_us: float, left_us: float, growth: float) -> None:
    """Turn the findings on a reading into steps of the sensor's conditions; `left_us` is the quiet time of limits."""
    for detector in range(CONDITIONS):
        found = case.found[detector]
        if found.verdict == PRESENT and found.kind >= RATE_OF_CHANGE:  # first what casts doubt on what the others say
            _present(sensor.conditions[detector], case, detector, growth)
            found.verdict = UNJUDGED
    for detector in range(CONDITIONS):
        found = case.found[detector]
        if found.verdict == PRESENT:
            _present(sensor.conditions[detector], case, detector, growth)
        elif found.verdict == ABSENT:
            condition = sensor.conditions[detector]
            if condition.active and case.ts - condition.last > (left_us if detector == LIMIT else quiet_us):
                end(condition, case, detector)
        found.verdict = UNJUDGED


@njit(cache=True, nogil=True)
def _present(condition: Record, case: Record, detector: int, growth: float) -> None:
    """A graver kind (limit_hh after limit_high) begins before the other ends, so that no episode ends in between."""
    found = case.found[detector]
    graver = condition.active and found.severity > condition.severity and found.kind != condition.kind
    began, last, kind = condition.since, condition.last, condition.kind
    phase = PEAK
    if graver or not condition.active:
        phase = ON
        condition.active = 1
        condition.since = found.since
        condition.kind = found.kind
        condition.severity = found.severity
    if phase == ON or found.surprise >= growth * condition.peak:
        condition.peak = found.surprise
        found.kind = condition.kind
        emit(case, detector, phase, case.ts, condition.since)
    if graver:
        found.kind = kind
        emit(case, detector, OFF, last, began)
    condition.last = case.ts


@njit(cache=True, nogil=True)
def end(condition: Record, case: Record, detector: int) -> None:
    """Emit `off` with the time of the last reading in the condition."""
    condition.active = condition.pending = 0
    found = case.found[detector]
    found.kind = condition.kind
    found.severity = condition.severity
    found.surprise = condition.peak
    found.expected = case.value
    found.threshold = condition.peak
    emit(case, detector, OFF, condition.last, condition.since)


@njit(cache=True, nogil=True)
def emit(case: Record, detector: int, phase: int, ts: int, since: int) -> None:
    """Write one event from the finding of a detector."""
    found, event = case.found[detector], case.events[case.steps]
    case.steps += 1
    event.cause = case.cause
    event.slot = case.slot
    event.asset = case.asset
    event.gateway = case.gateway
    event.detector = detector
    event.kind = found.kind
    event.phase = phase
    event.severity = found.severity
    event.historical = case.historical
    event.mode = case.mode
    event.word = case.word
    event.ts = ts
    event.since = since
    event.value = case.value
    event.expected = found.expected
    event.surprise = found.surprise
    event.threshold = found.threshold
