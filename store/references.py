"""What the database knows of machines: references, limits, classes with their ways of failing. Read as a whole, a few times a minute."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg

from store import past
from store.look import Row, rows

ASSETS: Final = """select name as asset, coalesce(class, '') as class,
    power_kw, shaft_height_mm, speed_rpm, support, machine_group, bearings,
    run_state is not null or modes <> '[]' as moded,
    array(select each ->> 'name' from jsonb_array_elements(modes) each) as modes from store.asset"""
SENSORS: Final = """select s.name as sensor, a.name as asset, coalesce(s.catalogued_quantity, s.quantity, '') as quantity,
    coalesce(s.limit_l, s.limit_ll) as low, coalesce(s.limit_h, s.limit_hh) as high,
    s.unit, s.statistic, s.point, s.support, s.reporting
  from store.sensor s join store.asset a using (asset_id)
  where coalesce(s.catalogued_state, s.state, '') not in ('out_of_service', 'decommissioned')"""
REFERENCES: Final = """select sensor, mode, asset, normal, spread, accepted, drivers,
    (extract(epoch from "begin") * 1e6)::bigint as begin_us, (extract(epoch from known_at) * 1e6)::bigint as known_at_us
  from plant.baseline where spread > 0"""
FAILURES: Final = """select f.class, f.failure_mode, f.action, array_agg(distinct y.quantity) as quantities
  from store.failure_mode f join store.symptom y using (class, failure_mode) group by 1, 2, 3 order by 1, 2"""


def read(connection: psycopg.Connection) -> dict[str, Row]:
    """Everything by asset: class, sensors (by name: quantity, limits, references by mode, ...), failures and past of the class, plate.

    `failures` are its ways of failing; `past` is how often it failed in how many machine-days, None: never loaded.

    Raises:
        psycopg.Error: the server does not answer.
    """
    failures = defaultdict(list)
    for row in rows(connection, FAILURES):
        failures[row["class"]].append(row)
    pasts = {row["class"]: row for row in rows(connection, past.CURRENT)}
    sensors = _by_asset(rows(connection, SENSORS), rows(connection, REFERENCES))
    return {
        row["asset"]: {
            "class": row["class"],
            "sensors": sensors.get(row["asset"], {}),
            "failures": failures.get(row["class"], []),
            "past": pasts.get(row["class"]),
            "plate": row,
        }
        for row in rows(connection, ASSETS)
    }


def _by_asset(sensors: Iterable[Row], references: Iterable[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in sensors:
        found[row["asset"]][row["sensor"]] = {**row, "references": {}}
    for row in references:
        sensor: Mapping[str, Any] | None = found.get(row["asset"], {}).get(row["sensor"])
        if sensor is not None:  # a reference of an asset that the sensor has left counts no more
            sensor["references"][row["mode"]] = row
    return found
