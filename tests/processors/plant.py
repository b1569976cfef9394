"""Windows and machines for tests of what is said of the future."""

from typing import Any

import numpy as np

from processors.daily import DAY_US
from processors.machine import Driver, Failure, Machine, Reference, Sensor

BEGIN_US = 20_500 * DAY_US
COLUMNS = ("std", "min", "max", "first", "last", "slope", "rms", "peak_to_peak", "kurtosis", "crest")
WINDOWS = 144  # of ten minutes a day


def window(number: int, means: dict[str, float], *, asset: str = "P1", mode: str = "running", **more: Any) -> dict[str, Any]:
    """The `number`-th window of ten minutes as a Features record."""
    n = len(means)
    start = BEGIN_US + number * 600_000_000
    return {
        "asset_id": asset,
        "window_s": 600,
        "start": start,
        "known_at": start + 600_000_000,
        "historical": False,
        "mode": mode,
        "sensors": list(means),
        "n_u4": np.full(n, 60, "<u4").tobytes(),
        "good_f4": np.full(n, more.pop("good", 1.0), "<f4").tobytes(),
        "mean_f8": np.array(list(means.values()), "<f8").tobytes(),
        **{f"{name}_f8": np.zeros(n, "<f8").tobytes() for name in COLUMNS},
        "surprise_f4": np.zeros(n, "<f4").tobytes(),
        "kernel": "k",
        "origin": {"topic_id": "raw", "partition": 0, "offset": number, "nth": 0},
        **more,
    }


def origin(number: int) -> dict[str, Any]:
    return {"topic_id": "features", "partition": 0, "offset": number}


def reference(normal: float, spread: float, *drivers: Driver, accepted: bool = True, begin_us: int | None = BEGIN_US) -> Reference:
    return Reference(normal, spread, begin_us, BEGIN_US + DAY_US, accepted, drivers)


def machine(*, accepted: bool = True, asset: str = "P1", begin_us: int = BEGIN_US) -> Machine:
    """A pump whose bearing is healthy at 50 degC, with a limit of 80, and whose flow is driven by its speed."""
    speed = Driver(f"{asset}.speed", 0.1, 1000.0)
    sensors = {
        f"{asset}.temp": Sensor(
            f"{asset}.temp", "temperature", 20.0, 80.0, {"running": reference(50.0, 1.0, accepted=accepted, begin_us=begin_us)}
        ),
        f"{asset}.flow": Sensor(
            f"{asset}.flow",
            "flow",
            None,
            None,
            {"running": reference(100.0, 2.0, speed, accepted=accepted, begin_us=begin_us)},
        ),
    }
    failures = (
        Failure("lubrication_failure", "Relubricate.", frozenset({"temperature"})),
        Failure("impeller_wear", "Measure the head.", frozenset({"flow", "pressure"})),
    )
    return Machine(asset, "pump", sensors, failures)
