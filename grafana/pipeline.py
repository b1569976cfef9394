"""Dashboard "Pipeline": what came in, what became of it, whether the ledger balances, how far behind it is."""

from grafana.board import Board, Section
from grafana.panels import coded, codes, coloured, column, levels, line, ranking, series, stat, table

OUTCOMES = ("stored", "corrected", "duplicate", "rejected", "mark", "void", "expired")
READINGS = "stored + corrected + duplicate + rejected"
ROWS = "stored + corrected"
STEP = "greatest(interval '$__interval', interval '1 minute')"
OK = codes((0, "failed", "red"), (1, "ok", "green"))
ALARM = levels("green", (1, "red"))
GREEN_AT_ZERO = levels("red", (0, "green"), (1, "red"))

RATE_NOW = "SELECT sum({}) / 60.0 AS rate FROM ops.ledger WHERE minute = date_trunc('minute', now()) - interval '1 minute'"

REJECTED_SHARE = f"""
SELECT coalesce(sum(rejected) / nullif(sum({READINGS}), 0), 0) AS share FROM ops.ledger WHERE $__timeFilter(minute)
"""

BALANCE = """
SELECT s.topic, s.partition, s.newest_offset, l.accounted, s.newest_offset + 1 - l.accounted AS difference, l.expired, s.gap_start,
  s.gap_since, s.topic_id
FROM ops.source s
JOIN (SELECT topic, partition, sum(accounted)::bigint AS accounted, sum(expired)::bigint AS expired FROM ops.ledger GROUP BY 1, 2) l
  USING (topic, partition)
ORDER BY 1, 2
"""

UNBALANCED = f"""
SELECT count(*) FILTER (WHERE difference <> 0) AS partitions FROM ({BALANCE.strip()}) b
"""


def rate(what: str) -> str:
    """SQL for a rate per second by topic, from minutes of the ledger."""
    return f"""
SELECT date_bin({STEP}, minute, timestamptz '2000-01-01 00:00Z') AS "time", topic AS metric,
  sum({what}) / extract(epoch FROM {STEP}) AS rate
FROM ops.ledger
WHERE $__timeFilter(minute)
GROUP BY 1, 2
ORDER BY 1, 2
"""


BY_OUTCOME = f"""
SELECT date_bin({STEP}, minute, timestamptz '2000-01-01 00:00Z') AS "time", o.outcome AS metric, sum(o.n)::bigint AS records
FROM ops.ledger
CROSS JOIN LATERAL (VALUES {", ".join(f"('{name}', {name})" for name in OUTCOMES)}) o (outcome, n)
WHERE $__timeFilter(minute)
GROUP BY 1, 2
HAVING sum(o.n) > 0
ORDER BY 1, 2
"""

OUTCOME_SUMS = f"""
SELECT {", ".join(f"sum({name})::bigint AS {name}" for name in (*OUTCOMES, "late"))} FROM ops.ledger WHERE $__timeFilter(minute)
"""

REASONS = """
SELECT reason, count(*) AS records FROM ops.rejection WHERE $__timeFilter(known_at) GROUP BY reason ORDER BY 2 DESC
"""

REASONS_OVER_TIME = f"""
SELECT date_bin({STEP}, known_at, timestamptz '2000-01-01 00:00Z') AS "time", reason AS metric, count(*) AS records
FROM ops.rejection
WHERE $__timeFilter(known_at)
GROUP BY 1, 2
ORDER BY 1, 2
"""

NEWEST_REJECTIONS = """
SELECT known_at AS "time", reason, detail, sensor, topic, partition, "offset", length, replayed_at AS "replayed at"
FROM ops.rejection
WHERE $__timeFilter(known_at)
ORDER BY known_at DESC
LIMIT 200
"""

PULSE = "greatest(interval '$__interval', interval '30 seconds')"  # a sink writes its pulse every 10 s

LATENCY = f"""
SELECT date_bin({PULSE}, at, timestamptz '2000-01-01 00:00Z') AS "time", max(p50_s) AS "p50", max(p99_s) AS "p99"
FROM ops.delivery
WHERE $__timeFilter(at)
GROUP BY 1
ORDER BY 1
"""

LAG = f"""
SELECT "time", topic AS metric, sum(lag)::bigint AS lag
FROM (
  SELECT date_bin({PULSE}, at, timestamptz '2000-01-01 00:00Z') AS "time", topic, sink, max(lag) AS lag
  FROM ops.delivery WHERE $__timeFilter(at) GROUP BY 1, 2, 3) by_sink
GROUP BY 1, 2
ORDER BY 1, 2
"""

LATENCY_NOW = """
SELECT max(p99_s) AS p99 FROM ops.delivery WHERE at > now() - interval '1 minute'
"""

JOBS = "SELECT job, ok::int AS ok, last_run, last_success, duration_s, detail FROM ops.job_health ORDER BY ok, job"
JOBS_FAILED = "SELECT count(*) FILTER (WHERE NOT ok) AS failed FROM ops.job_health"

POSITIONS = "SELECT topic, partition, next_offset, topic_id FROM ops.position ORDER BY topic, partition"

POISON = """
SELECT at AS "time", topic, partition, "offset", detail, octet_length(value) AS bytes
FROM ops.poison
WHERE $__timeFilter(at)
ORDER BY at DESC
LIMIT 200
"""

NOW = (
    stat("Readings per second", "Now: records other than marks of the last full minute.", RATE_NOW.format(READINGS), unit="recps"),
    stat("Rows per second", "Now: rows stored or corrected in the last full minute.", RATE_NOW.format(ROWS), unit="rowsps"),
    stat("Kafka to row, p99", "Now: 99 % of the newest rows took less from Kafka's time stamp to their commit.", LATENCY_NOW, unit="s",
         steps=levels("green", (1, "orange"), (10, "red"))),
    stat("Rejected", "Share of the readings of the time range that were refused.", REJECTED_SHARE, unit="percentunit",
         steps=levels("green", (0.001, "orange"), (0.05, "red"))),
    stat("Partitions out of balance", "Now: partitions whose outcomes do not sum to their offsets; must be 0. A difference for a few "
         "seconds is work under way between the two sinks.", UNBALANCED, unit="none", steps=ALARM),
    stat("Failed jobs", "Now: recurring jobs whose last run failed.", JOBS_FAILED, unit="none", steps=ALARM),
)  # fmt: skip

FLOW = (
    series("Readings per second", "Records other than marks, by input topic and minute of the Kafka time stamp.", rate(READINGS),
           unit="recps"),
    series("Rows per second", "Rows stored or corrected, by input topic and minute of the Kafka time stamp.", rate(ROWS),
           unit="rowsps"),
    series("Kafka to row", "Time from Kafka's time stamp of a reading to the commit of its row, of the slowest sink.", LATENCY, unit="s")
    .shown(line("^p99$", "orange")),
    series("Lag of the sink", "Records between the sinks' positions and the end of each topic they consume.", LAG, unit="short"),
)  # fmt: skip

LEDGER = (
    series("Outcomes", "What became of every offset of the input topics.", BY_OUTCOME, unit="short", style="bars").sized(14, 9),
    table("Outcomes of the time range", "Sums over all input topics; late is a flag, no outcome.", OUTCOME_SUMS).sized(10, 4),
    table("Balance by partition", "Now: offsets up to the newest one against outcomes. A difference that stays is a fault: see "
          "docs/operations.md. expired was deleted by Kafka before it was read.", BALANCE,
          column("difference", coloured(GREEN_AT_ZERO), unit="none"),
          column("expired", coloured(ALARM), unit="none"),
          column("gap_since", unit="dateTimeAsIso", width=180),
          *(column(name, unit="none") for name in ("partition", "newest_offset", "accounted", "gap_start"))).sized(24, 9),
)  # fmt: skip

REJECTIONS = (
    series("Rejections", "Refused records by reason.", REASONS_OVER_TIME, unit="short", style="bars").sized(16, 8),
    ranking("By reason", "Refused records of the time range by reason.", REASONS, unit="short"),
    table("Newest rejections", "The newest 200 of the time range with what was wrong; `maint rejections show` prints the bytes.",
          NEWEST_REJECTIONS, column("time", unit="dateTimeAsIso", width=180), column("replayed at", unit="dateTimeAsIso", width=180),
          column("detail", width=420), column("length", unit="bytes"), *(column(name, unit="none") for name in ("partition", "offset"))),
)  # fmt: skip

HEALTH = (
    table("Jobs", "Now: recurring jobs of the platform and of TimescaleDB with their last run.", JOBS,
          column("ok", coded(OK), unit="none", width=80), column("duration_s", unit="s"),
          *(column(name, unit="dateTimeAsIso", width=180) for name in ("last_run", "last_success"))).sized(12, 8),
    table("Positions of the sink", "Now: next offset to read of each partition.", POSITIONS,
          *(column(name, unit="none") for name in ("partition", "next_offset"))).sized(12, 8),
    table("Set aside", "Records of our own topics that could not be written, with the cause; there should be none.", POISON,
          column("time", unit="dateTimeAsIso", width=180), column("bytes", unit="bytes"),
          *(column(name, unit="none") for name in ("partition", "offset"))).sized(24, 6),
)  # fmt: skip

BOARD = Board(
    uid="maintenance-pipeline",
    title="Pipeline",
    description="Readings and rows per second, latency, lag, outcomes, ledger balance, rejections by reason, jobs, positions.",
    refresh="30s",
    sections=(
        Section("Now", tuple(panel.sized(4, 4) for panel in NOW)),
        Section("Flow", FLOW),
        Section("Ledger", LEDGER),
        Section("Rejections", REJECTIONS),
        Section("Health", HEALTH),
    ),
)
