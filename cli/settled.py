"""Settled readings of a period, by sensor and operating mode, and what they suggest as healthy."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import psycopg

    from processors.baseline import Proposal

Found: TypeAlias = "tuple[dict[str, Any], Proposal | None, tuple[str, ...]]"
UNSETTLED: Final = "no settled reading in this period"
SENSORS = """select s.sensor, s.asset, s.sensor_id, coalesce(s.resolution, 0) as resolution, s.quantity, s.reporting, s.period_s,
    a.class, a.modes,
    coalesce((select array_agg(d ->> 'sensor_id') from jsonb_array_elements(a.drivers) d where d ->> 'role' <> 'demand'), '{}') as drivers
  from plant.sensor s join plant.asset a using (asset)
  where s.asset like %s and s.state in ('discovered', 'learning', 'monitored') order by 1"""
READINGS = """select (extract(epoch from ts) * 1e6)::bigint as ts, value, flags from plant.measurement
  where sensor_id = %s and ts >= %s and ts < %s and value is not null and status < 2147483648 order by ts"""
CHANGES = """select (extract(epoch from ts) * 1e6)::bigint as ts, case when status < 2147483648 then value end as value, flags
  from plant.measurement where sensor_id = %s and ts >= %s and ts < %s order by ts"""
SPANS = """select distinct (extract(epoch from start) * 1e6)::bigint as ts, mode from plant.feature
  where asset = %s and window_s = 600 and start >= %s and start < %s order by 1"""
PEERS = """select b.normal from plant.baseline b join plant.sensor s using (sensor) join plant.asset a on a.asset = b.asset
  where b.accepted and a.class = %s and s.quantity = %s and b.mode = %s and b.asset <> %s"""


def suggested(assets: str, *period: datetime) -> Iterator[Found]:
    """(sensor and mode, proposal, reasons against it) of all sensors that ever sent."""
    import numpy as np

    from cli.database import reading
    from processors.baseline import UNUSABLE, Bounds, Refusal, align
    from processors.baseline import propose as suggest
    from processors.outcome import MODE_SHIFT
    from store import look

    with reading() as connection:
        sensors = look.rows(connection, SENSORS, (look.like(assets),))
        if not sensors:
            raise SystemExit(f"no asset {assets!r}: see `maint sensors list`")
        for row in sensors:
            ts, value, flags, step = (_held if row["reporting"] == "by_exception" else _read)(connection, row, period)
            drivers = {
                name: align(ts, *_columns(connection, number, period)[:2])
                for name, number in _numbers(connection, row["drivers"]).items()
                if name != row["sensor"]
            }
            modes = np.unique(flags[flags & UNUSABLE == 0] >> MODE_SHIFT).tolist()
            if not modes:
                yield {**row, "mode": ""}, None, (UNSETTLED,)
            for number in modes:
                here, mode = flags >> MODE_SHIFT == number, _mode(row["modes"], number)
                peers = [peer["normal"] for peer in look.rows(connection, PEERS, (row["class"], row["quantity"], mode, row["asset"]))]
                bounds = Bounds(resolution=row["resolution"], step=step, peers=peers)
                found: Proposal | Refusal = suggest(
                    ts[here], value[here], flags[here], {name: column[here] for name, column in drivers.items()}, bounds
                )
                named = {**row, "mode": mode}
                yield (named, found.proposal, found.reasons) if isinstance(found, Refusal) else (named, found, ())


def _read(connection: "psycopg.Connection", row: dict[str, Any], period: tuple[datetime, ...]) -> tuple[Any, Any, Any, float | None]:
    """Event times, values and flags of a periodic sensor; it has no reported change."""
    return (*_columns(connection, row["sensor_id"], period), None)


def _held(connection: "psycopg.Connection", row: dict[str, Any], period: tuple[datetime, ...]) -> tuple[Any, Any, Any, float | None]:
    """The same of a sensor that reports by exception, by samples of the time its values held; and its smallest reported change."""
    from datetime import timedelta

    import numpy as np

    from processors.hold import Readings, longest_us, sampled, step
    from processors.outcome import MODE_SHIFT, Flag

    begin, end = period
    longest = longest_us(row["period_s"])
    since = begin - timedelta(microseconds=longest)
    readings = Readings(*_columns(connection, row["sensor_id"], (since, end), CHANGES))
    spans = connection.execute(SPANS.encode(), (row["asset"], since, end)).fetchall()
    known = {_mode(row["modes"], number): number << MODE_SHIFT for number in range(8)} | {"transient": int(Flag.TRANSIENT)}
    told = np.array([[ts, known.get(mode, 0)] for ts, mode in spans], np.int64).reshape(-1, 2)
    begin_us, end_us = (int(each.timestamp() * 1e6) for each in period)
    found = sampled(readings, begin_us, end_us, longest, (told[:, 0], told[:, 1]))
    return found.ts, found.value, found.flags, step(readings.value)


def _columns(connection: "psycopg.Connection", sensor_id: int, period: tuple[datetime, ...], query: str = READINGS) -> tuple[Any, Any, Any]:
    """Event times, values and flags of a sensor."""
    import numpy as np

    found = connection.execute(query.encode(), (sensor_id, *period)).fetchall()
    ts, value, flags = zip(*found, strict=True) if found else ((), (), ())
    return np.array(ts, np.int64), np.array(value, np.float64), np.array(flags, np.int64)


def _numbers(connection: "psycopg.Connection", sensors: list[str]) -> dict[str, int]:
    return dict(connection.execute("select sensor, sensor_id from plant.sensor where sensor = any(%s)", (sensors,)).fetchall())


def _mode(modes: list[dict[str, Any]], number: int) -> str:
    """Name of a mode of an asset.

    >>> _mode([{"name": "low"}], 3), _mode([], 2)
    ('low', 'running')
    """
    from processors.declaration import NAMES

    own = [*NAMES, *(str(mode["name"]) for mode in modes)]
    return own[number] if number < len(own) else f"mode {number}"
