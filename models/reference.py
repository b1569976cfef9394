"""The accepted reference of an asset, read from the windows that the pipeline stored."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psycopg

from models.fit import Baseline, FitError
from processors import joined
from store.look import Row, rows

if TYPE_CHECKING:
    from models.table import FloatArray

FEATURES: Final = ("mean", "std")  # of each sensor; more columns need more rows
ASSET: Final = """select coalesce(class, 'general') as class, coalesce((select array_agg(d ->> 'sensor_id' order by d ->> 'role')
    from jsonb_array_elements(drivers) d where d ->> 'role' <> 'demand'), '{}') as drivers from plant.asset where asset = %s"""
QUANTITIES: Final = "select sensor, quantity from plant.sensor where asset = %s and state in ('discovered', 'learning', 'monitored')"
ACCEPTED: Final = 'select max("begin") as since, min("end") as until from plant.baseline where asset = %s and accepted'
WINDOWS: Final = """select start, mode, sensor, mean, std from plant.feature
  where asset = %s and window_s = %s and start >= %s and start < %s order by start"""


def accepted(connection: psycopg.Connection, asset: str) -> tuple[datetime, datetime]:
    """The period that lies within every accepted reference of the asset's sensors.

    Raises:
        FitError: nothing was accepted, or the periods have nothing in common.

    """
    (found,) = rows(connection, ACCEPTED, (asset,))
    if found["since"] is None or found["until"] is None:
        raise FitError(f"{asset} has no accepted reference: see `maint baseline accept --help`")
    if found["since"] >= found["until"]:
        raise FitError(
            f"the references of {asset} have no time in common: accept one period for all its sensors, or name --baseline FROM TO"
        )
    return found["since"], found["until"]


def baseline(connection: psycopg.Connection, asset: str, period: tuple[datetime, datetime], window_s: int) -> Baseline:
    """Windows of an asset within a period, a column per sensor and feature.

    Raises:
        FitError: no such asset, or no windows of this length in this period.

    """
    about = rows(connection, ASSET, (asset,))
    if not about:
        raise FitError(f"no asset {asset!r}: see `maint sensors list`")
    quantities = {row["sensor"]: row["quantity"] for row in rows(connection, QUANTITIES, (asset,))}
    found = rows(connection, WINDOWS, (asset, window_s, *period))
    if not found:
        begin, end = (f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" for moment in period)
        raise FitError(f"no windows of {window_s} s of {asset} from {begin} to {end} UTC")
    return pivot(asset, found, about[0]["drivers"], quantities, window_s, about[0]["class"])


def pivot(  # noqa: PLR0913, PLR0917  what was read, as it was read
    asset: str, found: Sequence[Row], drivers: Sequence[str], quantities: dict[str, str], window_s: int, asset_class: str
) -> Baseline:
    """One row per window from one row per window and sensor; NaN where a sensor has no value. None where the mode changes.

    Readings and frames name the mode each for themselves: it is joined as for live windows.
    """
    modes: dict[Any, str] = {}
    for row in found:
        modes[row["start"]] = joined.mode(modes.get(row["start"], ""), row["mode"])
    starts = sorted((start, mode) for start, mode in modes.items() if mode != joined.TRANSIENT)
    places = {start: number for number, (start, _) in enumerate(starts)}
    sensors = sorted({row["sensor"] for row in found} & quantities.keys() - set(drivers))
    numbers = {name: number for number, name in enumerate([*sensors, *drivers])}
    cells: FloatArray = np.full((len(starts), len(numbers), len(FEATURES)), np.nan)
    for row in found:
        if row["sensor"] in numbers and row["start"] in places:
            cells[places[row["start"]], numbers[row["sensor"]]] = [_number(row[name]) for name in FEATURES]
    return Baseline(
        asset,
        tuple(f"{sensor}.{feature}" for sensor in sensors for feature in FEATURES),
        cells[:, : len(sensors)].reshape(len(starts), -1),
        np.array([start.timestamp() for start, _ in starts]),
        window_s,
        np.array([mode for _, mode in starts], np.str_),
        tuple(f"{driver}.{FEATURES[0]}" for driver in drivers),
        cells[:, len(sensors) :, 0],
        tuple(sorted({quantities[sensor] for sensor in sensors} - {""})),
        asset_class,
    )


def _number(value: Any) -> float:  # noqa: ANN401  a column of the database
    return float("nan") if value is None else float(value)
