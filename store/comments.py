"""Comments on every view and column that a reader sees: psql and Grafana's editor show them."""

from collections.abc import Collection
from typing import Final

import psycopg
from psycopg import sql

VIEWS: Final = {
    "plant.asset": "Assets, as the catalogue and the data plane know them.",
    "plant.sensor": "Sensors with catalogue entry, state and newest reading.",
    "plant.measurement": "Current value of each (sensor, ts). Filter by sensor or asset and by ts.",
    "plant.measurement_revision": "Values that a later message replaced: the same columns as plant.measurement.",
    "plant.measurement_1m": "Readings by sensor and minute; at most about a minute behind, corrected when old readings arrive.",
    "plant.measurement_1h": "Readings by sensor and hour; at most about a minute behind, corrected when old readings arrive.",
    "plant.feature": "Windows of 10, 60 and 600 s: one row per sensor and window.",
    "plant.evidence": "Conditions of sensors as the detectors saw them begin, get worse and end.",
    "plant.episode": "Each episode in its newest state.",
    "plant.episode_step": "Every step of every episode.",
    "plant.episode_contribution": "Sensors in an episode with their share, newest state.",
    "ops.ledger": "What became of the input records, by minute of their Kafka timestamp. The outcomes sum to accounted.",
    "ops.source": "How far each partition of an input topic is stored.",
    "ops.position": "Next offset to read of each partition the sink consumes.",
    "ops.rejection": "Records that were refused, with their bytes; `maint rejections` shows and replays them.",
    "ops.poison": "Records of our own topics that could not be written, with their bytes.",
    "ops.job_health": "Recurring jobs of the platform and of TimescaleDB, and whether their last run went well.",
}

COLUMNS: Final = {
    "sensor": "Sensor, as in the topics.",
    "sensor_id": "Number of the sensor in this database: group by it, join the name last.",
    "asset": "Asset, as in the topics.",
    "quantity": "Measured quantity: from the catalogue, else inferred from the name.",
    "unit": "Unit of the values, from the catalogue.",
    "state": "Life cycle: discovered, learning, monitored, out_of_service, decommissioned.",
    "gateway": "Gateway that publishes the sensor.",
    "class": "Class of the asset or sensor.",
    "site": "Site of the asset.",
    "path": "ISA-95 path enterprise/site/area/line.",
    "cmms_id": "Id in the maintenance management system.",
    "criticality": "A, B or C.",
    "sensors": "Number of its sensors.",
    "limit_ll": "Low-low limit, in the unit.",
    "limit_l": "Low limit, in the unit.",
    "limit_h": "High limit, in the unit.",
    "limit_hh": "High-high limit, in the unit.",
    "range_low": "Lowest value the instrument can show.",
    "range_high": "Highest value the instrument can show.",
    "deadband": "A limit is left only when the value is this far back inside.",
    "rate_max": "Largest believable change, unit per second.",
    "period_s": "Period of the readings, seconds.",
    "last_ts": "Event time of the newest reading.",
    "last_value": "Newest value; null = no value.",
    "last_status": "OPC UA status code of the newest reading.",
    "catalogued": "True when the catalogue knows it.",
    "ts": "Event time, UTC. In rollups the begin of the minute or hour.",
    "value": "Value in the unit; null = no value.",
    "status": "OPC UA status code, 0 = Good; the top two of 32 bits are the severity.",
    "score": "Surprise: -log10 of the calibrated tail probability; null = not scored.",
    "flags": "Bits: 1 late, 2 no value, 4 out of range, 8 part of a frame, 16 historical, 32 learning, 64 outlier, 128 limit, 256 stuck, "
    "512 after a change of mode; bits 12 to 14: operating mode (0 unknown, 1 off, 2 running, from 3 on those of the catalogue).",
    "known_at": "Kafka timestamp of the message this was learnt from.",
    "n": "Readings with a value.",
    "good": "Share of readings with Good status, 0..1.",
    "mean": "Mean of the values.",
    "min": "Smallest value.",
    "max": "Largest value.",
    "last": "Last value; of an episode the event time of its newest reading.",
    "first": "First value.",
    "score_max": "Largest surprise; null = none was scored.",
    "window_s": "Length of the window, seconds.",
    "start": "Begin, event time.",
    "end": "End, event time; null while open.",
    "std": "Standard deviation (population).",
    "slope": "Least-squares slope, unit per second.",
    "rms": "Root mean square.",
    "peak_to_peak": "Largest minus smallest.",
    "kurtosis": "Kurtosis (3 for a normal distribution).",
    "crest": "Largest absolute value over rms.",
    "surprise": "-log10 of the calibrated tail probability, the largest; null where only rules spoke.",
    "mode": "Operating mode; empty while modes are not configured.",
    "historical": "From readings declared historical: never alarms.",
    "kernel": "Version of the kernels that computed it.",
    "detector": "Detector: level1/limit, level1/ewma, ..., or a model. Of an episode that of its strongest evidence.",
    "kind": "Kind of anomaly (spike, drift, limit_high, silent, ...).",
    "subject": "What is in doubt: the machine or the sensor itself.",
    "phase": "Step: on, peak, off of evidence; open, update, close of an episode.",
    "since": "Event time at which the condition began.",
    "expected": "What was expected, or the limit.",
    "threshold": "Surprise or limit that was passed.",
    "severity": "How bad if true: 1 information .. 5 beyond HH.",
    "model": "Rule or model, and its version.",
    "episode_id": "Id of the episode.",
    "revision": "Step of the episode, from 0.",
    "open": "True until the episode closes.",
    "grouped": "Assets in a grouped episode, 0 otherwise.",
    "quality": "Share of its sensors with Good status, 0..1.",
    "correlation_id": "Id that follows the case through all stages.",
    "causation_id": "Id of the record that caused the step.",
    "share": "Share of the sensor in the episode, 0..1.",
    "topic": "Kafka topic.",
    "topic_id": "Kafka's id of the topic; a topic made anew has another.",
    "partition": "Kafka partition.",
    "offset": "Kafka offset.",
    "nth": "n-th output of that input, from 0.",
    "minute": "Minute of the Kafka timestamp, UTC.",
    "stored": "Became a row.",
    "corrected": "Gave a stored reading another value.",
    "duplicate": "Repeated a stored reading.",
    "rejected": "Were refused: see ops.rejection.",
    "mark": "Were ticks and other marks of the platform.",
    "void": "Offsets without a record (transaction markers, aborted records).",
    "expired": "Deleted by Kafka before they were read: lost.",
    "late": "Not newer than the sensor's newest reading: a flag, not an outcome.",
    "accounted": "Sum of the outcomes.",
    "newest_offset": "Newest input offset whose outcome is known.",
    "gap_start": "First missing offset, when later ones have come; null = none.",
    "gap_end": "Offset behind the missing ones.",
    "gap_since": "When the hole was first seen.",
    "source": "Number of the partition in this database.",
    "next_offset": "Next offset to read.",
    "reason": "Why it was refused, one word.",
    "detail": "What was wrong, in words.",
    "key": "Kafka key, bytes.",
    "length": "Bytes of the whole value; at most 64 kB of them are kept.",
    "sha256": "Of the whole value.",
    "claimed_at": "A replay took it; without replayed_at its delivery is unknown.",
    "replayed_at": "Its replay was delivered.",
    "at": "When it was set aside.",
    "job": "Job.",
    "last_run": "Begin of the last run.",
    "last_success": "End of the last run that went well.",
    "duration_s": "Length of the last run, seconds.",
    "ok": "False when the last run failed.",
}
OWN: Final = {("ops.rejection", "value"): "At most 64 kB of the value, bytes.", ("ops.poison", "value"): "The value, bytes."}

SEEN: Final = """select n.nspname, c.relname, a.attname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid
  where n.nspname in ('plant', 'ops') and c.relkind = 'v' and a.attnum > 0 order by 1, 2, a.attnum"""


def write(connection: psycopg.Connection, only: Collection[str] = ()) -> None:
    """Comment every view and column of plant and ops, or only those of some views.

    Raises:
        KeyError: a view or a column has no text here.
    """
    statements = []
    views = [row for row in connection.execute(SEEN).fetchall() if not only or f"{row[0]}.{row[1]}" in only]
    for schema, view in dict.fromkeys((schema, view) for schema, view, _ in views):
        text = VIEWS[f"{schema}.{view}"]
        statements.append(sql.SQL("comment on view {} is {}").format(sql.Identifier(schema, view), sql.Literal(text)))
    for schema, view, column in views:
        text = OWN.get((f"{schema}.{view}", column), COLUMNS[column])
        statements.append(sql.SQL("comment on column {} is {}").format(sql.Identifier(schema, view, column), sql.Literal(text)))
    connection.execute(sql.SQL(";\n").join(statements))
