"""features.v1 to store.feature: one row per asset and window, columns as arrays over sensors."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from sinks.errors import Poison
from sinks.names import text
from sinks.table import Statement, Table, insert, origin, times
from streams import topics

COLUMNS: Final = {
    "n": "u4", "good": "f4", "mean": "f8", "std": "f8", "min": "f8", "max": "f8", "first": "f8", "last": "f8", "slope": "f8", "rms": "f8",
    "peak_to_peak": "f8", "kurtosis": "f8", "crest": "f8", "surprise": "f4",
}  # fmt: skip
SAME: Final = ("window_s", "historical", "mode", "kernel")
KEY: Final = ("topic_id", "partition", "off", "nth")
INSERT: Final = insert("store.feature", [*KEY, "asset", *SAME, "start", "known_at", "sensors", *COLUMNS])


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row.

    Raises:
        Poison: a column has another length than the list of sensors.
    """
    columns = {name: np.frombuffer(record[f"{name}_{kind}"], f"<{kind}").tolist() for name, kind in COLUMNS.items()}
    wrong = [name for name, column in columns.items() if len(column) != len(record["sensors"])]
    if wrong:
        raise Poison(f"columns {wrong} differ in length from the {len(record['sensors'])} sensors")
    names = {"asset": record["asset_id"], "sensors": [text(name) for name in record["sensors"]]}
    yield INSERT, {**{name: record[name] for name in SAME}, **names, **columns, **origin(record), **times(record, "start", "known_at")}


TABLE: Final = Table(topics.FEATURES, "Features", "feature", rows)
