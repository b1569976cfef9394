"""evidence.v1 to store.evidence."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from psycopg.types.json import Jsonb

from sinks.json import finite
from sinks.table import Statement, Table, insert, origin, times
from streams import topics

SAME: Final = (
    "gateway", "detector", "kind", "subject", "phase", "value", "expected", "surprise", "threshold", "severity", "historical", "mode",
    "model",
)  # fmt: skip
KEY: Final = ("topic_id", "partition", "off", "nth")
INSERT: Final = insert("store.evidence", [*KEY, "asset", "sensor", *SAME, "ts", "since", "known_at", "contributions"])


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row."""
    names = {"asset": record["asset_id"], "sensor": record["sensor_id"], "contributions": Jsonb(finite(record["contributions"]))}
    yield INSERT, {**{name: record[name] for name in SAME}, **names, **origin(record), **times(record, "ts", "since", "known_at")}


TABLE: Final = Table(topics.EVIDENCE, "Evidence", "evidence", rows)
