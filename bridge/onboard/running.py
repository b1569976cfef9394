"""A run rule where the data make it plain: a speed, power or current with two levels far apart, one of them near zero."""

from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import Any, Final

from bridge.onboard.signal import Signal

QUANTITIES: Final = ("speed", "power", "current")  # the plainest first
VALUES_MIN: Final = 40
REST: Final = 0.1  # of the high level: below it the machine stands
RUN: Final = 0.3  # of the high level: above it the machine runs
BETWEEN: Final = 0.02  # share of the values that may lie between: starts and stops
EACH: Final = 0.02  # share of the values that each level must have
THRESHOLD: Final = 0.2
HYSTERESIS: Final = 0.05


def rule(measured: Iterable[tuple[Signal, str]]) -> tuple[dict[str, Any], float] | None:
    """When an asset runs, as a rule of the catalogue, and the level at which it does; None if no sensor shows it plainly.

    Args:
        measured: signals of the asset, each with its quantity.
    """
    known = [(QUANTITIES.index(quantity), signal) for signal, quantity in measured if quantity in QUANTITIES]
    for _, signal in sorted(known, key=lambda each: (each[0], each[1].sensor_id)):
        high = level(signal.values)
        if high is not None:
            names = {"sensor_id": signal.sensor_id, "comparison": "above"}
            return {**names, "threshold": _plain(THRESHOLD * high), "hysteresis": _plain(HYSTERESIS * high), "delay_s": 0.0}, high
    return None


def level(values: Sequence[float]) -> float | None:
    """The high one of two levels of which the other is near zero; None if there are no such two.

    >>> level([0.0] * 30 + [1480.0] * 70), level([1480.0] * 100), level([float(at) for at in range(100)])
    (1480.0, None, None)
    """
    if len(values) < VALUES_MIN:
        return None
    high = quantiles(values, n=20)[-1]
    rest = sum(abs(value) <= REST * high for value in values)
    run = sum(value >= RUN * high for value in values)
    if high <= 0 or rest + run < (1 - BETWEEN) * len(values) or min(rest, run) < EACH * len(values):
        return None
    return high


def _plain(value: float) -> float:
    return float(f"{value:.2g}")
