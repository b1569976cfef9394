"""Tunables of the data plane: a frozen dataclass for people, a record of numbers for kernels."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Source:
    """The input partition a state belongs to. topic_id is Kafka's own id of the topic."""

    kind: Literal["readings", "frames"]
    topic: str
    topic_id: str
    partition: int
    partitions: int


@dataclass(frozen=True, slots=True)
class Options:
    """Every tunable of acquisition. A partition keeps the values of its first chunk until a parameters mark changes them."""

    record_bytes_max: float = 1_000_000  # a larger value is refused
    future_s_max: float = 300  # a reading further ahead of its Kafka timestamp is refused
    false_episodes_per_sensor_year: float = 1.0  # budget from which the surprise threshold follows

    level_readings: float = 100  # shortest memory of the level
    level_s: float = 600  # the level of a fast sensor remembers this much event time, at most ten times as many readings
    scale_readings: float = 300  # memory of the scales and of the autocorrelation
    huber: float = 3.0  # a step of level or scale counts a residual of at most this many scales
    grace_readings: float = 200  # no statistical evidence before this many readings ...
    grace_s: float = 600  # ... and this much event time since the first or a reset
    adopt_readings: float = 30  # grace after a new level was adopted or after a long gap
    relearn_readings: float = 100  # a deviation is adopted as the new level after this many readings in a row ...
    relearn_s: float = 600  # ... and this much event time
    gap_intervals: float = 100  # a longer hole in event time makes the level stale
    tail_readings: float = 500_000  # memory of the tail histogram
    discovered_readings: float = 10  # an unknown sensor is learning from here on

    quiet_s: float = 60  # a condition is over after this much event time without it ...
    quiet_intervals: float = 10  # ... and this many intervals of the sensor
    peak_growth: float = 1.25  # evidence `peak` when the surprise grew by this factor

    cusum_slack: float = 0.5  # shift, in innovation scales, that the mean's CUSUM forgives
    volatility_slack: float = 0.3  # growth of the mean absolute innovation that the variance's CUSUM forgives
    stuck_readings: float = 20  # fewest equal readings that can be stuck
    stuck_longest: float = 4  # a run must be this many times longer than any run before
    stuck_repeats_max: float = 0.8  # a sensor that repeats more often than this is never called stuck

    silence_periods: float = 3  # periods without a reading until a sensor is silent or idle
    silence_s: float = 5  # never silent before
    idle_s: float = 10  # never idle before
    abandoned_s: float = 86_400  # windows of an asset without any arrival close after this time


PARAMETERS: Final = np.dtype([(field.name, "f8") for field in fields(Options)])


def parameters(options: Options) -> npt.NDArray[np.void]:
    """Options as kernels take them: an array of one record.

    >>> float(parameters(Options())[0]["grace_s"])
    600.0
    """
    return np.array([astuple(options)], PARAMETERS)


def changed(options: Options, values: Mapping[str, float]) -> Options:
    """Options with the named values replaced.

    Left out are names nobody knows, as an older worker must read a newer mark, and values that are not positive and finite:
    every producer of readings may write a mark, and a zero would end the worker at the next reading.

    >>> changed(Options(), {"grace_s": 60, "unheard_of": 1, "huber": 0}).grace_s
    60.0
    """
    known = {field.name for field in fields(Options)} - {"record_bytes_max"}  # judged before the marks among the records
    return replace(options, **{name: float(value) for name, value in values.items() if name in known and 0.0 < value < np.inf})
