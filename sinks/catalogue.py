"""catalogue.v1 to store.asset and store.sensor; an older version of an entry changes nothing."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sinks.table import Statement, Table, insert
from streams import topics

ASSET: Final = ("site", "path", "class", "cmms_id", "criticality")
SENSOR: Final = (
    "gateway", "class", "unit", "scale", "offset", "range_low", "range_high", "limit_ll", "limit_l", "limit_h", "limit_hh", "deadband",
    "rate_max", "resolution", "reporting", "period_s", "deep",
)  # fmt: skip
RENAMED: Final = {"catalogued_quantity": "quantity", "catalogued_state": "state"}


def renew(table: str, columns: Iterable[str]) -> str:
    """Conflict clause that takes over newer versions only."""
    taken = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
    return f"on conflict (name) do update set {taken} where excluded.version > {table}.version"


MAKE_ASSET: Final = "insert into store.asset (name) values (%(asset)s) on conflict do nothing"
PUT_ASSET: Final = insert("store.asset as a", ["name", "version", *ASSET], renew("a", ["version", *ASSET]))
PUT_SENSOR: Final = insert(
    "store.sensor as s", ["name", "version", *SENSOR, *RENAMED], renew("s", ["version", *SENSOR, *RENAMED])
)  # fmt: skip
BIND: Final = """update store.sensor s set asset_id = a.asset_id from store.asset a
  where s.name = %(name)s and a.name = %(asset)s and s.asset_id is null"""


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """An asset, or a sensor with its asset. The data plane says later which asset a sensor belongs to."""
    if record["kind"] == "asset":
        yield PUT_ASSET, {"name": record["asset_id"], "version": record["version"], **{name: record[name] for name in ASSET}}
        return
    own = {column: record[name] for column, name in RENAMED.items()}
    values = {name: record[name] for name in SENSOR} | own
    yield PUT_SENSOR, {"name": record["sensor_id"], "version": record["version"], **values}
    yield MAKE_ASSET, {"asset": record["asset_id"]}
    yield BIND, {"name": record["sensor_id"], "asset": record["asset_id"]}


TABLE: Final = Table(topics.CATALOGUE, "CatalogueEntry", "catalogue", rows)
