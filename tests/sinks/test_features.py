"""Windows as binary rows: every column arrives as it was, once, and what the database refuses is set aside alone."""

from typing import Any

import numpy as np
import psycopg
import pytest

from settings import Settings
from sinks import features
from telemetry.metrics import value
from tests.sinks.test_table import FEATURES, ORIGIN, one, write

pytestmark = pytest.mark.integration


def window(sensors: int, nth: int = 0, **changed: Any) -> dict[str, Any]:
    """A window whose columns all differ; the second value is NaN where that can be."""
    columns = {}
    for number, (name, kind) in enumerate(features.COLUMNS.items()):
        numbers = np.arange(sensors) + number * 1000 + (2**32 - 5000 if kind == "u4" else 0.5)
        if kind != "u4" and sensors > 1:
            numbers[1] = np.nan
        columns[f"{name}_{kind}"] = numbers.astype(f"<{kind}").tobytes()
    names = [f"pump.π{n}" for n in range(sensors)]
    return FEATURES | columns | {"sensors": names, "origin": {**ORIGIN, "nth": nth}, **changed}


@pytest.mark.parametrize("sensors", [0, 1, 3, 300])
def test_every_column_arrives(tables: Settings, connection: psycopg.Connection, sensors: int) -> None:
    record = window(sensors, historical=True, mode="run\x00", window_s=600)
    write(tables, connection, features.TABLE, record)
    columns = ", ".join(f'"{name}"' for name in features.COLUMNS)
    found = one(connection, f"select {columns} from store.feature")
    for (name, kind), numbers in zip(features.COLUMNS.items(), found, strict=True):
        assert np.array(numbers, f"<{kind}").tobytes() == record[f"{name}_{kind}"], name
    rest = one(connection, "select sensors, asset, window_s, historical, mode, kernel, topic_id, partition, off, nth from store.feature")
    assert rest == (record["sensors"], "pump", 600, True, "run␀", "k", "raw", 0, 5, 0)
    assert one(connection, "select extract(epoch from start) * 1000000, known_at = start from store.feature") == (record["start"], True)


def test_copies_are_counted_as_such(tables: Settings, connection: psycopg.Connection) -> None:
    labels = [{"table": "feature", "outcome": outcome} for outcome in ("stored", "duplicate")]
    before = [value("maint_sink_rows_total", **label) for label in labels]
    write(tables, connection, features.TABLE, window(2), window(2, 1), window(2))
    write(tables, connection, features.TABLE, window(2, 1), window(2, 2))
    assert [value("maint_sink_rows_total", **label) - old for label, old in zip(labels, before, strict=True)] == [3, 2]
    assert one(connection, "select count(*) from store.feature") == (3,)


def test_what_the_database_refuses_is_set_aside_alone(tables: Settings, connection: psycopg.Connection) -> None:
    connection.execute("alter table store.feature add constraint short check (cardinality(sensors) < 3)")
    write(tables, connection, features.TABLE, window(2), window(3, 1), window(1, 2), window(1, 3, start=2**62), window(2, 4))
    assert connection.execute("select nth from store.feature order by 1").fetchall() == [(0,), (2,), (4,)]
    assert connection.execute('select "offset" from ops.poison order by 1').fetchall() == [(1,), (3,)]
