"""predictions.v1 to store.prediction: one row per prediction; the first copy stands."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from psycopg.types.json import Jsonb

from sinks.errors import Poison
from sinks.json import finite
from sinks.table import Statement, Table, insert, times
from streams import topics

SAME: Final = (
    "prediction_id", "historical", "mode", "method", "health", "health_reason", "model", "version", "digest", "fallback",
    "limit_h", "limit_low_h", "limit_high_h", "limit_d", "limit_low_d", "limit_high_d", "limit_reason", "limit_sensor", "limit_mode",
    "limit", "limit_kind", "slope", "score", "target", "since_h", "seed", "rul_h", "rul_low_h", "rul_high_h", "rul_d", "rul_reason",
    "p_failure_7d", "p_failure_30d", "p_failure_90d", "p_reason", "coverage", "duty", "duty_days", "severity", "maintenance_type",
    "windows", "days", "kernel", "correlation_id", "causation_id", "forecast_model", "forecast_version", "forecast_digest",
    "forecast_reason",
)  # fmt: skip
JSON: Final = ("parts", "inputs", "outputs", "candidates", "forecasts")
PACKED: Final = ("hours", "deviation")
TIMES: Final = ("ts", "known_at", "first", "last", "reference_begin", "reference_known_at", "forecast_from")
INSERT: Final = insert("store.prediction", ["asset", *SAME, *JSON, *PACKED, *TIMES])


def rows(record: Mapping[str, Any]) -> Iterable[Statement]:
    """One row.

    Raises:
        Poison: a series is no whole float64 numbers.
        OverflowError: a time beyond the year 9999.
    """
    if any(len(record[f"{name}_f8"]) % 8 for name in PACKED):
        raise Poison("the series of the trend are no multiple of 8 bytes")
    values = {name: record[name] for name in SAME} | {"asset": record["asset_id"]} | times(record, *TIMES)
    values |= {name: Jsonb(finite(record[name])) for name in JSON}
    values |= {name: np.frombuffer(record[f"{name}_f8"], "<f8").tolist() for name in PACKED}
    yield INSERT, values


TABLE: Final = Table(topics.PREDICTIONS, "Prediction", "prediction", rows)
