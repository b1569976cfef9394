"""rejections.v1 to store.rejection: refused records with their bytes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sinks.table import Statement, Table, insert, origin, times
from streams import topics

SAME: Final = ("topic", "reason", "detail", "key", "value", "length", "sha256")
INSERT: Final = insert("store.rejection", [*SAME, "sensor", "topic_id", "partition", "off", "nth", "known_at"])


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row."""
    same = {name: record[name] for name in SAME}
    yield INSERT, {**same, "sensor": record["sensor_id"], **origin(record), **times(record, "known_at")}


TABLE: Final = Table(topics.REJECTIONS, "Rejection", "rejection", rows)
