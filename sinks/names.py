"""Sensors and assets by name: their numbers in this database, made at first sight, in transactions of their own."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import psycopg

MAKE_ASSETS: Final = """insert into store.asset (name) select n from unnest(%s::text[]) n
  where not exists (select from store.asset a where a.name = n) order by n on conflict do nothing"""
# the first statement burns no numbers for names that exist; everybody inserts in the order of names: no deadlocks
MAKE_SENSORS: Final = """insert into store.sensor (name) select n from unnest(%s::text[]) n
  where not exists (select from store.sensor s where s.name = n) order by n on conflict do nothing"""
DESCRIBE: Final = """update store.sensor s set asset_id = a.asset_id, quantity = u.quantity, state = u.state
  from (select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) order by 1) u (name, asset, quantity, state)
  join store.asset a on a.name = u.asset
  where s.name = u.name and (s.asset_id, s.quantity, s.state) is distinct from (a.asset_id, u.quantity, u.state)"""
NUMBERS: Final = "select name, sensor_id from store.sensor where name = any(%s)"
NUL_SHOWN: Final = "\u2400"  # PostgreSQL's text cannot hold U+0000


class Description(NamedTuple):
    """What a block says of a sensor."""

    asset: str
    quantity: str
    state: str


def text(value: str) -> str:
    """A text PostgreSQL can hold.

    >>> text("a" + chr(0))
    'a␀'
    """
    return value.replace("\x00", NUL_SHOWN) if "\x00" in value else value


class Names:
    """Numbers of sensors, cached for ever; what a block says of a sensor is written when it changes."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self._seen: dict[str, Description] = {}

    def learn(self, connection: psycopg.Connection, sensors: Iterable[Mapping[str, Any]]) -> None:
        """Make sure that all sensors of a block's dictionary have a number and are described."""
        changed = {}
        for entry in sensors:
            said = Description(entry["asset_id"], entry["quantity"], entry["state"])
            if self._seen.get(entry["sensor_id"]) != said:
                changed[entry["sensor_id"]] = said
        if not changed:
            return
        names = sorted({text(name) for name in changed})
        with connection.transaction():
            connection.execute(MAKE_ASSETS, (sorted({text(said.asset) for said in changed.values()}),))
            connection.execute(MAKE_SENSORS, (names,))
            rows = [(text(name), *map(text, said)) for name, said in sorted(changed.items())]
            connection.execute(DESCRIBE, [list(column) for column in zip(*rows, strict=True)])
            numbers: dict[str, int] = dict(connection.execute(NUMBERS, (names,)).fetchall())
        self.number |= {name: numbers[text(name)] for name in changed}
        self._seen |= changed
