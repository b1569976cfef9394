"""The readings of one sensor, in the order they arrived, and the same in order of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
BAD_SEVERITY: Final = 0xC0000000  # the top two bits of an OPC UA status code


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one sensor.

    Attributes:
        sensor, asset: their names.
        ts: event times in microseconds since 1970 UTC, [n], in order of arrival.
        value: values in the sensor's unit, [n]; NaN: there is none.
        quantity, unit: as far as they are stated; empty: not stated.
        status: OPC UA codes, [n]; None: the source states none.
        lag_us: arrival minus event time of live readings, [m]; None: arrivals are not known.
        low, high: range of the instrument; None: not known.
        reporting: periodic, by_exception or unknown, as the catalogue says.
        period_s: period or longest interval, as the catalogue says; None: not stated.
        redundant_with: sensor that measures the same, as the catalogue says; empty: none.
        column: its name in the file, as an option names it; empty: it comes from no file.
    """

    sensor: str
    asset: str
    ts: Longs
    value: Floats
    quantity: str = ""
    unit: str = ""
    status: Longs | None = None
    lag_us: Longs | None = None
    low: float | None = None
    high: float | None = None
    reporting: str = "unknown"
    period_s: float | None = None
    redundant_with: str = ""
    column: str = ""

    @property
    def name(self) -> str:
        """The sensor without its asset: what tells the quantity.

        >>> Series("pump-7.temp", "pump-7", np.empty(0, np.int64), np.empty(0)).name
        'temp'
        """
        return self.sensor.removeprefix(self.asset).lstrip(".:/-_") or self.sensor


def ordered(series: Series) -> Series:
    """The readings with a value in order of time, one per time: the last that arrived.

    >>> rows = ordered(Series("s", "a", np.array([20, 10, 20, 30]), np.array([1.0, 2.0, 3.0, np.nan])))
    >>> rows.ts.tolist(), rows.value.tolist()
    ([10, 20], [2.0, 3.0])
    """
    kept = np.isfinite(series.value)
    ts, value = series.ts[kept], series.value[kept]
    order = np.argsort(ts, kind="stable")
    ts, value = ts[order], value[order]
    last = np.append(ts[1:] != ts[:-1], True) if len(ts) else np.empty(0, bool)
    return replace(series, ts=ts[last], value=value[last], status=None)


def good(series: Series) -> float:
    """Share of the readings that have a value and, where it is stated, Good status; 0 without readings."""
    if not len(series.ts):
        return 0.0
    sound = np.isfinite(series.value)
    if series.status is not None:
        sound &= (series.status & BAD_SEVERITY) == 0
    return float(np.mean(sound))


def by_asset(found: Sequence[Series]) -> dict[str, list[Series]]:
    """Series grouped by asset, in the order given."""
    groups: dict[str, list[Series]] = {}
    for series in found:
        groups.setdefault(series.asset, []).append(series)
    return groups
