"""catalogue.v1 to store.asset, store.sensor and store.assignment; an older version of an entry changes nothing that is in force.

Every entry of a sensor that passes leaves its row in store.assignment, whatever the order: the views tell the history from them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from psycopg.types.json import Jsonb

from sinks.json import finite
from sinks.table import Statement, Table, insert, times
from streams import topics

ASSET: Final = (
    "site", "path", "class", "cmms_id", "criticality", "state", "redundancy_group", "settling_s", "power_kw", "shaft_height_mm",
    "speed_rpm", "support", "machine_group", "gear_teeth", "blades",
)  # fmt: skip
NESTED: Final = ("run_state", "modes", "drivers", "bearings")
SENSOR: Final = (
    "gateway", "class", "unit", "scale", "offset", "range_low", "range_high", "limit_ll", "limit_l", "limit_h", "limit_hh", "deadband",
    "rate_max", "resolution", "reporting", "period_s", "deep", "span_low", "span_high", "delay_on_s", "delay_off_s", "settling_s",
    "support", "statistic", "point", "direction", "redundant_with", "coupled_with",
)  # fmt: skip
RENAMED: Final = {"catalogued_quantity": "quantity", "catalogued_state": "state"}


def renew(table: str, columns: Iterable[str]) -> str:
    """Conflict clause that takes over newer versions only."""
    taken = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    return f"on conflict (name) do update set {taken} where excluded.version > {table}.version"


MAKE_ASSET: Final = "insert into store.asset (name) values (%(asset)s) on conflict do nothing"
PUT_ASSET: Final = insert("store.asset as a", ["name", "version", *ASSET, *NESTED], renew("a", ["version", *ASSET, *NESTED]))
OWN: Final = ["version", *SENSOR, *RENAMED, "valid_from"]
PUT_SENSOR: Final = insert("store.sensor as s", ["name", *OWN], renew("s", OWN))
BIND: Final = """update store.sensor s set asset_id = a.asset_id from store.asset a
  where s.name = %(name)s and a.name = %(asset)s and s.version = %(version)s and s.asset_id is distinct from a.asset_id"""
ASSIGN: Final = insert("store.assignment", ["sensor", "version", "asset", "scale", "offset", "valid_from", "gone"])
OUT: Final = "decommissioned"
BASELINE: Final = ("mode", "normal", "spread", "sway", "readings", "accepted", "who", "reason")
PUT_BASELINE: Final = insert("store.baseline", ["sensor", "asset", "version", *BASELINE, "begin", "end", "drivers"])


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """An asset, a reference, or a sensor with its asset and its assignment; its readings say later on which asset it is."""
    if record["kind"] == "asset":
        values = {name: record[name] for name in ASSET} | {name: _nested(record[name]) for name in NESTED}
        yield PUT_ASSET, {"name": record["asset_id"], "version": record["version"], **values}
    if record["kind"] == "baseline" and record["baseline"]:
        stated = record["baseline"]
        values = {name: stated[name] for name in BASELINE} | times(stated, "begin", "end") | {"drivers": _nested(stated["drivers"])}
        yield PUT_BASELINE, {"sensor": record["sensor_id"], "asset": record["asset_id"], "version": record["version"], **values}
    if record["kind"] != "sensor":
        return
    name, asset, version = record["sensor_id"], record["asset_id"], record["version"]
    own = {column: record[field] for column, field in RENAMED.items()} | times(record, "valid_from")
    yield PUT_SENSOR, {"name": name, "version": version, **{field: record[field] for field in SENSOR}, **own}
    yield MAKE_ASSET, {"asset": asset}
    yield BIND, {"name": name, "asset": asset, "version": version}
    scaled = {field: record[field] for field in ("scale", "offset")} | times(record, "valid_from")
    yield ASSIGN, {"sensor": name, "version": version, "asset": asset, **scaled, "gone": record["state"] == OUT}


def _nested(value: object) -> Jsonb | None:
    return None if value is None else Jsonb(finite(value))


TABLE: Final = Table(topics.CATALOGUE, "CatalogueEntry", "catalogue", rows)
