"""Reads for the commands: sensors, episodes, refused records. Each returns rows as dictionaries, from the views readers have."""

from typing import Any, Final, TypeAlias

import psycopg
from psycopg.rows import dict_row

Row: TypeAlias = dict[str, Any]

SENSORS: Final = """select sensor, asset, quantity, unit, state, last_ts, last_value from plant.sensor
  where sensor like %(like)s and (%(asset)s = '' or asset = %(asset)s) order by sensor limit %(limit)s"""
SENSOR: Final = "select * from plant.sensor where sensor = %s"
NEWEST: Final = """select ts, value, status, score, flags, known_at from plant.measurement
  where sensor_id = (select sensor_id from plant.sensor where sensor = %s) order by ts desc limit %s"""
EPISODES: Final = """select episode_id, asset, subject, kind, detector, phase, severity, surprise, start, last, "end", historical
  from plant.episode
  where (open or not %(open)s) and (%(asset)s = '' or asset = %(asset)s) order by start desc limit %(limit)s"""
EPISODE: Final = "select * from plant.episode where episode_id::text like %s order by start desc limit 2"
STEPS: Final = (
    """select revision, phase, kind, severity, surprise, last, known_at from plant.episode_step where episode_id = %s order by 1"""
)
CONTRIBUTIONS: Final = """select sensor, share, detector, kind, surprise, value, expected from plant.episode_contribution
  where episode_id = %s order by share desc"""
REJECTIONS: Final = """select topic, partition, "offset", known_at, reason, sensor, detail, replayed_at from ops.rejection
  where (%(reason)s = '' or reason = %(reason)s) and (replayed_at is null or %(all)s) order by known_at desc limit %(limit)s"""
REASONS: Final = """select topic, reason, count(*) as records, count(*) filter (where replayed_at is not null) as replayed,
  min(known_at) as first, max(known_at) as last from ops.rejection group by 1, 2 order by 3 desc"""
REJECTION: Final = """select * from ops.rejection where (%(topic)s = '' or topic = %(topic)s) and partition = %(partition)s
  and "offset" = %(offset)s order by topic"""

PREDICTIONS: Final = """select asset, ts, round(health::numeric, 3)::float8 as health, method, maintenance_type, severity,
    limit_sensor, round(limit_d::numeric, 1)::float8 as limit_d, round(limit_low_d::numeric, 1)::float8 as limit_low_d,
    round(limit_high_d::numeric, 1)::float8 as limit_high_d, round(rul_d::numeric, 1)::float8 as rul_d,
    coalesce(nullif(limit_reason, ''), rul_reason) as reason, prediction_id
  from plant.prediction_now where (%(asset)s = '' or asset = %(asset)s)
    and (not %(soonest)s or limit_d is not null or rul_d is not null)
  order by case when %(soonest)s then least(limit_d, rul_d) end, severity desc, health, asset limit %(limit)s"""
PREDICTION: Final = "select * from plant.prediction_now where asset = %s"
PREDICTION_ID: Final = "select * from plant.prediction where prediction_id::text like %s order by ts desc limit 2"


def rows(connection: psycopg.Connection, query: str, values: Any = None) -> list[Row]:  # noqa: ANN401  psycopg's parameters
    """Rows of a query as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def like(pattern: str) -> str:
    r"""A pattern with * and ? as one of SQL.

    >>> like("P1.*"), like("a_b?")
    ('P1.%', 'a\\_b_')
    """
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_") or "%"
