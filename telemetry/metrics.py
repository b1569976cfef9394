"""Every metric of the platform, in one place; docs/operations.md lists them and a test compares.

Names start with maint_ and end in their unit. Labels are bounded sets: agents, topics, partitions, reasons,
tables, dependencies; never a sensor or an asset.
"""

from prometheus_client import REGISTRY, Counter, Gauge

from telemetry.distribution import Distribution

CHUNK_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LATENCY_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)

RECORDS = Counter("maint_records_total", "Input records by agent: applied, or refused because they ended the worker.", ["agent", "outcome"])
REJECTIONS = Counter("maint_rejections_total", "Refused records by input topic and reason.", ["topic", "reason"])
ERRORS = Counter("maint_errors_total", "Errors by agent and class: transient, stale, poison or fault.", ["agent", "kind"])
VOID = Counter("maint_void_total", "Offsets without a record (transaction markers, aborted records).", ["topic"])
EXPIRED = Counter("maint_expired_total", "Offsets removed by retention before they were read: loss.", ["topic"])

AGENT = Distribution("maint_agent_seconds", "Time an agent worked on one chunk.", CHUNK_S, ["agent"])
LATENCY = Distribution("maint_latency_seconds", "From the Kafka timestamp of a record to the commit of its row.", LATENCY_S, ["table"])

LAG = Gauge("maint_lag_records", "Records between the position of this process and the end of the log.", ["topic", "partition"])
LAG_RETENTION = Gauge("maint_lag_retention_ratio", "Largest lag of a topic as a share of what its retention keeps; 1 = loss.", ["topic"])
MISSING = Gauge("maint_missing_seconds", "Age of the oldest hole in the source offsets of the sink; 0 = none.", ["topic", "partition"])

SNAPSHOT_BYTES = Gauge("maint_snapshot_bytes", "Size of the newest snapshot.", ["agent", "partition"])
SNAPSHOT = Distribution("maint_snapshot_seconds", "From packing a snapshot to its manifest being durable.", CHUNK_S, ["agent"])
RESTORE = Distribution("maint_restore_seconds", "Restoring the state of all partitions after an assignment.", CHUNK_S)

SINK_ROWS = Counter("maint_sink_rows_total", "Rows by table and what the database did with them.", ["table", "outcome"])
SINK_BATCH = Distribution("maint_sink_batch_seconds", "One transaction of the sink.", CHUNK_S, ["topic"])

PATTERN_WINDOWS = Counter("maint_pattern_windows_total", "Windows by what level-2 models made of them: scored, or why not.", ["outcome"])

BRIDGE_READINGS = Counter("maint_bridge_readings_total", "Readings taken from the field.", ["protocol"])
BRIDGE_REFUSED = Counter("maint_bridge_refused_total", "Values and messages of the field that are no reading.", ["protocol", "reason"])
BRIDGE_GAPS = Counter("maint_bridge_missing_total", "Messages that the field has numbered, but that never came.", ["protocol"])
BRIDGE_DELIVERED = Counter("maint_bridge_delivered_total", "Readings of a bridge that Kafka has stored.")
BRIDGE_SPOOL_BYTES = Gauge("maint_bridge_spool_bytes", "Size of a bridge's buffer on disk.")
BRIDGE_SPOOL_RECORDS = Gauge("maint_bridge_spool_records", "Readings on disk that wait for Kafka.")
BRIDGE_CUT = Counter("maint_bridge_cut_bytes_total", "Bytes of the buffer that were damaged when the bridge started.")

BREAKER = Gauge("maint_breaker_state", "Breaker before a dependency: 0 closed, 1 trying, 2 open.", ["dependency"])
HEALTHY = Gauge("maint_healthy", "1 while a dependency of this process is in order, else 0.", ["dependency"])


def table() -> list[tuple[str, str, str, str]]:
    """Rows (name, type, labels, help) of all metrics above, sorted by name."""
    own = [value for value in globals().values() if isinstance(value, Counter | Gauge | Distribution)]
    return sorted((*_named(metric), ", ".join(_labels(metric)), _help(metric)) for metric in own)


def markdown() -> str:
    """The table above for docs/operations.md."""
    rows = [f"| `{name}` | {kind} | {labels} | {text} |" for name, kind, labels, text in table()]
    return "\n".join(("| name | type | labels | meaning |", "|---|---|---|---|", *rows))


def value(name: str, **labels: str) -> float:
    """Present value of a sample, 0.0 if it was never set: for tests and `maint status`."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def _named(metric: Counter | Gauge | Distribution) -> tuple[str, str]:
    described = next(iter(metric.describe()))
    return (f"{described.name}_total", "counter") if described.type == "counter" else (described.name, described.type)


def _help(metric: Counter | Gauge | Distribution) -> str:
    return next(iter(metric.describe())).documentation


def _labels(metric: Counter | Gauge | Distribution) -> tuple[str, ...]:
    return metric.labelnames if isinstance(metric, Distribution) else metric._labelnames  # noqa: SLF001  there is no public reader
