"""Sensors and assets by name: their numbers in this database, made at first sight, in transactions of their own."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import psycopg
from numpy.typing import NDArray

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
DESCRIBED: Final = ("sensor_id", "asset_id", "quantity", "state")
NUL_SHOWN: Final = "\u2400"  # PostgreSQL's text cannot hold U+0000

Entry = Mapping[str, str]  # what a block says of a sensor: DESCRIBED
Numbers = NDArray[np.int32]


def text(value: str) -> str:
    """A text PostgreSQL can hold.

    >>> text("a" + chr(0))
    'a␀'
    """
    return value.replace("\x00", NUL_SHOWN) if "\x00" in value else value


class Names:
    """Numbers of sensors, cached for ever; what a block says of a sensor is written when it changes."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._seen: dict[str, Entry] = {}
        self._newest: dict[int, tuple[Sequence[Entry], Numbers]] = {}  # source -> its newest dictionary

    def learn(self, connection: psycopg.Connection, sensors: Sequence[Entry], source: int) -> Numbers:
        """Numbers of the sensors of a block's dictionary, in its order; described as the block says from now on.

        A dictionary that is the same object as the newest one of its source has nothing new to say.
        """
        known = self._newest.get(source)
        if known and known[0] is sensors:
            return known[1]
        changed = {entry["sensor_id"]: entry for entry in sensors if self._seen.get(entry["sensor_id"]) != entry}
        if changed:
            self._describe(connection, changed)
        numbers = np.fromiter((self._number[entry["sensor_id"]] for entry in sensors), np.int32, len(sensors))
        self._newest[source] = sensors, numbers
        return numbers

    def _describe(self, connection: psycopg.Connection, changed: Mapping[str, Entry]) -> None:
        self._newest.clear()  # another source may describe the same sensor in another way: the last word counts
        names = sorted({text(name) for name in changed})
        with connection.transaction():
            connection.execute(MAKE_ASSETS, (sorted({text(entry["asset_id"]) for entry in changed.values()}),))
            connection.execute(MAKE_SENSORS, (names,))
            rows = [[text(entry[field]) for field in DESCRIBED] for _, entry in sorted(changed.items())]
            connection.execute(DESCRIBE, [list(column) for column in zip(*rows, strict=True)])
            numbers: dict[str, int] = dict(connection.execute(NUMBERS, (names,)).fetchall())
        self._number |= {name: numbers[text(name)] for name in changed}
        self._seen |= changed
