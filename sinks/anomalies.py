"""anomalies.v1 to store.episode_step (every step) and store.episode (the newest)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from psycopg.types.json import Jsonb

from sinks.json import finite
from sinks.table import Statement, Table, insert, times
from streams import topics

SAME: Final = (
    "episode_id", "revision", "subject", "detector", "kind", "phase", "severity", "surprise", "historical", "grouped", "mode", "model",
    "quality", "correlation_id", "causation_id",
)  # fmt: skip
ALL: Final = [*SAME, "asset", "start", "last", "end", "known_at", "contributions", "thresholds"]
STEP: Final = insert("store.episode_step", ALL)
RENEWED: Final = [f'"{name}"' for name in ALL if name != "episode_id"]
NEWEST: Final = insert(
    "store.episode as e", ALL,
    f"on conflict (episode_id) do update set ({', '.join(RENEWED)}) = ({', '.join(f'excluded.{name}' for name in RENEWED)}) "
    "where excluded.revision > e.revision",
)  # fmt: skip


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """The step, and the episode as it stands after it."""
    values = {name: record[name] for name in SAME} | times(record, "start", "last", "end", "known_at")
    values |= {"asset": record["asset_id"]} | {name: Jsonb(finite(record[name])) for name in ("contributions", "thresholds")}
    yield STEP, values
    yield NEWEST, values


TABLE: Final = Table(topics.ANOMALIES, "Anomaly", "episode", rows)
