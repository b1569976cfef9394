"""Conditions of a sensor: they begin, may get worse a bounded number of times, and end after a quiet time of event time."""

from typing import Final, NamedTuple

from numba import njit

from processors.batch import ABSENT, EVENTS, PRESENT, UNJUDGED, Output
from processors.state import CONDITIONS, Arrays, Record

ON, PEAK, OFF = range(3)
PHASES: Final = ("on", "peak", "off")
SILENT: Final = CONDITIONS  # a detector without a stored condition: ticks judge it
DETECTORS: Final = ("level1/limit", "level1/range", "level1/ewma", "level1/rate", "level1/cusum", "health/stuck", "health/silent")
ABOUT_SENSOR: Final = (False, True, False, True, False, True, True)  # subject, by detector
SPIKE, DRIFT, VARIANCE, HIGH, HIGH_HIGH, LOW, LOW_LOW, RATE_OF_CHANGE, SENSOR_FAULT, STUCK_AT, SILENCE = range(11)
KINDS: Final = (
    "spike",
    "drift",
    "variance_change",
    "limit_high",
    "limit_hh",
    "limit_low",
    "limit_ll",
    "rate_of_change",
    "sensor_fault",
    "stuck_at_value",
    "silent",
)
EVENTS_PER_READING: Final = CONDITIONS + 2  # room a reading needs


class Reading(NamedTuple):
    """The reading that is judged. cause = index of its record in the chunk; times in microseconds."""

    cause: int
    slot: int
    ts: int
    value: float
    historical: bool


@njit(cache=True, nogil=True)
def begin(found: Record, kind: int, severity: int, since: int, surprise: float, expected: float, threshold: float) -> None:
    """Write down that a detector sees its condition in the reading."""
    found.verdict = PRESENT
    found.kind = kind
    found.severity = severity
    found.since = since
    found.surprise = surprise
    found.expected = expected
    found.threshold = threshold


@njit(cache=True, nogil=True)
def settle(arrays: Arrays, reading: Reading, quiet_us: int, growth: float, output: Output) -> None:
    """Turn the findings on a reading into steps of the sensor's conditions."""
    for detector in range(CONDITIONS):
        found = output.found[detector]
        condition = arrays.conditions[reading.slot, detector]
        if found.verdict == PRESENT:
            _present(condition, found, reading, detector, growth, output)
        elif found.verdict == ABSENT and condition.active and reading.ts - condition.last > quiet_us:
            end(condition, found, reading, detector, output)
        found.verdict = UNJUDGED


@njit(cache=True, nogil=True)
def _present(condition: Record, found: Record, reading: Reading, detector: int, growth: float, output: Output) -> None:
    """A graver kind (limit_hh after limit_high) begins before the other ends, so that no episode ends in between."""
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
        emit(found, reading, detector, phase, reading.ts, condition.since, output)
    if graver:
        found.kind = kind
        emit(found, reading, detector, OFF, last, began, output)
    condition.last = reading.ts


@njit(cache=True, nogil=True)
def end(condition: Record, found: Record, reading: Reading, detector: int, output: Output) -> None:
    """Emit `off` with the time of the last reading in the condition."""
    condition.active = 0
    found.kind = condition.kind
    found.severity = condition.severity
    found.surprise = condition.peak
    found.expected = reading.value
    found.threshold = condition.peak
    emit(found, reading, detector, OFF, condition.last, condition.since, output)


@njit(cache=True, nogil=True)
def emit(found: Record, reading: Reading, detector: int, phase: int, ts: int, since: int, output: Output) -> None:
    """Write one event; the caller has seen to it that there is room."""
    event = output.events[output.used[EVENTS]]
    output.used[EVENTS] += 1
    event.cause = reading.cause
    event.slot = reading.slot
    event.detector = detector
    event.kind = found.kind
    event.phase = phase
    event.severity = found.severity
    event.historical = reading.historical
    event.ts = ts
    event.since = since
    event.value = reading.value
    event.expected = found.expected
    event.surprise = found.surprise
    event.threshold = found.threshold
